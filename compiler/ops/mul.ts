import { call } from '../../hw-models/work/build.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { scalarLike } from './kit/attribute-operands.ts';
import { binaryOp } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Experimental operators of the first opsets: alpha * f(beta * x). */
const scaled =
  (kind: string) =>
  (node: NodeReader): ReadNode => {
    const x = node.inputs[0]!;
    const inner = node.emit('mul', [x, scalarLike(node, x, node.attributes.float('beta') ?? 1, 'beta')]);
    const alpha = scalarLike(node, x, node.attributes.float('alpha') ?? 1, 'alpha');
    return { inputs: [node.emit(kind, [inner]), alpha], attrs: {} };
  };

/** Element-wise product; integers wrap. */
export const mul = binaryOp('mul', {
  doc: 'a * b with broadcasting.',
  onnx: [
    { type: 'Mul', attrs: ['axis', 'broadcast', 'consumed_inputs'], read: legacyBroadcast },
    { type: 'ScaledTanh', until: 9, attrs: ['alpha', 'beta'], read: scaled('tanh') },
    { type: 'ParametricSoftplus', until: 9, attrs: ['alpha', 'beta'], read: scaled('softplus') },
  ],
  // The low 32 bits of a product of 32-bit integers are beyond what a double holds.
  evaluate: (a, b, _, format) => (format.kind === 'int' && format.bits > 26 ? Math.imul(a, b) : a * b),
  big: (a, b) => a * b,
  point: (a, b) => call('mul', a, b),
  examples: [
    { a: 'f32[3] 1 2 3', b: 'f32[1] 0.5', out: 'f32[3] 0.5 1 1.5' },
    { a: 'i8[2] 100 -3', b: 'i8[2] 2 4', out: 'i8[2] -56 -12' },
    { a: 'i64[1] 3037000501', b: 'i64[1] 3', out: 'i64[1] 9111001503' },
  ],
});
