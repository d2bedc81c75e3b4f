import { call } from '../../hw-models/work/build.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { fromNumbers } from '../tensor/tensor.ts';
import { scalarLike } from './kit/attribute-operands.ts';
import { binaryOp } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Experimental operator of the first opsets: alpha * x + beta. */
function affine(node: NodeReader): ReadNode {
  const x = node.inputs[0]!;
  const scaled = node.emit('mul', [x, scalarLike(node, x, node.attributes.float('alpha') ?? 1, 'alpha')]);
  return { inputs: [scaled, scalarLike(node, x, node.attributes.float('beta') ?? 0, 'beta')], attrs: {} };
}

/** Experimental operator of the first opsets: scale * x + bias[channel] for images [N, C, H, W]. */
function imageScaler(node: NodeReader): ReadNode {
  const x = node.inputs[0]!;
  const scaled = node.emit('mul', [x, scalarLike(node, x, node.attributes.float('scale') ?? 1, 'scale')]);
  const bias = node.attributes.floats('bias') ?? [0];
  const perChannel = fromNumbers(node.info(x).format, [1, bias.length, 1, 1], bias);
  return { inputs: [scaled, node.constant(perChannel, 'bias')], attrs: {} };
}

/** Element-wise sum; integers wrap. */
export const add = binaryOp('add', {
  doc: 'a + b with broadcasting.',
  onnx: [
    { type: 'Add', attrs: ['axis', 'broadcast', 'consumed_inputs'], read: legacyBroadcast },
    { type: 'Affine', until: 9, attrs: ['alpha', 'beta'], read: affine },
    { type: 'ImageScaler', until: 9, attrs: ['scale', 'bias'], read: imageScaler },
  ],
  evaluate: (a, b) => a + b,
  big: (a, b) => a + b,
  point: (a, b) => call('add', a, b),
  examples: [
    { a: 'f32[2,3] 1 2 3 4 5 6', b: 'f32[3] 10 20 30', out: 'f32[2,3] 11 22 33 14 25 36' },
    { a: 'u8[2] 250 1', b: 'u8[2] 10 1', out: 'u8[2] 4 2' },
    { a: 'f32[2,1,3] ~1', b: 'f32[4,1] ~2' },
    { a: 'f32[0,3]', b: 'f32[3] 1 2 3', out: 'f32[0,3]' },
    { a: 'i64[1] 4503599627370497', b: 'i64[] 2', out: 'i64[1] 4503599627370499' },
  ],
});
