import { argOp } from './kit/arg.ts';

/** Position of the greatest element along an axis. */
export const argMax = argOp('arg-max', {
  doc: 'Position of the greatest element along an axis; the first of equal ones unless the last is asked for.',
  type: 'ArgMax',
  find: 'max',
  examples: [
    { x: 'f32[2,2] 2 1 3 10', attrs: { axis: 1 }, out: 'i64[2,1] 0 1' },
    { x: 'f32[2,2] 2 2 3 10', attrs: { axis: -1, keepdims: false, selectLastIndex: true }, out: 'i64[2] 1 1' },
    { x: 'i8[3,4,2] ~3', attrs: { axis: 1 } },
    { x: 'f32[4] 1 nan 3 nan', out: 'i64[1] 1' },
  ],
});
