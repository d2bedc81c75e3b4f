import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';
import { expMinusOne, positiveOr } from './kit/expressions.ts';

/** Continuously differentiable exponential linear unit (Barron 2017, arXiv:1704.07483). */
export const celu = unaryOp('celu', {
  doc: 'x where x > 0, else alpha * (e^(x / alpha) - 1).',
  onnx: { type: 'Celu', since: 12 },
  accepts: 'float',
  attrs: { alpha: float('depth below 0', 1) },
  evaluate: (x, { alpha }) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha)),
  point: (x, { alpha }) =>
    alpha > 0
      ? positiveOr(x, expMinusOne(call('div', x, alpha), alpha))
      : call('add', call('max', x, 0), call('min', expMinusOne(call('div', x, alpha), alpha), 0)),
  examples: [{ x: 'f32[3] -1 0 1', attrs: { alpha: 2 }, out: 'f32[3] -0.7869387 0 1' }],
});
