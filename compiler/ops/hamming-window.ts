import { windowFunctionOp } from './kit/window-function.ts';

/** The Hamming window, with the coefficients of the standard: 25/46 and 21/46. */
export const hammingWindow = windowFunctionOp('hamming-window', {
  type: 'HammingWindow',
  doc: 'A Hamming window of a given size.',
  terms: [25 / 46, 21 / 46, 0],
  examples: [
    { size: 'i32[] 4', out: 'f32[4] 0.08695652 0.5434783 1 0.5434783' },
    { size: 'i64[1] 3', attrs: { periodic: false, outputDatatype: 10 }, out: 'f16[3] 0.087 1 0.087' },
  ],
});
