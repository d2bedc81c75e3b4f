import { call } from '../../hw-models/work/build.ts';
import { reduceOp } from './kit/reduce.ts';

/** Square root of the sum of squares over axes. */
export const reduceL2 = reduceOp('reduce-l2', {
  doc: 'Euclidean norm over axes.',
  type: 'ReduceL2',
  fold: { start: () => 0, take: (sum, x) => sum + x * x, finish: (sum) => Math.sqrt(sum) },
  combine: 'add',
  point: (x) => call('mul', x, x),
  after: (sum) => call('sqrt', sum),
  examples: [
    { x: 'f32[2,2] 3 4 6 8', axes: 'i64[1] 1', out: 'f32[2,1] 5 10' },
    { x: 'f32[3,4] ~3', axes: 'i64[1] 0', attrs: { keepdims: false } },
  ],
});
