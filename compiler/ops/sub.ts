import { call } from '../../hw-models/work/build.ts';
import { binaryOp } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Element-wise difference; integers wrap. */
export const sub = binaryOp('sub', {
  doc: 'a - b with broadcasting.',
  onnx: { type: 'Sub', attrs: ['axis', 'broadcast', 'consumed_inputs'], read: legacyBroadcast },
  evaluate: (a, b) => a - b,
  big: (a, b) => a - b,
  point: (a, b) => call('sub', a, b),
  examples: [
    { a: 'f32[3] 1 2 3', b: 'f32[1] 0.5', out: 'f32[3] 0.5 1.5 2.5' },
    { a: 'u8[2] 1 9', b: 'u8[2] 2 4', out: 'u8[2] 255 5' },
  ],
});
