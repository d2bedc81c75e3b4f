import { cumulativeOp } from './kit/cumulative.ts';

/** Running product along an axis (opset 26); integers wrap. */
export const cumProd = cumulativeOp('cum-prod', {
  doc: 'Running product along an axis.',
  type: 'CumProd',
  op: 'mul',
  start: 1,
  take: (product, x) => product * x,
  big: (product, x) => product * x,
  examples: [
    { x: 'f32[3] 1 2 3', axis: 'i32[] 0', out: 'f32[3] 1 2 6' },
    { x: 'f32[3] 1 2 3', axis: 'i32[] 0', attrs: { exclusive: true, reverse: true }, out: 'f32[3] 6 3 1' },
    { x: 'i32[2,2] 2 3 4 5', axis: 'i64[] 0', out: 'i32[2,2] 2 3 8 15' },
  ],
});
