import { call } from '../../hw-models/work/build.ts';
import { binaryOp } from './kit/elementwise.ts';

/** Whether a is greater than or equal to b, with broadcasting. */
export const greaterOrEqual = binaryOp('greater-or-equal', {
  doc: 'Whether a is greater than or equal to b, with broadcasting.',
  onnx: { type: 'GreaterOrEqual', since: 12 },
  gives: 'bool',
  evaluate: (a, b) => (a >= b ? 1 : 0),
  bigTest: (a, b) => a >= b,
  point: (a, b) => call('ge', a, b),
  examples: [
    { a: 'f32[3] 1 2 3', b: 'f32[1] 2', out: 'bool[3] 0 1 1' },
    { a: 'u64[2] 5 4', b: 'u64[2] 3 4', out: 'bool[2] 1 1' },
  ],
});
