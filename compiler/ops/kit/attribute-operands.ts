import type { ValueId } from '../../ir/types.ts';
import type { NodeReader } from '../../onnx/node-reader.ts';
import { fromNumbers } from '../../tensor/tensor.ts';

/** A number given as an attribute as a constant scalar of the element type of `like`. */
export const scalarLike = (node: NodeReader, like: ValueId, value: number, hint: string): ValueId =>
  node.constant(fromNumbers(node.info(like).format, [], [value]), hint);

/** alpha * x + beta as ops before this one; steps that change nothing are left out. */
export function affineOf(node: NodeReader, x: ValueId, alpha: number, beta: number): ValueId {
  const scaled = alpha === 1 ? x : node.emit('mul', [x, scalarLike(node, x, alpha, 'alpha')]);
  return beta === 0 ? scaled : node.emit('add', [scaled, scalarLike(node, x, beta, 'beta')]);
}
