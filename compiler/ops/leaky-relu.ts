import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Rectified linear unit with a small slope below 0. */
export const leakyRelu = unaryOp('leaky-relu', {
  doc: 'x where x >= 0, else alpha * x.',
  onnx: { type: 'LeakyRelu', attrs: ['consumed_inputs'] },
  attrs: { alpha: float('slope below 0', Math.fround(0.01)) },
  evaluate: (x, { alpha }) => (x < 0 ? alpha * x : x),
  point: (x, { alpha }) => call('select', call('lt', x, 0), call('mul', alpha, x), x),
  examples: [
    { x: 'f32[3] -1 0 1', attrs: { alpha: 0.1 }, out: 'f32[3] -0.1 0 1' },
    { x: 'f32[2] -100 nan', out: 'f32[2] -1 nan' },
  ],
});
