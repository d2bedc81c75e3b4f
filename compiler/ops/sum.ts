import { call } from '../../hw-models/work/build.ts';
import { variadicOp } from './kit/elementwise.ts';

/** Element-wise sum of any number of operands. */
export const sum = variadicOp('sum', {
  doc: 'The sum of the operands at each position, with broadcasting.',
  onnx: { type: 'Sum', attrs: ['consumed_inputs'] },
  fold: (a, b) => a + b,
  bigFold: (a, b) => a + b,
  point: (xs) => xs.reduce((a, b) => call('add', a, b)),
  examples: [
    { xs: ['f32[3] 3 0 2', 'f32[3] 1 3 4', 'f32[1] 2'], out: 'f32[3] 6 5 8' },
    { xs: ['f32[2] 1 2'], out: 'f32[2] 1 2' },
  ],
});
