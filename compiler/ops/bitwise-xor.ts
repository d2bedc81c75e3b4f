import { call } from '../../hw-models/work/build.ts';
import { binaryOp } from './kit/elementwise.ts';

/** Bits that are set in exactly one of both, with broadcasting. */
export const bitwiseXor = binaryOp('bitwise-xor', {
  doc: 'Bits that are set in exactly one of both, with broadcasting.',
  onnx: { type: 'BitwiseXor', since: 18 },
  accepts: 'int',
  evaluate: (a, b) => a ^ b,
  big: (a, b) => a ^ b,
  point: (a, b) => call('bitxor', a, b),
  examples: [
    { a: 'i8[2] 12 -1', b: 'i8[1] 10', out: 'i8[2] 6 -11' },
    { a: 'u32[1] 4294967295', b: 'u32[1] 2147483648', out: 'u32[1] 2147483647' },
    { a: 'i64[1] -4', b: 'i64[1] 6', out: 'i64[1] -6' },
  ],
});
