import { call } from '../../hw-models/work/build.ts';
import { reduceOp } from './kit/reduce.ts';

/** floor(mean + 1/2) over axes: the mean of integers as integer networks compute it (QuantLib, Deeploy). */
export const integerMean = reduceOp('integer-mean', {
  doc: 'Mean over axes, rounded to the nearest integer, halves up.',
  type: 'IntegerMean',
  domains: ['', 'PACTOps'],
  fold: { start: () => 0, take: (sum, x) => sum + x, finish: (sum, n) => Math.floor(sum / n + 0.5) },
  combine: 'add',
  after: (sum, n) => call('floor', call('add', call('div', sum, n), 0.5)),
  examples: [
    { x: 'f32[2,2] 1 2 -1 -2', axes: 'i64[1] 1', attrs: { keepdims: false }, out: 'f32[2] 2 -1' },
    { x: 'i8[3,2] ~1', axes: 'i64[1] 0' },
  ],
});
