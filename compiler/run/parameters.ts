import { isConst, type Graph } from '../ir/types.ts';

/** Constants of whole numbers up to this many elements are shapes, axes and the like, not weights. */
const shapeConstant = 64;

/** Elements of the constant tensors of an imported model, with the small shape constants left out. */
export function countParameters(graph: Graph): number {
  let total = 0;
  for (const op of graph.ops) {
    if (!isConst(op)) continue;
    const value = graph.consts.get(op.outputs[0]!);
    if (!value) continue;
    const n = value.data.length;
    const isShape = (value.format.name === 'i64' || value.format.name === 'bool' || value.format.name === 'i32') && n <= shapeConstant;
    if (!isShape) total += n;
  }
  return total;
}
