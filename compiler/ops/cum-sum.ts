import { cumulativeOp } from './kit/cumulative.ts';

/** Running sum along an axis; integers wrap. */
export const cumSum = cumulativeOp('cum-sum', {
  doc: 'Running sum along an axis.',
  type: 'CumSum',
  op: 'add',
  start: 0,
  take: (sum, x) => sum + x,
  big: (sum, x) => sum + x,
  examples: [
    { x: 'f32[3] 1 2 3', axis: 'i32[] 0', out: 'f32[3] 1 3 6' },
    { x: 'f32[3] 1 2 3', axis: 'i32[] 0', attrs: { exclusive: true, reverse: true }, out: 'f32[3] 5 3 0' },
    { x: 'f32[2,3,2] ~1', axis: 'i64[1] -2', attrs: { reverse: true } },
    { x: 'i64[2,2] 1 2 3 4', axis: 'i64[] 1', attrs: { exclusive: true }, out: 'i64[2,2] 0 1 0 3' },
  ],
});
