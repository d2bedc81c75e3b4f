import type { Quantity } from '../src/base/quantity.ts';
import type { Machine } from './schema/machine.ts';
import type { NumberFormat, Work } from './work/types.ts';

/**
 * What a machine is asked: a network of tasks over tensors. A task is a Work; a tensor is what tasks hand to each
 * other. No graph and no op is seen here.
 */
export interface Network {
  readonly name: string;
  /** Inputs that are worked on at once; the works already cover all of them. */
  readonly batch: number;
  readonly tensors: readonly NetworkTensor[];
  /** In the order in which they run. */
  readonly tasks: readonly Task[];
}

export type TensorRole = 'input' | 'weight' | 'activation' | 'output';

export interface NetworkTensor {
  readonly name: string;
  readonly role: TensorRole;
  readonly format: NumberFormat;
  readonly shape: readonly number[];
  /** Bytes as stored, packed to whole bytes over the tensor. */
  readonly bytes: number;
  /** Index of the task that makes it; -1 when it is there from the start. */
  readonly from: number;
  /** Index of the last task that reads it; the number of tasks when it is a result of the network. */
  readonly until: number;
}

export interface Task {
  /** The ONNX node that the user knows it by. */
  readonly name: string;
  /** Kind of op: 'conv', 'fused' with the kinds of its parts joined by '+', ... */
  readonly kind: string;
  readonly work: Work;
  /** How often the work runs: trips of the loops that its body stands in. */
  readonly times: number;
  /** The tensor (index into the network's) behind each operand of the work; scratch and tables have none. */
  readonly tensors: Readonly<Record<string, number>>;
}

/** What limits a task. */
export const bounds = ['compute', 'memory', 'on-chip', 'overhead', 'stall', 'fill'] as const;
export type Bound = (typeof bounds)[number];

export interface Traffic {
  readonly read_bytes: number;
  readonly write_bytes: number;
}

/** What one task costs. Times are of all `times` runs together. */
export interface TaskCost {
  /** Where it runs: 'array', 'vector', 'simd', 'tensor-core', 'host', 'none' (a view: nothing moves), ... */
  readonly unit: string;
  /** Why it does not run on the machine itself, when the unit is 'host'. */
  readonly fallback?: string;
  readonly cycles: number;
  readonly latency_s: Quantity;
  readonly energy_j: Quantity;
  /** By component, in joules; they sum to the value of `energy_j`. */
  readonly energyBy: Readonly<Record<string, number>>;
  /** By memory of the machine. */
  readonly traffic: Readonly<Record<string, Traffic>>;
  /** Share of the unit's peak that is reached over the whole time, in 0..1; null where nothing is computed. */
  readonly utilisation: number | null;
  readonly bound: Bound;
  /** The times that compete or add up to the latency, in seconds: 'compute', a memory's name, 'overhead', 'fill', 'link'. */
  readonly times: Readonly<Record<string, number>>;
  /** Number format of the products (or of the elements where there are none). */
  readonly precision: string;
  /** Peak of the unit for this precision, in MACs (or scalar operations) a second. */
  readonly peak: number;
  /** How the work lies on the unit, in words: tiles, folds, waves. */
  readonly mapping?: string;
}

export interface MemoryUse {
  readonly name: string;
  readonly capacity_bytes: number;
  readonly peak_bytes: number;
  /** Name of the task at the peak. */
  readonly peak_at?: string;
  /** Tensors that did not fit and go to the next memory out. */
  readonly spills: readonly { readonly tensor: string; readonly bytes: number }[];
}

export interface Resources {
  readonly lut: number;
  readonly ff: number;
  readonly dsp: number;
  readonly bram36: number;
  readonly uram: number;
}

/** What a network costs. `tasks` is parallel to the network's. */
export interface NetworkCost {
  readonly tasks: readonly TaskCost[];
  /** From the first input to the last output of one batch. */
  readonly latency_s: Quantity;
  /** Between one input and the next, when they come without end. */
  readonly interval_s: Quantity;
  readonly energy_j: Quantity;
  /** By how much the tasks' times together exceed the latency, because they overlap (streaming designs); 0 in order. */
  readonly overlap_s: number;
  readonly utilisation: number | null;
  readonly bound: Bound;
  readonly memory: readonly MemoryUse[];
  readonly resources?: Resources;
  readonly area_mm2?: Quantity;
  /** False when the network cannot be placed on the machine; `misfit` says why, with the numbers. */
  readonly fits: boolean;
  readonly misfit?: string;
  /** Everything the figures take for granted, in whole sentences. */
  readonly assumptions: readonly string[];
}

/** Peak rates by precision and memory bandwidths: what a roofline is drawn from. */
export interface Roofs {
  /** MACs a second by number format. */
  readonly peaks: Readonly<Record<string, number>>;
  /** Bytes a second by memory, outermost first. */
  readonly bandwidths: Readonly<Record<string, number>>;
}

export interface PriceContext {
  /** The machine that takes over what this one cannot run. */
  readonly host?: Machine;
  /** Prices tasks on the host, task by task. */
  readonly onHost?: (tasks: Network) => NetworkCost;
}

/** Code that prices networks on the machines of one kind. */
export interface Family<M extends Machine = Machine> {
  readonly name: M['family'];
  readonly doc: string;
  price(network: Network, machine: M, context: PriceContext): NetworkCost;
  roofs(machine: M): Roofs;
  /** Precisions in which products run on the machine itself, fastest first. */
  precisions(machine: M): string[];
}
