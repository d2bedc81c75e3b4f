import { call } from '../../hw-models/work/build.ts';
import { binaryOp } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Whether a is greater than b, with broadcasting. */
export const greater = binaryOp('greater', {
  doc: 'Whether a is greater than b, with broadcasting.',
  onnx: { type: 'Greater', attrs: ['axis', 'broadcast'], read: legacyBroadcast },
  gives: 'bool',
  evaluate: (a, b) => (a > b ? 1 : 0),
  bigTest: (a, b) => a > b,
  point: (a, b) => call('gt', a, b),
  examples: [
    { a: 'f32[3] 1 2 3', b: 'f32[1] 2', out: 'bool[3] 0 0 1' },
    { a: 'u64[2] 5 4', b: 'u64[2] 3 4', out: 'bool[2] 1 0' },
  ],
});
