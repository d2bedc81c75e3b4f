import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';
import { softplusOf, softplusValue } from './kit/expressions.ts';

/** Self-regularised activation (Misra 2019, arXiv:1908.08681). */
export const mish = unaryOp('mish', {
  doc: 'x * tanh(ln(1 + e^x)), element by element.',
  onnx: { type: 'Mish', since: 18 },
  accepts: 'float',
  evaluate: (x) => x * Math.tanh(softplusValue(x)),
  point: (x) => call('mul', x, call('tanh', softplusOf(x))),
  examples: [{ x: 'f32[3] 0 1 -2', out: 'f32[3] 0 0.8650984 -0.2525015' }],
});
