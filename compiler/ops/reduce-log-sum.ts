import { call } from '../../hw-models/work/build.ts';
import { reduceOp } from './kit/reduce.ts';

/** Logarithm of the sum over axes. */
export const reduceLogSum = reduceOp('reduce-log-sum', {
  doc: 'Natural logarithm of the sum over axes.',
  type: 'ReduceLogSum',
  fold: { start: () => 0, take: (sum, x) => sum + x, finish: (sum) => Math.log(sum) },
  combine: 'add',
  after: (sum) => call('log', sum),
  examples: [
    { x: 'f32[1,2] 0.5 0.5', axes: 'i64[1] 1', attrs: { keepdims: false }, out: 'f32[1] 0' },
    { x: 'f32[2,0]', axes: 'i64[1] 1', out: 'f32[2,1] -inf -inf' },
  ],
});
