import type { Network, NetworkTensor, Task, TensorRole } from '../../hw-models/contract.ts';
import { addCounts, bytesOf, countNest, countWork, flatten, macsOf } from '../../hw-models/work/count.ts';
import type { Operand, Work } from '../../hw-models/work/types.ts';
import {
  type Diagnostic,
  diagnostic,
  fail,
  isNetloomError,
  isOutOfMemory,
  NetloomError,
} from '../../src/base/diagnostics.ts';
import { f32 } from '../formats/index.ts';
import { workOf } from '../ir/work-of.ts';
import { absent, isConst, type Graph, type Op, type TensorType, type ValueId } from '../ir/types.ts';
import { operandNames, type OpDef, type OperandInfo } from '../ops/define.ts';
import { tripsOf } from '../ops/kit/trips.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { applyPrecision, storedFormat } from './apply-precision.ts';
import type { Precision } from './precision.ts';

/** What reports know of a task beside its price. */
export interface Layer {
  /** The ONNX node that leads it. */
  readonly name: string;
  readonly onnxNodes: readonly string[];
  readonly op: string;
  /** Sizes of the loops of its largest nest. */
  readonly loops: Readonly<Record<string, number>>;
  readonly macs: number;
  /** Elements of the constants it reads. */
  readonly parameters: number;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
}

export interface Plan {
  readonly network: Network;
  /** Parallel to the tasks of the network. */
  readonly layers: readonly Layer[];
  /** Which task feeds which, views included. */
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlanOptions {
  readonly precision: Precision;
  /** Inputs worked on at once, of which the graph's shapes already speak; 1 when absent. */
  readonly batch?: number;
  /** Trip counts of loops by node name, where the model does not say. */
  readonly trips?: Readonly<Record<string, number>>;
}

/**
 * The tasks and tensors that machines are asked to price: one task for every op that is left in the graph, bodies of
 * loops opened and counted by their trips.
 * @throws NetloomError NL1104 and NL1107 with every node whose cost cannot be told
 */
export function plan(graph: Graph, registry: OpRegistry, options: PlanOptions): Plan {
  const planner = new Planner(registry, options);
  planner.graph(graph);
  return planner.finish(graph.name);
}

interface OpenTensor {
  name: string;
  role: TensorRole;
  type: TensorType;
  from: number;
  until: number;
}

/** Where a value of the graph is found: its tensor, and the task that gave it this name (-1: none). */
interface Place {
  readonly tensor: number;
  readonly maker: number;
}

type Places = Map<ValueId, Place>;

class Planner {
  readonly #registry: OpRegistry;
  readonly #options: PlanOptions;
  readonly #tensors: OpenTensor[] = [];
  readonly #tasks: Task[] = [];
  readonly #layers: Layer[] = [];
  readonly #edges: [number, number][] = [];
  readonly #problems: Diagnostic[] = [];
  readonly #notes: Diagnostic[] = [];

  constructor(registry: OpRegistry, options: PlanOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  graph(graph: Graph): void {
    const at: Places = new Map();
    for (const id of graph.inputs)
      at.set(id, { tensor: this.#tensor(id, 'input', graph.types.get(id)!, -1), maker: -1 });
    this.#ops(graph, at, 1);
    for (const id of graph.outputs) {
      const tensor = this.#tensors[at.get(id)!.tensor]!;
      tensor.until = Infinity;
      if (tensor.role === 'activation') tensor.role = 'output';
    }
  }

  finish(name: string): Plan {
    if (this.#problems.length > 0) throw new NetloomError(this.#problems);
    const last = this.#tasks.length;
    const tensors = this.#tensors.map((t): NetworkTensor => {
      const format = storedFormat(t.type.format, t.role === 'weight', this.#options.precision);
      return {
        name: t.name,
        role: t.role,
        format,
        shape: t.type.shape,
        bytes: bytesOf({ shape: t.type.shape, format }),
        from: t.from,
        until: Math.min(t.until, last),
      };
    });
    return {
      network: { name, batch: this.#options.batch ?? 1, tensors, tasks: this.#tasks },
      layers: this.#layers,
      edges: this.#edges,
      diagnostics: this.#notes,
    };
  }

  #tensor(name: string, role: TensorRole, type: TensorType, from: number): number {
    return this.#tensors.push({ name, role, type, from, until: from }) - 1;
  }

  #ops(graph: Graph, at: Places, times: number): void {
    const weights = new Set<ValueId>();
    for (const op of graph.ops) {
      if (isConst(op)) {
        const id = op.outputs[0]!;
        weights.add(id);
        at.set(id, { tensor: this.#tensor(id, 'weight', graph.types.get(id)!, -1), maker: -1 });
      } else if (!op.bodies?.length || op.kind === 'fused') this.#op(graph, op, at, weights, times);
      else if (this.#registry.of(op).isPriced) {
        // An op with work of its own that also runs bodies on whole tensors (attention with a score function).
        this.#op(graph, op, at, weights, times);
        this.#open(op.bodies, op, at, times);
      } else this.#bodies(graph, op, at, times);
    }
  }

  /** The ops of bodies as tasks. Formals and captured values are slices or copies of outer tensors; here they are tensors of their own. */
  #open(bodies: readonly Graph[], op: Op, at: Places, times: number): void {
    const index = this.#tasks.length;
    const first = op.inputs.find((id) => id !== absent);
    const maker = first === undefined ? -1 : at.get(first)!.maker;
    for (const body of bodies) {
      const inner: Places = new Map();
      for (const id of body.inputs)
        inner.set(id, { tensor: this.#tensor(id, 'activation', body.types.get(id)!, index), maker });
      this.#ops(body, inner, times);
    }
  }

  #op(graph: Graph, op: Op, at: Places, weights: ReadonlySet<ValueId>, times: number): void {
    const def = this.#registry.of(op);
    const infos = op.inputs.map((id) => (id === absent ? undefined : infoOf(graph, id)));
    const types = op.outputs.map((id) => (id === absent ? undefined : graph.types.get(id)!));
    if ([...infos, ...types].some((t) => t?.unknown)) return this.#unknown(op, at);
    const work = located(op, () => workOf(op, this.#registry, (id) => infoOf(graph, id), types));
    const index = this.#tasks.length;
    const tensors: Record<string, number> = {};
    for (const [name, id] of operandNames(def.operands, op.inputs))
      if (work.operands[name]) tensors[name] = at.get(id)!.tensor;
    this.#connect(op, at, index);
    const isNothing = work.steps.length === 0;
    // A view, or a conversion to the format the operand is stored in anyway, is the operand itself.
    const source =
      isNothing || this.#isConversion(def, infos, types)
        ? at.get(op.inputs.find((id) => id !== absent) ?? absent)?.tensor
        : undefined;
    for (const [name, id] of operandNames(def.outputs, op.outputs)) {
      const t = source ?? this.#tensor(id, 'activation', graph.types.get(id)!, index);
      at.set(id, { tensor: t, maker: index });
      if (work.operands[name]) tensors[name] = t;
    }
    const priced =
      source !== undefined && !isNothing
        ? { operands: work.operands, steps: [] }
        : applyPrecision(withWeightRoles(work, def, op, weights), this.#options.precision);
    this.#push(op, priced, work, tensors, times, infos, types);
  }

  /** Quantising and dequantising where the precision stores both sides alike: the scale goes into the kernel beside it. */
  #isConversion(
    def: OpDef,
    infos: readonly (OperandInfo | undefined)[],
    types: readonly (TensorType | undefined)[],
  ): boolean {
    const [x, y] = [infos[0], types[0]];
    if (!converters.has(def.kind) || !x || !y || this.#options.precision.activations === undefined) return false;
    const [from, to] = [
      storedFormat(x.format, x.value !== undefined, this.#options.precision),
      storedFormat(y.format, x.value !== undefined, this.#options.precision),
    ];
    return from.kind === to.kind && from.bits === to.bits;
  }

  #push(
    op: Op,
    priced: Work,
    plain: Work,
    tensors: Readonly<Record<string, number>>,
    times: number,
    infos: readonly (OperandInfo | undefined)[],
    types: readonly (TensorType | undefined)[],
  ): void {
    const head = op.origins[0]!;
    this.#tasks.push({ name: head.node, kind: kindOf(op), work: priced, times, tensors });
    this.#layers.push({
      name: head.node,
      onnxNodes: [...new Set(op.origins.map((o) => o.node))],
      op:
        op.kind === 'fused'
          ? op.origins
              .map((o) => o.op)
              .filter((o, i, all) => all.indexOf(o) === i)
              .join('+')
          : head.op,
      loops: mainLoops(plain),
      macs: macsOf(plain) * times,
      parameters: infos.reduce((n, i) => n + (i?.value ? i.value.data.length : 0), 0),
      inputs: infos.flatMap((i) => (i && !i.value ? [i.shape] : [])),
      outputs: types.flatMap((t) => (t ? [t.shape] : [])),
    });
  }

  /** Notes what a task reads: how long tensors live, and which tasks feed it. */
  #connect(op: Op, at: Places, task: number): void {
    const makers = new Set<number>();
    for (const id of op.inputs) {
      if (id === absent) continue;
      const { tensor, maker } = at.get(id)!;
      const t = this.#tensors[tensor]!;
      t.until = Math.max(t.until, task);
      if (maker >= 0 && maker !== task) makers.add(maker);
    }
    for (const maker of [...makers].sort((a, b) => a - b)) this.#edges.push([maker, task]);
  }

  #unknown(op: Op, at: Places): void {
    const origin = op.origins[0]!;
    this.#problems.push(
      diagnostic('error', 'NL1107', {
        message: `the cost of "${origin.node}" cannot be told: its shape is only known at run time`,
        at: { node: origin.node, op: origin.op },
        cause: 'a size is computed from the input data',
        fix: 'fix the value in the exporter, or give the input shape with --shape',
      }),
    );
    for (const id of op.outputs)
      if (id !== absent)
        at.set(id, {
          tensor: this.#tensor(id, 'activation', { format: f32, shape: [] }, this.#tasks.length),
          maker: -1,
        });
  }

  /** Loop and Scan: the body by its trips. If: the branch with more to do. */
  #bodies(graph: Graph, op: Op, at: Places, times: number): void {
    const origin = op.origins[0]!;
    const index = this.#tasks.length;
    this.#connect(op, at, index);
    let bodies = op.bodies!;
    let trips = 1;
    if (op.kind === 'if') {
      const costs = bodies.map((b) => operationsOf(b, this.#registry));
      bodies = [bodies[costs.indexOf(Math.max(...costs))]!];
      this.#notes.push(
        diagnostic('note', 'NL4103', {
          message: `which branch of "${origin.node}" runs is known only at run time`,
          at: { node: origin.node, op: origin.op },
          cause: 'its condition is computed from the input',
          fix: 'the branch with more operations is priced',
        }),
      );
    } else {
      const known = this.#options.trips?.[origin.node] ?? tripsOf(op, graph, this.#registry);
      if (known === undefined) {
        this.#problems.push(
          diagnostic('error', 'NL1104', {
            message: `how often "${origin.node}" runs its body is not known`,
            at: { node: origin.node, op: origin.op },
            cause: 'its trip count or its condition is computed at run time',
            fix: `say it: --trips ${origin.node}=<n>`,
          }),
        );
      } else trips = known;
    }
    this.#open(bodies, op, at, times * trips);
    for (const id of op.outputs)
      if (id !== absent)
        at.set(id, {
          tensor: this.#tensor(id, 'activation', graph.types.get(id)!, Math.max(index, this.#tasks.length - 1)),
          maker: this.#tasks.length - 1,
        });
  }
}

/** Runs a step for an op, and gives what it throws the place of the node. @throws NetloomError NL1002 for sizes beyond memory */
function located<T>(op: Op, step: () => T): T {
  const { node, op: type } = op.origins[0]!;
  const at = { node, op: type };
  try {
    return step();
  } catch (e) {
    if (isNetloomError(e))
      throw new NetloomError(e.diagnostics.map((d) => (d.locations.length > 0 ? d : { ...d, locations: [at] })));
    if (!isOutOfMemory(e)) throw e;
    return fail('NL1002', {
      message: `${type} needs more memory than there is`,
      at,
      cause: 'a size in the model is beyond what a machine holds',
      fix: 'correct the sizes in the model, or the shapes given for its inputs',
    });
  }
}

const converters = new Set([
  'quantize-linear',
  'dequantize-linear',
  'dynamic-quantize-linear',
  'cast',
  'cast-like',
  'quant',
  'bipolar-quant',
  'trunc-quant',
  'requant-shift',
]);

const infoOf = (graph: Graph, id: ValueId): OperandInfo => {
  const value = graph.consts.get(id);
  return value ? { ...graph.types.get(id)!, value } : graph.types.get(id)!;
};

/** Operands whose values come from constants of the model are weights, whatever the op took them for. */
function withWeightRoles(work: Work, def: OpDef, op: Op, weights: ReadonlySet<ValueId>): Work {
  const operands: Record<string, Operand> = { ...work.operands };
  for (const [name, id] of operandNames(def.operands, op.inputs)) {
    const o = operands[name];
    if (o && (o.role === 'input' || o.role === 'weight'))
      operands[name] = { ...o, role: weights.has(id) ? 'weight' : 'input' };
  }
  return { ...work, operands };
}

const kindOf = (op: Op): string =>
  op.kind === 'fused'
    ? (op.bodies?.[0]?.ops
        .filter((o) => !isConst(o))
        .map((o) => o.kind)
        .join('+') ?? op.kind)
    : op.kind;

/** Loops of the nest with the most points. */
function mainLoops(work: Work): Record<string, number> {
  let best: Record<string, number> = {};
  let most = -1;
  for (const { step, times } of flatten(work.steps)) {
    if (step.kind !== 'nest') continue;
    const points = step.loops.reduce((n, l) => n * l.size, times) * (countNest(step, work.operands).mac ? 2 : 1);
    if (points <= most) continue;
    most = points;
    best = Object.fromEntries(step.loops.map((l) => [l.name, l.size]));
  }
  return best;
}

/** Scalar operations of a closed body, its own bodies once each: enough to tell the larger of two branches. */
function operationsOf(graph: Graph, registry: OpRegistry): number {
  let total = 0;
  for (const op of graph.ops) {
    if (isConst(op)) continue;
    if (op.bodies?.length && op.kind !== 'fused') {
      total += op.bodies.reduce((n, b) => n + operationsOf(b, registry), 0);
      continue;
    }
    const types = [...op.inputs, ...op.outputs].filter((id) => id !== absent).map((id) => graph.types.get(id)!);
    if (types.some((t) => t.unknown)) continue;
    const work = workOf(op, registry, (id) => infoOf(graph, id));
    total += Object.values(addCounts({}, countWork(work))).reduce((n, c) => n + c, 0);
  }
  return total;
}
