import type { NodeReader, ReadNode } from '../../onnx/node-reader.ts';

/**
 * Before opset 7 a second operand was only stretched when `broadcast` was set, and `axis` told where its first axis
 * lies in the first operand. The newest form broadcasts from the last axis, so the operand gets trailing ones.
 */
export function legacyBroadcast(node: NodeReader): ReadNode {
  const axis = node.attributes.int('axis');
  if (node.version >= 7 || !node.attributes.int('broadcast') || axis === undefined) return { attrs: {} };
  const [a, b] = node.inputs as [(typeof node.inputs)[0], (typeof node.inputs)[0]];
  const [rank, shape] = [node.info(a).shape.length, node.info(b).shape];
  const trailing = rank - (axis < 0 ? axis + rank : axis) - shape.length;
  if (trailing <= 0) return { attrs: {} };
  const target = [...shape, ...new Array<number>(trailing).fill(1)];
  return { attrs: {}, inputs: [a, node.emit('reshape', [b, node.wholes(target, 'shape')])] };
}
