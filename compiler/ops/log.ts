import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Natural logarithm, element by element; NaN below 0. */
export const log = unaryOp('log', {
  doc: 'Natural logarithm, element by element; NaN below 0.',
  onnx: { type: 'Log', attrs: ['consumed_inputs'] },
  accepts: 'float',
  evaluate: (x) => Math.log(x),
  point: (x) => call('log', x),
  examples: [{ x: 'f32[4] 1 10 0 -1', out: 'f32[4] 0 2.3025851 -inf nan' }],
});
