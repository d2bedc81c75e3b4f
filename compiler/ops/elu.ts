import { float } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';
import { expMinusOne, positiveOr } from './kit/expressions.ts';

/** Exponential linear unit (Clevert et al. 2016, arXiv:1511.07289). */
export const elu = unaryOp('elu', {
  doc: 'x where x > 0, else alpha * (e^x - 1).',
  onnx: { type: 'Elu', attrs: ['consumed_inputs'] },
  accepts: 'float',
  attrs: { alpha: float('depth below 0', 1) },
  evaluate: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
  point: (x, { alpha }) => positiveOr(x, expMinusOne(x, alpha)),
  examples: [{ x: 'f32[3] -1 0 1', attrs: { alpha: 2 }, out: 'f32[3] -1.2642411 0 1' }],
});
