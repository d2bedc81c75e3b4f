import { reduceOp } from './kit/reduce.ts';

/** Product over axes; integers wrap. */
export const reduceProd = reduceOp('reduce-prod', {
  doc: 'Product over axes; over nothing it is 1.',
  type: 'ReduceProd',
  fold: { start: () => 1, take: (product, x) => product * x },
  big: { start: () => 1n, take: (product, x) => BigInt.asIntN(64, product * x) },
  exactUpTo: 1,
  combine: 'mul',
  examples: [
    { x: 'f32[2,3] 1 2 3 4 5 6', axes: 'i64[1] 0', out: 'f32[1,3] 4 10 18' },
    { x: 'f32[2,0]', axes: 'i64[1] 1', out: 'f32[2,1] 1 1' },
    { x: 'i32[2] 65536 65536', out: 'i32[1] 0' },
  ],
});
