import { call } from '../../hw-models/work/build.ts';
import { reduceOp } from './kit/reduce.ts';

/** Sum of absolute values over axes. */
export const reduceL1 = reduceOp('reduce-l1', {
  doc: 'Sum of absolute values over axes.',
  type: 'ReduceL1',
  fold: { start: () => 0, take: (sum, x) => sum + Math.abs(x) },
  big: { start: () => 0n, take: (sum, x) => sum + (x < 0n ? -x : x) },
  exactUpTo: 2 ** 20,
  combine: 'add',
  point: (x) => call('abs', x),
  examples: [
    { x: 'f32[2,2] 1 -2 3 -4', axes: 'i64[1] 1', out: 'f32[2,1] 3 7' },
    { x: 'f32[3,4] ~3', attrs: { keepdims: false } },
  ],
});
