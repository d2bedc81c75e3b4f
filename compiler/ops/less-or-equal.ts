import { call } from '../../hw-models/work/build.ts';
import { binaryOp } from './kit/elementwise.ts';

/** Whether a is less than or equal to b, with broadcasting. */
export const lessOrEqual = binaryOp('less-or-equal', {
  doc: 'Whether a is less than or equal to b, with broadcasting.',
  onnx: { type: 'LessOrEqual', since: 12 },
  gives: 'bool',
  evaluate: (a, b) => (a <= b ? 1 : 0),
  bigTest: (a, b) => a <= b,
  point: (a, b) => call('le', a, b),
  examples: [
    { a: 'f32[3] 1 2 3', b: 'f32[1] 2', out: 'bool[3] 1 1 0' },
    { a: 'u64[2] 5 4', b: 'u64[2] 3 4', out: 'bool[2] 0 1' },
  ],
});
