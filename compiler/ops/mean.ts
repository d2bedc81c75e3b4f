import { call } from '../../hw-models/work/build.ts';
import { variadicOp } from './kit/elementwise.ts';

/** Element-wise mean of any number of operands. */
export const mean = variadicOp('mean', {
  doc: 'The mean of the operands at each position, with broadcasting.',
  onnx: { type: 'Mean', attrs: ['consumed_inputs'] },
  fold: (a, b) => a + b,
  bigFold: (a, b) => a + b,
  finish: (total, count) => total / count,
  point: (xs) =>
    call(
      'div',
      xs.reduce((a, b) => call('add', a, b)),
      xs.length,
    ),
  examples: [
    { xs: ['f32[3] 3 0 2', 'f32[3] 1 3 4', 'f32[3] 2 6 6'], out: 'f32[3] 2 3 4' },
    { xs: ['f32[2] 1 2'], out: 'f32[2] 1 2' },
  ],
});
