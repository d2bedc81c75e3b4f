import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';
import { sigmoidOf, sigmoidValue } from './kit/expressions.ts';

/** x times its sigmoid (Ramachandran et al. 2017, arXiv:1710.05941); SiLU when alpha is 1. */
export const swish = unaryOp('swish', {
  doc: 'x / (1 + e^(-alpha x)), element by element.',
  onnx: [
    { type: 'Swish', since: 24 },
    {
      type: 'QuickGelu',
      domains: ['com.microsoft'],
      attrs: ['alpha'],
      read: ({ attributes }) => ({ attrs: { alpha: attributes.float('alpha') ?? Math.fround(1.702) } }),
    },
  ],
  accepts: 'float',
  attrs: { alpha: float('slope inside the sigmoid', 1) },
  evaluate: (x, { alpha }) => x * sigmoidValue(alpha * x),
  point: (x, { alpha }) => call('mul', x, sigmoidOf(call('mul', alpha, x))),
  examples: [
    { x: 'f32[3] 0 1 -2', out: 'f32[3] 0 0.7310586 -0.23840584' },
    { x: 'f32[1] 1', attrs: { alpha: 2 }, out: 'f32[1] 0.8807971' },
  ],
});
