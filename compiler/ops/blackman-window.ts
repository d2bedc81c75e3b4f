import { windowFunctionOp } from './kit/window-function.ts';

/** The Blackman window: 0.42 - 0.5 cos(2 pi i / N) + 0.08 cos(4 pi i / N). */
export const blackmanWindow = windowFunctionOp('blackman-window', {
  type: 'BlackmanWindow',
  doc: 'A Blackman window of a given size.',
  terms: [0.42, 0.5, 0.08],
  examples: [
    { size: 'i32[] 4', out: 'f32[4] 0 0.34 1 0.34' },
    { size: 'i64[] 3', attrs: { periodic: false }, out: 'f32[3] 0 1 0' },
  ],
});
