import type { Machine } from '../schema/machine.ts';
import type { Contraction } from '../work/contraction.ts';
import type { OpCounts, Operand } from '../work/types.ts';

/** How one step of a work runs on a compute unit. Times and counts are of one run of the step. */
export interface Placement {
  /** 'array', 'tensor-core', 'simd', 'vector', ... */
  readonly unit: string;
  /** Number format in which the unit computes. */
  readonly format: string;
  /** MACs, or scalar operations where the step is no sum of products. */
  readonly work: number;
  /** Of the unit in this format, a second. */
  readonly peak: number;
  /** Time of the arithmetic at the unit's utilisation, without fill. */
  readonly seconds: number;
  /** Time in which the unit fills, drains or waits for a stationary tile. */
  readonly fill: number;
  /** Instructions issued, where the machine pays for them. */
  readonly instructions: number;
  /** How the loops lie on the unit, in words. */
  readonly mapping?: string;
  /** Elements that the unit asks of its nearest memory, when it reuses some in place; the operands' footprints otherwise. */
  readonly demand?: { readonly streamed: number; readonly stationary: number; readonly result: number };
}

/** What a family of in-order machines knows: how long its units take. Memory, energy and the network are shared code. */
export interface Engine<M extends Machine> {
  /**
   * The ways to run a product that no other beats in both time and demand on the memories; the one that makes the task
   * shortest is taken. Empty when no unit of the machine can compute with these formats.
   */
  product(machine: M, contraction: Contraction, operands: Readonly<Record<string, Operand>>): readonly Placement[];
  /** Scalar operations on elements of a format; undefined when the machine has no unit for them. */
  scalars(machine: M, counts: OpCounts, format: Operand['format'], elements: number): Placement | undefined;
  /** What a machine of this kind takes for granted, in whole sentences. */
  readonly assumptions: (machine: M) => readonly string[];
}

/** Of several placements, those that no other beats in both time and demand. Placements without a demand are kept. */
export function undominated(options: readonly Placement[]): Placement[] {
  const beats = (a: Placement, b: Placement): boolean =>
    a.unit === b.unit &&
    a.demand !== undefined &&
    b.demand !== undefined &&
    a.seconds + a.fill <= b.seconds + b.fill &&
    a.demand.streamed <= b.demand.streamed &&
    a.demand.stationary <= b.demand.stationary &&
    a.demand.result <= b.demand.result;
  const kept: Placement[] = [];
  for (const option of [...options].sort((a, b) => a.seconds + a.fill - (b.seconds + b.fill)))
    if (!kept.some((k) => beats(k, option))) kept.push(option);
  return kept;
}
