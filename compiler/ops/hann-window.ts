import { windowFunctionOp } from './kit/window-function.ts';

/** The Hann window: sin^2(pi i / N). */
export const hannWindow = windowFunctionOp('hann-window', {
  type: 'HannWindow',
  doc: 'A Hann window (raised cosine) of a given size.',
  terms: [0.5, 0.5, 0],
  examples: [
    { size: 'i32[] 4', out: 'f32[4] 0 0.5 1 0.5' },
    { size: 'i64[] 5', attrs: { periodic: false, outputDatatype: 11 }, out: 'f64[5] 0 0.5 1 0.5 0' },
    { size: 'i64[] 0', out: 'f32[0]' },
  ],
});
