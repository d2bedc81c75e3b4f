import { argOp } from './kit/arg.ts';

/** Position of the least element along an axis. */
export const argMin = argOp('arg-min', {
  doc: 'Position of the least element along an axis; the first of equal ones unless the last is asked for.',
  type: 'ArgMin',
  find: 'min',
  examples: [
    { x: 'f32[2,2] 2 1 3 10', attrs: { axis: 1 }, out: 'i64[2,1] 1 0' },
    { x: 'i32[3,2] 5 1 5 0 5 0', attrs: { selectLastIndex: true, keepdims: false }, out: 'i64[2] 2 2' },
  ],
});
