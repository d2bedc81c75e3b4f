import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { quantisedUnary } from './kit/qlinear-ops.ts';

/** Leaky rectifier of quantised numbers, quantised again. */
export const qlinearLeakyRelu = quantisedUnary('qlinear-leaky-relu', {
  doc: 'x or, below 0, alpha * x of the numbers that codes stand for, as codes again.',
  type: 'QLinearLeakyRelu',
  attrs: { alpha: float('slope below 0', Math.fround(0.01)) },
  evaluate: (x, { alpha }) => (x < 0 ? alpha * x : x),
  point: (x, { alpha }) => call('select', call('lt', x, 0), call('mul', alpha, x), x),
  examples: [
    { x: 'i8[3] 10 -10 0', xScale: 'f32[] 1', scale: 'f32[] 0.5', attrs: { alpha: 0.1 }, out: 'i8[3] 20 -2 0' },
  ],
});
