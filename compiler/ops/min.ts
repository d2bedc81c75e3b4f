import { call } from '../../hw-models/work/build.ts';
import { variadicOp } from './kit/elementwise.ts';

/** Element-wise least of any number of operands. NaN wins. */
export const min = variadicOp('min', {
  doc: 'The least of the operands at each position, with broadcasting.',
  onnx: { type: 'Min', attrs: ['consumed_inputs'] },
  fold: Math.min,
  bigFold: (a, b) => (b < a ? b : a),
  point: (xs) => xs.reduce((a, b) => call('min', a, b)),
  examples: [
    { xs: ['f32[3] 3 2 1', 'f32[3] 1 4 4', 'f32[] 2'], out: 'f32[3] 1 2 1' },
    { xs: ['i64[2] 9007199254740993 1', 'i64[1] 5'], out: 'i64[2] 5 1' },
    { xs: ['f32[2] nan 1'], out: 'f32[2] nan 1' },
  ],
});
