import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** -1, 0 or 1 as x is below, at or above zero. */
export const sign = unaryOp('sign', {
  doc: '-1, 0 or 1 as x is below, at or above zero.',
  onnx: { type: 'Sign', since: 9 },
  evaluate: (x) => Math.sign(x),
  big: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  point: (x) => call('sign', x),
  examples: [
    { x: 'f32[3] 3 -2 0', out: 'f32[3] 1 -1 0' },
    { x: 'u8[2] 0 200', out: 'u8[2] 0 1' },
  ],
});
