import { i32 } from '../formats/index.ts';
import { mustBeCodes } from './conv-integer.ts';
import { defineOp } from './define.ts';
import { buildWrapped } from './kit/elementwise.ts';
import { integerMatmul, integerMatmulSums, mustStretch } from './kit/integer-matmul.ts';
import { matrixShape, matrixSizes } from './kit/matrix.ts';
import { integerWork } from './kit/requantise.ts';

/** C[...,m,n] = sum over k of (A[...,m,k] - aZero) * (B[...,k,n] - bZero) in 32-bit integers. */
export const matmulInteger = defineOp('matmul-integer', {
  doc: 'Matrix product of integer codes with their zero points taken off; the result is the 32-bit sum.',
  onnx: [
    { type: 'MatMulInteger', since: 10 },
    { type: 'MatMulInteger16', domains: ['com.microsoft'] },
  ],
  operands: ['a', 'b', 'aZero?', 'bZero?'],
  infer({ a, b, aZero, bZero }) {
    mustBeCodes('matmul-integer', a, aZero);
    mustBeCodes('matmul-integer', b, bZero);
    const s = matrixSizes(a, b);
    mustStretch('zero point of the first factor', aZero, s, 'rows');
    mustStretch('zero point of the second factor', bZero, s, 'columns');
    return { format: i32, shape: matrixShape(s) };
  },
  evaluate(operands) {
    const s = matrixSizes(operands.a, operands.b);
    const sums = integerMatmulSums(operands, s);
    return buildWrapped(i32, matrixShape(s), (i) => sums[i]!);
  },
  work: (operands, _, { out }) => integerWork(integerMatmul(operands), out[0]!),
  examples: [
    { a: 'u8[2,2] 11 7 3 10', b: 'u8[2,2] 1 4 2 5', aZero: 'u8[1] 12', out: 'i32[2,2] -11 -29 -13 -46' },
    { a: 'i8[2,2] 1 2 3 4', b: 'i8[2,1] 5 6', aZero: 'i8[2] 1 0', bZero: 'i8[1] 5', out: 'i32[2,1] 1 4' },
    { a: 'u8[2,3,4] ~1', b: 'i8[4,5] ~2', aZero: 'u8[2,3,1] ~3', bZero: 'i8[5] ~4' },
    { a: 'i8[3,4] ~1', b: 'i8[2,4,5] ~2', aZero: 'i8[3] ~3', bZero: 'i8[2,1,5] ~4' },
    { a: 'u8[4] ~1', b: 'u8[4] ~2', aZero: 'u8[] 3', bZero: 'u8[] 4' },
    { a: 'i8[2,3] ~1', b: 'i8[3] ~2', aZero: 'i8[2] ~3' },
  ],
});
