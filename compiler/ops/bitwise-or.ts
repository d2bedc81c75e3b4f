import { call } from '../../hw-models/work/build.ts';
import { binaryOp } from './kit/elementwise.ts';

/** Bits that are set in one of both, with broadcasting. */
export const bitwiseOr = binaryOp('bitwise-or', {
  doc: 'Bits that are set in one of both, with broadcasting.',
  onnx: { type: 'BitwiseOr', since: 18 },
  accepts: 'int',
  evaluate: (a, b) => a | b,
  big: (a, b) => a | b,
  point: (a, b) => call('bitor', a, b),
  examples: [
    { a: 'i8[2] 12 -1', b: 'i8[1] 10', out: 'i8[2] 14 -1' },
    { a: 'u32[1] 4294967295', b: 'u32[1] 2147483648', out: 'u32[1] 4294967295' },
    { a: 'i64[1] -4', b: 'i64[1] 6', out: 'i64[1] -2' },
  ],
});
