import type { Work } from '../../hw-models/work/types.ts';
import type { OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { wantedOutputs } from './infer.ts';
import { absent, type Op, type TensorType, type ValueId } from './types.ts';

/**
 * The work of an op of a graph; `infoOf` tells the types of its operands, and the elements of those that are known.
 * `typesOut` gives the types of its outputs where they are known: a shape rule may have rested on values that are gone.
 * @throws NetloomError what `infer` and `work` throw, such as NL1107 where an index is only known at run time
 */
export function workOf(
  op: Op,
  registry: Pick<OpRegistry, 'of'>,
  infoOf: (id: ValueId) => OperandInfo,
  typesOut: readonly (TensorType | undefined)[] = [],
): Work {
  const def = registry.of(op);
  const infos = op.inputs.map((id) => (id === absent ? undefined : infoOf(id)));
  const context = { wanted: wantedOutputs(def, op), bodies: op.bodies ?? [] };
  // A work may keep an output that the graph leaves out as scratch, so that it is told the types of all of them.
  const known = typesOut.filter((type) => type !== undefined);
  const isWhole = known.length === typesOut.length && known.length >= def.outputs.length;
  const out = isWhole ? known : def.infer(infos, op.attrs, context);
  return def.work(infos, op.attrs, { ...context, out, registry });
}
