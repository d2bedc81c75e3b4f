import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Square root, element by element; NaN below 0. */
export const sqrt = unaryOp('sqrt', {
  doc: 'Square root, element by element; NaN below 0.',
  onnx: { type: 'Sqrt', attrs: ['consumed_inputs'] },
  accepts: 'float',
  evaluate: (x) => Math.sqrt(x),
  point: (x) => call('sqrt', x),
  examples: [{ x: 'f32[4] 1 4 2 -1', out: 'f32[4] 1 2 1.4142135 nan' }],
});
