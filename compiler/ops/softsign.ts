import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** x / (1 + |x|), element by element. */
export const softsign = unaryOp('softsign', {
  doc: 'x / (1 + |x|), element by element.',
  onnx: { type: 'Softsign' },
  accepts: 'float',
  evaluate: (x) => x / (1 + Math.abs(x)),
  point: (x) => call('div', x, call('add', 1, call('abs', x))),
  examples: [{ x: 'f32[3] 0 1 -3', out: 'f32[3] 0 0.5 -0.75' }],
});
