import { fold, logSumExpWork, reduceOp, type ReducePlan } from './kit/reduce.ts';
import { walk } from '../tensor/shape.ts';
import { numbers, sizeOf, type Tensor } from '../tensor/tensor.ts';

/** log(sum(exp(x))) over axes, with the maximum taken out so that it does not overflow. */
export const reduceLogSumExp = reduceOp('reduce-log-sum-exp', {
  doc: 'Natural logarithm of the sum of exponentials over axes.',
  type: 'ReduceLogSumExp',
  fold: { start: () => 0, take: (sum, x) => sum + Math.exp(x), finish: (sum) => Math.log(sum) },
  combine: 'add',
  evaluate: logSumExp,
  work: logSumExpWork,
  examples: [
    { x: 'f32[2,2] 1000 1000 0 0', axes: 'i64[1] 1', out: 'f32[2,1] 1000.6931471805599 0.6931471805599453' },
    { x: 'f32[2,3,2] ~4', axes: 'i64[2] 0 -1', attrs: { keepdims: false } },
    { x: 'f32[2,0]', axes: 'i64[1] 1', attrs: { keepdims: false }, out: 'f32[2] -inf -inf' },
  ],
});

function logSumExp(x: Tensor, plan: ReducePlan): Float64Array {
  const base = fold(x, plan, {
    start: () => -Infinity,
    take: (max, v) => (v > max || Number.isNaN(v) ? v : max),
    finish: (max) => (Math.abs(max) === Infinity ? 0 : max),
  });
  const sums = new Float64Array(sizeOf(plan.shape));
  const values = numbers(x);
  walk(x.shape, [plan.steps], (i, offsets) => (sums[offsets[0]!]! += Math.exp(values[i]! - base[offsets[0]!]!)));
  return sums.map((sum, i) => Math.log(sum) + base[i]!);
}
