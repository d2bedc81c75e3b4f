import { reduceOp } from './kit/reduce.ts';

/** Sum over axes; integers wrap. */
export const reduceSum = reduceOp('reduce-sum', {
  doc: 'Sum over axes; over nothing it is 0.',
  type: 'ReduceSum',
  fold: { start: () => 0, take: (sum, x) => sum + x },
  big: { start: () => 0n, take: (sum, x) => sum + x },
  exactUpTo: 2 ** 20,
  combine: 'add',
  examples: [
    { x: 'f32[2,3] 1 2 3 4 5 6', axes: 'i64[1] -1', out: 'f32[2,1] 6 15' },
    { x: 'f32[2,3] 1 2 3 4 5 6', attrs: { keepdims: false }, out: 'f32[] 21' },
    { x: 'f32[2,3,2] ~1', axes: 'i64[2] 0 2', attrs: { keepdims: false } },
    { x: 'f32[2] 1 2', axes: 'i64[0]', attrs: { noopWithEmptyAxes: true }, out: 'f32[2] 1 2' },
    { x: 'f32[2,0,2]', axes: 'i64[1] 1', out: 'f32[2,1,2] 0 0 0 0' },
    { x: 'i64[2] 4503599627370497 -1', out: 'i64[1] 4503599627370496' },
  ],
});
