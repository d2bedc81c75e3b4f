import { call } from '../../hw-models/work/build.ts';
import { isInt } from '../formats/index.ts';
import { power } from '../tensor/scalar.ts';
import { binaryOp } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Power of 32-bit integers by repeated squaring, with the low bits that machine arithmetic keeps. */
function wholePower(base: number, exponent: number): number {
  if (exponent < 0) return base === 1 ? 1 : base === -1 ? (exponent % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let [b, e] = [base, exponent]; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = Math.imul(result, b);
    b = Math.imul(b, b);
  }
  return result;
}

function bigPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n ? 1n : base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  for (let [b, e] = [base, exponent]; e > 0n; e /= 2n) {
    if (e % 2n === 1n) result = BigInt.asUintN(64, result * b);
    b = BigInt.asUintN(64, b * b);
  }
  return result;
}

/** Element-wise power; the exponent may have another element type, the result has that of the base. */
export const pow = binaryOp('pow', {
  doc: 'a to the power of b with broadcasting.',
  onnx: { type: 'Pow', attrs: ['axis', 'broadcast'], read: legacyBroadcast },
  mixed: true,
  evaluate: (a, b, _, format) =>
    isInt(format) && format.bits <= 32 && Number.isInteger(b) ? wholePower(a, b) : power(a, b),
  big: bigPower,
  point: (a, b, _, format) => (isInt(format) ? call('trunc', call('pow', a, b)) : call('pow', a, b)),
  examples: [
    { a: 'f32[3] 1 2 3', b: 'f32[3] 4 5 6', out: 'f32[3] 1 32 729' },
    { a: 'f32[2] 4 9', b: 'i64[1] 2', out: 'f32[2] 16 81' },
    { a: 'i32[3] 2 3 10', b: 'f32[3] 0.5 2 -1', out: 'i32[3] 1 9 0' },
    { a: 'i64[2] 3 -2', b: 'i64[2] 33 5', out: 'i64[2] 5559060566555523 -32' },
    { a: 'f32[2] 1 -1', b: 'f32[2] nan inf', out: 'f32[2] 1 1' },
  ],
});
