import { absent, type Graph, type Op, type TensorType, type ValueId } from '../../ir/types.ts';
import { normalAxis } from '../../tensor/shape.ts';
import { scalarOf, type Tensor } from '../../tensor/tensor.ts';
import type { OpRegistry } from '../registry.ts';
import { turnsOf } from './turns.ts';

/** Greatest number of turns that is taken for a bound: exporters write the largest integer for "no limit". */
const mostTrips = 2 ** 31;

/** What `infer` and `tripsOf` know of an operand of a Loop. */
interface Known {
  readonly value?: Tensor | undefined;
}

export interface LoopTrips {
  /** Turns it takes, where that is known. */
  readonly trips: number | undefined;
  /** Turns it cannot exceed, where there is such a limit. */
  readonly most: number | undefined;
}

/** Turns of a Loop with operands (limit, condition, states and captured values), as far as they can be told. */
export function loopTrips(
  operands: readonly (Known | undefined)[],
  body: Graph,
  carried: number,
  registry?: Pick<OpRegistry, 'of'>,
): LoopTrips {
  const [limit, condition, ...rest] = operands;
  const count = numberIn(limit);
  const bound = count !== undefined && count < mostTrips ? Math.max(0, count) : undefined;
  const starts = condition ? numberIn(condition) : 1;
  const open = limit && count === undefined;
  const turns = turnsOf(
    {
      body,
      limit: bound,
      starts: starts === undefined ? undefined : starts !== 0,
      values: rest.map((o) => o?.value),
      carried,
    },
    registry,
  );
  // A limit that only a run knows may cut short what the condition alone would do.
  return { trips: open && turns !== 0 ? undefined : turns, most: bound };
}

const numberIn = (operand: Known | undefined): number | undefined =>
  operand?.value?.data.length === 1 ? scalarOf(operand.value) : undefined;

/**
 * How often an op runs its body, all sequences of a batch together: Loop, Scan; 1 for ops of other kinds. Undefined
 * where only a run knows. With the registry, conditions that are computed from constants are followed, too.
 */
export function tripsOf(op: Op, graph: Graph, registry?: Pick<OpRegistry, 'of'>): number | undefined {
  if (op.kind === 'loop') return ofLoop(op, graph, registry);
  const carried = Number(op.attrs.carried ?? 0);
  if (op.kind === 'scan')
    return sizesAt(typeOf(graph, op.inputs[carried]), [
      (op.attrs.scanInputAxes as readonly number[] | undefined)?.[0] ?? 0,
    ]);
  if (op.kind === 'batched-scan') return sizesAt(typeOf(graph, op.inputs[carried + 1]), [0, 1]);
  return 1;
}

const typeOf = (graph: Graph, id: ValueId | undefined): TensorType | undefined =>
  id === undefined ? undefined : graph.types.get(id);

const sizesAt = (type: TensorType | undefined, axes: readonly number[]): number | undefined =>
  !type || type.unknown ? undefined : axes.reduce((n, axis) => n * type.shape[normalAxis(axis, type.shape.length)]!, 1);

function ofLoop(op: Op, graph: Graph, registry: Pick<OpRegistry, 'of'> | undefined): number | undefined {
  const carried = Number(op.attrs.carried ?? 0);
  const operands = op.inputs.map((id): Known | undefined =>
    id === absent ? undefined : { value: graph.consts.get(id) },
  );
  const { trips } = loopTrips(operands, op.bodies![0]!, carried, registry);
  if (trips !== undefined) return trips;
  // Import knows more values than stand in the graph as constants; it has put what follows into the scan outputs.
  const stacked = typeOf(
    graph,
    op.outputs.slice(carried).find((id) => id !== absent),
  );
  return stacked && !stacked.unknown && !stacked.assumed ? stacked.shape[0] : undefined;
}
