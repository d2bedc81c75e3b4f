import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { binaryOp } from './kit/elementwise.ts';
import { sigmoidOf, sigmoidValue } from './kit/expressions.ts';

/** Gated linear unit with a Swish gate (Shazeer 2020, arXiv:2002.05202). */
export const swiglu = binaryOp('swiglu', {
  doc: 'swish(a) * b: a gates b.',
  onnx: { type: 'SwiGLU', since: 28 },
  accepts: 'float',
  attrs: { alpha: float('slope inside the sigmoid of the gate', 1) },
  evaluate: (a, b, { alpha }) => a * sigmoidValue(alpha * a) * b,
  point: (a, b, { alpha }) => call('mul', call('mul', a, sigmoidOf(call('mul', alpha, a))), b),
  examples: [
    { a: 'f32[3] 0 1 -2', b: 'f32[3] 5 2 -1', out: 'f32[3] 0 1.4621172 0.23840584' },
    { a: 'f32[1] 1', b: 'f32[1] 2', attrs: { alpha: 2 }, out: 'f32[1] 1.7615942' },
  ],
});
