import { call } from '../../hw-models/work/build.ts';
import { variadicOp } from './kit/elementwise.ts';

/** Element-wise greatest of any number of operands. NaN wins. */
export const max = variadicOp('max', {
  doc: 'The greatest of the operands at each position, with broadcasting.',
  onnx: { type: 'Max', attrs: ['consumed_inputs'] },
  fold: Math.max,
  bigFold: (a, b) => (b > a ? b : a),
  point: (xs) => xs.reduce((a, b) => call('max', a, b)),
  examples: [
    { xs: ['f32[3] 3 2 1', 'f32[3] 1 4 4', 'f32[] 2'], out: 'f32[3] 3 4 4' },
    { xs: ['u8[2] 200 1', 'u8[2,1] 5 250'], out: 'u8[2,2] 200 5 250 250' },
  ],
});
