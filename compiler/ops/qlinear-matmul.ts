import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { columnPart, fullShape, integerMatmul, integerMatmulSums, mustStretch, rowPart } from './kit/integer-matmul.ts';
import { matrixShape, matrixSizes } from './kit/matrix.ts';
import { requantise, requantisedWork } from './kit/requantise.ts';

/** A matrix product of codes, its sums scaled by aScale * bScale / scale and rounded to codes again, ties to even. */
export const qlinearMatmul = defineOp('qlinear-matmul', {
  doc: 'Matrix product of quantised numbers, quantised again; scales may differ by row of the first and column of the second factor.',
  onnx: { type: 'QLinearMatMul', since: 10 },
  operands: ['a', 'aScale', 'aZero?', 'b', 'bScale', 'bZero?', 'scale', 'zero?'],
  infer({ a, aScale, aZero, b, bScale, bZero, scale, zero }) {
    mustBe('qlinear-matmul', 'number', a, b, aZero, bZero, zero);
    mustBe('qlinear-matmul', 'float', aScale, bScale, scale);
    const s = matrixSizes(a, b);
    for (const [what, part] of [
      ['scale of the first factor', aScale],
      ['zero point of the first factor', aZero],
      ['scale of the result', scale],
      ['zero point of the result', zero],
    ] as const)
      mustStretch(what, part, s, 'rows');
    for (const [what, part] of [
      ['scale of the second factor', bScale],
      ['zero point of the second factor', bZero],
    ] as const)
      mustStretch(what, part, s, 'columns');
    return { format: zero?.format ?? a.format, shape: matrixShape(s) };
  },
  evaluate(operands) {
    const { a, b, aScale, bScale, scale, zero } = operands;
    const s = matrixSizes(a, b);
    const parts = {
      xScale: rowPart(aScale),
      wScale: columnPart(bScale),
      scale: rowPart(scale),
      offset: zero && rowPart(zero),
    };
    return requantise(integerMatmulSums(operands, s), fullShape(s), zero?.format ?? a.format, parts, matrixShape(s));
  },
  work(operands, _, { out }) {
    const { aScale, bScale, scale, zero } = operands;
    const p = integerMatmul(operands);
    const q = {
      xScale: { name: 'aScale', info: aScale },
      wScale: { name: 'bScale', info: bScale },
      scale: { name: 'scale', info: scale },
      offset: zero && { operand: { name: 'zero', info: zero }, at: p.xPart('zero', zero) },
    };
    return requantisedWork(p, q, out[0]!);
  },
  examples: [
    {
      a: 'u8[1,2] 3 5',
      aScale: 'f32[1] 0.5',
      aZero: 'u8[1] 1',
      b: 'u8[2,2] 2 4 6 8',
      bScale: 'f32[] 1',
      bZero: 'u8[] 2',
      scale: 'f32[] 2',
      zero: 'u8[] 100',
      out: 'u8[1,2] 104 107',
    },
    {
      a: 'i8[2,3,4] ~1',
      aScale: 'f32[2,3,1] 0.1 0.2 0.3 0.4 0.5 0.6',
      aZero: 'i8[2,3,1] ~3',
      b: 'i8[4,2] ~2',
      bScale: 'f32[2] 0.1 0.3',
      bZero: 'i8[2] ~4',
      scale: 'f32[] 5',
      zero: 'i8[] 3',
    },
    {
      a: 'i8[2,4] ~1',
      aScale: 'f16[2] 0.1 0.2',
      aZero: 'i8[2] 0 0',
      b: 'i8[4,3] ~2',
      bScale: 'f16[1] 0.1',
      bZero: 'i8[1] 0',
      scale: 'f16[2] 5 7',
      zero: 'i8[2] 1 -1',
    },
  ],
});
