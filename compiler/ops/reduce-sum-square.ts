import { call } from '../../hw-models/work/build.ts';
import { reduceOp } from './kit/reduce.ts';

/** Sum of squares over axes; integers wrap. */
export const reduceSumSquare = reduceOp('reduce-sum-square', {
  doc: 'Sum of squares over axes.',
  type: 'ReduceSumSquare',
  fold: { start: () => 0, take: (sum, x) => sum + x * x },
  big: { start: () => 0n, take: (sum, x) => sum + x * x },
  exactUpTo: 0,
  combine: 'add',
  point: (x) => call('mul', x, x),
  examples: [
    { x: 'f32[2,2] 1 2 3 4', axes: 'i64[1] 1', out: 'f32[2,1] 5 25' },
    { x: 'f32[2] 3 -2', axes: 'i64[0]', attrs: { noopWithEmptyAxes: true }, out: 'f32[2] 9 4' },
    { x: 'i32[2] 65536 3', out: 'i32[1] 9' },
  ],
});
