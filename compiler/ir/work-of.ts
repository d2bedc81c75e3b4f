import type { Work } from '../../hw-models/work/types.ts';
import type { OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { wantedOutputs } from './infer.ts';
import { absent, type Op, type ValueId } from './types.ts';

/**
 * The work of an op of a graph; `infoOf` tells the types of its operands, and the elements of those that are known.
 * @throws NetloomError what `infer` and `work` throw, such as NL1107 where an index is only known at run time
 */
export function workOf(op: Op, registry: Pick<OpRegistry, 'of'>, infoOf: (id: ValueId) => OperandInfo): Work {
  const def = registry.of(op);
  const infos = op.inputs.map((id) => (id === absent ? undefined : infoOf(id)));
  const context = { wanted: wantedOutputs(def, op), bodies: op.bodies ?? [] };
  // A work may keep an output that the graph leaves out as scratch, so that it is told the types of all of them.
  return def.work(infos, op.attrs, { ...context, out: def.infer(infos, op.attrs, context), registry });
}
