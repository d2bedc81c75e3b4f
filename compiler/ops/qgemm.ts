import { absent, type ValueId } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { f32 } from '../formats/index.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { broadcast, showShape } from '../tensor/shape.ts';
import { float } from './attrs.ts';
import { mustBeCodes } from './conv-integer.ts';
import { defineOp } from './define.ts';
import { biasAccess } from './gemm.ts';
import { mustBe } from './kit/accepts.ts';
import { columnPart, fullShape, integerMatmul, integerMatmulSums, mustStretch, rowPart } from './kit/integer-matmul.ts';
import { matrixShape, matrixSizes } from './kit/matrix.ts';
import { oneOrEach, requantise, requantisedWork, type RequantiseWork } from './kit/requantise.ts';

/** Transposed factors become transposes before the product. */
function readQGemm(node: NodeReader): ReadNode {
  const { attributes } = node;
  const inputs = [...node.inputs];
  const turned = (id: ValueId): ValueId => node.emit('transpose', [id], { perm: [1, 0] });
  if (attributes.int('transA')) inputs[0] = turned(inputs[0]!);
  if (attributes.int('transB')) inputs[3] = turned(inputs[3]!);
  return { inputs: inputs.map((id) => id ?? absent), attrs: { alpha: attributes.float('alpha') ?? 1 } };
}

/** alpha * aScale * bScale * (A B + bias) of codes, as codes when a scale of the result is given, else in floats. */
export const qgemm = defineOp('qgemm', {
  doc: 'Product of quantised matrices with an integer bias, quantised again or as floats (com.microsoft).',
  onnx: { type: 'QGemm', domains: ['com.microsoft'], attrs: ['alpha', 'transA', 'transB'], read: readQGemm },
  operands: ['a', 'aScale', 'aZero?', 'b', 'bScale', 'bZero?', 'bias?', 'scale?', 'zero?'],
  attrs: { alpha: float('factor of the result', 1) },
  infer({ a, aScale, aZero, b, bScale, bZero, bias, scale, zero }) {
    mustBeCodes('qgemm', a, aZero);
    mustBeCodes('qgemm', b, bZero);
    mustBe('qgemm', 'float', aScale, bScale, scale);
    mustBe('qgemm', 'int', bias, zero);
    const s = matrixSizes(a, b);
    const shape = matrixShape(s);
    if (shape.length !== 2)
      fail('NL1014', {
        message: 'QGemm multiplies matrices',
        cause: `its factors are ${showShape(a.shape)} and ${showShape(b.shape)}`,
        fix: 'correct the model',
      });
    for (const [what, part] of [
      ['scale of the first factor', aScale],
      ['zero point of the first factor', aZero],
      ['scale of the result', scale],
      ['zero point of the result', zero],
    ] as const)
      oneOrEach(what, part);
    for (const [what, part] of [
      ['scale of the second factor', bScale],
      ['zero point of the second factor', bZero],
    ] as const)
      mustStretch(what, part, s, 'columns');
    if (bias && !(bias.shape.length <= 2 && broadcast(bias.shape, shape).every((d, i) => d === shape[i])))
      fail('NL1014', {
        message: 'the bias of a QGemm does not fit',
        cause: `${showShape(bias.shape)} does not stretch to ${showShape(shape)}`,
        fix: 'correct the model',
      });
    return { format: scale ? (zero?.format ?? a.format) : f32, shape };
  },
  evaluate(operands, { alpha }) {
    const { a, b, aScale, bScale, bias, scale, zero } = operands;
    const s = matrixSizes(a, b);
    const format = scale ? (zero?.format ?? a.format) : f32;
    const parts = {
      xScale: rowPart(aScale),
      wScale: columnPart(bScale),
      scale: scale && rowPart(scale),
      bias: bias && columnPart(bias),
      offset: scale && zero && rowPart(zero),
      alpha,
    };
    return requantise(integerMatmulSums(operands, s), fullShape(s), format, parts);
  },
  work(operands, { alpha }, { out }) {
    const { aScale, bScale, bias, scale, zero } = operands;
    const p = integerMatmul(operands);
    const q: RequantiseWork = {
      xScale: { name: 'aScale', info: aScale },
      wScale: { name: 'bScale', info: bScale },
      scale: scale && { name: 'scale', info: scale },
      bias: bias && { operand: { name: 'bias', info: bias }, at: biasAccess(bias) },
      offset: scale && zero && { operand: { name: 'zero', info: zero }, at: p.xPart('zero', zero) },
      alpha,
    };
    return requantisedWork(p, q, out[0]!);
  },
  examples: [
    {
      a: 'u8[1,2] 3 5',
      aScale: 'f32[] 0.5',
      aZero: 'u8[] 1',
      b: 'i8[2,1] 2 4',
      bScale: 'f32[] 1',
      bZero: 'i8[] 0',
      bias: 'i32[1] 5',
      out: 'f32[1,1] 12.5',
    },
    {
      a: 'u8[3,4] ~1',
      aScale: 'f32[] 0.05',
      aZero: 'u8[] 9',
      b: 'u8[4,2] ~2',
      bScale: 'f32[2] 0.1 0.3',
      bZero: 'u8[2] 1 7',
      bias: 'i32[3,1] ~3',
      scale: 'f32[] 4',
      zero: 'u8[] 100',
      attrs: { alpha: 0.7 },
    },
  ],
});
