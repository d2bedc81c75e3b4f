import { absent, type Graph, type Op, type ValueId } from '../../ir/types.ts';
import { scalarOf } from '../../tensor/tensor.ts';

/** How often a Loop or Scan runs its body, where the model tells; undefined where only a run does. */
export function tripsOf(op: Op, graph: Graph): number | undefined {
  if (op.kind === 'scan') return scanTrips(op, graph);
  if (op.kind !== 'loop') return 1;
  const [count, condition] = op.inputs;
  const limit = constantIn(graph, count);
  if (limit === undefined) return undefined;
  const first = condition === undefined || condition === absent ? 1 : constantIn(graph, condition);
  if (first === 0) return 0;
  return first !== undefined && staysTrue(op.bodies![0]!) ? Math.max(0, limit) : undefined;
}

function constantIn(graph: Graph, id: ValueId | undefined): number | undefined {
  const value = id === undefined ? undefined : graph.consts.get(id);
  return value && value.data.length === 1 ? Number(scalarOf(value)) : undefined;
}

/** The condition that a Loop's body hands on is the one it got, or a constant true. */
function staysTrue(body: Graph): boolean {
  let id = body.outputs[0];
  for (;;) {
    if (id === undefined) return false;
    if (id === body.inputs[1]) return true;
    const value = constantIn(body, id);
    if (value !== undefined) return value !== 0;
    const maker = body.ops.find((o) => o.outputs[0] === id);
    if (maker?.kind !== 'identity' && maker?.kind !== 'cast') return false;
    id = maker.inputs[0];
  }
}

/** The length of the scanned axis of the first scanned input. */
function scanTrips(op: Op, graph: Graph): number | undefined {
  const scanned = Number(op.attrs.numScanInputs ?? 0);
  const formals = op.bodies![0]!.inputs.length;
  const first = op.inputs.slice(0, formals).at(-scanned);
  const type = first === undefined ? undefined : graph.types.get(first);
  if (!type || type.unknown || scanned < 1) return undefined;
  const axes = op.attrs.scanInputAxes as readonly number[] | undefined;
  const axis = axes?.[0] ?? 0;
  return type.shape[axis < 0 ? axis + type.shape.length : axis];
}
