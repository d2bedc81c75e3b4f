import { call } from '../../hw-models/work/build.ts';
import { reduceOp } from './kit/reduce.ts';

/** Mean over axes; for integers the fraction is dropped. */
export const reduceMean = reduceOp('reduce-mean', {
  doc: 'Mean over axes.',
  type: 'ReduceMean',
  fold: { start: () => 0, take: (sum, x) => sum + x, finish: (sum, n) => sum / n },
  big: { start: () => 0n, take: (sum, x) => sum + x, finish: (sum, n) => (n === 0 ? 0n : sum / BigInt(n)) },
  exactUpTo: 2 ** 20,
  combine: 'add',
  after: (sum, n) => call('div', sum, n),
  examples: [
    { x: 'f32[2,3] 1 2 3 4 5 6', axes: 'i64[1] 1', attrs: { keepdims: false }, out: 'f32[2] 2 5' },
    { x: 'f32[3,2,4] ~2', axes: 'i64[2] -1 0' },
    { x: 'i32[2] 3 4', out: 'i32[1] 3' },
  ],
});
