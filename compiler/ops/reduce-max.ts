import { bool } from '../formats/index.ts';
import { reduceOp } from './kit/reduce.ts';

/** Greatest element over axes. NaN wins. */
export const reduceMax = reduceOp('reduce-max', {
  doc: 'Greatest element over axes; over nothing the least value of the element type.',
  type: 'ReduceMax',
  fold: {
    start: (format) => (format === bool ? 0 : format.kind === 'float' ? -Infinity : format.min),
    take: (max, x) => (x > max || Number.isNaN(x) ? x : max),
  },
  big: { start: (format) => (format.signed ? -(2n ** 63n) : 0n), take: (max, x) => (x > max ? x : max) },
  combine: 'max',
  examples: [
    { x: 'f32[2,3] 1 5 3 -4 -5 -6', axes: 'i64[1] 1', out: 'f32[2,1] 5 -4' },
    { x: 'i8[2,2] -128 -1 3 4', axes: 'i64[1] 0', attrs: { keepdims: false }, out: 'i8[2] 3 4' },
    { x: 'f32[2,0]', axes: 'i64[1] 1', attrs: { keepdims: false }, out: 'f32[2] -inf -inf' },
    { x: 'bool[2,2] 0 1 0 0', axes: 'i64[1] 1', attrs: { keepdims: false }, out: 'bool[2] 1 0' },
  ],
});
