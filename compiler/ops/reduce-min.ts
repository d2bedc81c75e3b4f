import { bool } from '../formats/index.ts';
import { reduceOp } from './kit/reduce.ts';

/** Least element over axes. NaN wins. */
export const reduceMin = reduceOp('reduce-min', {
  doc: 'Least element over axes; over nothing the greatest value of the element type.',
  type: 'ReduceMin',
  fold: {
    start: (format) => (format === bool ? 1 : format.kind === 'float' ? Infinity : format.max),
    take: (min, x) => (x < min || Number.isNaN(x) ? x : min),
  },
  big: { start: (format) => (format.signed ? 2n ** 63n - 1n : 2n ** 64n - 1n), take: (min, x) => (x < min ? x : min) },
  combine: 'min',
  examples: [
    { x: 'f32[2,3] 1 5 3 -4 -5 -6', axes: 'i64[1] 1', out: 'f32[2,1] 1 -6' },
    { x: 'u8[2,2] 200 1 3 4', axes: 'i64[1] 0', attrs: { keepdims: false }, out: 'u8[2] 3 1' },
    { x: 'bool[2,2] 0 1 1 1', axes: 'i64[1] 1', attrs: { keepdims: false }, out: 'bool[2] 0 1' },
  ],
});
