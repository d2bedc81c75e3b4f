import { call } from '../../hw-models/work/build.ts';
import { binaryOp } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Element-wise sum; integers wrap. */
export const add = binaryOp('add', {
  doc: 'a + b with broadcasting.',
  onnx: { type: 'Add', attrs: ['axis', 'broadcast', 'consumed_inputs'], read: legacyBroadcast },
  evaluate: (a, b) => a + b,
  big: (a, b) => a + b,
  point: (a, b) => call('add', a, b),
  examples: [
    { a: 'f32[2,3] 1 2 3 4 5 6', b: 'f32[3] 10 20 30', out: 'f32[2,3] 11 22 33 14 25 36' },
    { a: 'u8[2] 250 1', b: 'u8[2] 10 1', out: 'u8[2] 4 2' },
    { a: 'f32[2,1,3] ~1', b: 'f32[4,1] ~2' },
  ],
});
