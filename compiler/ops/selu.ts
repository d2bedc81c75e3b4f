import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';
import { expMinusOne, positiveOr } from './kit/expressions.ts';

const alphaNow = 1.67326319217681884765625;
const gammaNow = 1.05070102214813232421875;

/** Scaled exponential linear unit (Klambauer et al. 2017, arXiv:1706.02515). */
export const selu = unaryOp('selu', {
  doc: 'gamma * x where x > 0, else gamma * alpha * (e^x - 1).',
  onnx: {
    type: 'Selu',
    attrs: ['alpha', 'gamma', 'consumed_inputs'],
    // Opset 1 had its defaults with four decimals.
    read: ({ attributes, version }) => ({
      attrs: {
        alpha: attributes.float('alpha') ?? (version < 6 ? Math.fround(1.6732) : alphaNow),
        gamma: attributes.float('gamma') ?? (version < 6 ? Math.fround(1.0507) : gammaNow),
      },
    }),
  },
  accepts: 'float',
  attrs: { alpha: float('depth below 0', alphaNow), gamma: float('scale of all', gammaNow) },
  evaluate: (x, { alpha, gamma }) => gamma * (x > 0 ? x : alpha * Math.expm1(x)),
  point: (x, { alpha, gamma }) => call('mul', gamma, positiveOr(x, expMinusOne(x, alpha))),
  examples: [
    { x: 'f32[3] -1 0 1', attrs: { alpha: 2, gamma: 3 }, out: 'f32[3] -3.7927234 0 3' },
    { x: 'f32[2] -1 1', out: 'f32[2] -1.1113307 1.050701' },
  ],
});
