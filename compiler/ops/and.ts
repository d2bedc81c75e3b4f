import { call } from '../../hw-models/work/build.ts';
import { binaryOp } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Whether both are true, with broadcasting. */
export const and = binaryOp('and', {
  doc: 'Whether both are true, with broadcasting.',
  onnx: { type: 'And', attrs: ['axis', 'broadcast'], read: legacyBroadcast },
  accepts: 'bool',
  gives: 'bool',
  evaluate: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  point: (a, b) => call('and', a, b),
  examples: [{ a: 'bool[2,1] 0 1', b: 'bool[2] 0 1', out: 'bool[2,2] 0 0 0 1' }],
});
