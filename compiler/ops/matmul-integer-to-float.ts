import { absent, type ValueId } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { at } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { showShape } from '../tensor/shape.ts';
import { mustBeCodes } from './conv-integer.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { columnPart, fullShape, integerMatmul, integerMatmulSums, mustStretch, rowPart } from './kit/integer-matmul.ts';
import { matrixShape, matrixSizes } from './kit/matrix.ts';
import { requantise, requantisedWork, type RequantiseWork } from './kit/requantise.ts';

/** com.microsoft DynamicQuantizeMatMul: the first factor is quantised by its own range first. */
function readDynamic(node: NodeReader): ReadNode {
  const [a, b, bScale, bZero, bias] = node.inputs as readonly [ValueId, ValueId, ValueId, ValueId?, ValueId?];
  const [codes, scale, zero] = node.emitAll('dynamic-quantize-linear', [a], 3) as [ValueId, ValueId, ValueId];
  return { inputs: [codes, b, scale, bScale, zero, bZero ?? absent, bias ?? absent], attrs: {} };
}

/** aScale * bScale * (A B) of codes plus a bias, in floats. */
export const matmulIntegerToFloat = defineOp('matmul-integer-to-float', {
  doc: 'Matrix product of quantised numbers, scaled to floats, with a float bias (com.microsoft).',
  onnx: [
    { type: 'MatMulIntegerToFloat', domains: ['com.microsoft'] },
    { type: 'DynamicQuantizeMatMul', domains: ['com.microsoft'], read: readDynamic },
  ],
  operands: ['a', 'b', 'aScale', 'bScale', 'aZero?', 'bZero?', 'bias?'],
  infer({ a, b, aScale, bScale, aZero, bZero, bias }) {
    mustBeCodes('matmul-integer-to-float', a, aZero);
    mustBeCodes('matmul-integer-to-float', b, bZero);
    mustBe('matmul-integer-to-float', 'float', aScale, bScale, bias);
    const s = matrixSizes(a, b);
    for (const [what, part] of [
      ['scale of the first factor', aScale],
      ['zero point of the first factor', aZero],
    ] as const)
      mustStretch(what, part, s, 'rows');
    for (const [what, part] of [
      ['scale of the second factor', bScale],
      ['zero point of the second factor', bZero],
    ] as const)
      mustStretch(what, part, s, 'columns');
    if (bias && !(bias.shape.length === 1 && [1, s.n].includes(bias.shape[0]!)))
      fail('NL1014', {
        message: 'the bias of an integer matrix product does not fit',
        cause: `it has shape ${showShape(bias.shape)} for ${s.n} columns`,
        fix: 'correct the model',
      });
    return { format: aScale.format, shape: matrixShape(s) };
  },
  evaluate(operands) {
    const { a, b, aScale, bScale, bias } = operands;
    const s = matrixSizes(a, b);
    const parts = { xScale: rowPart(aScale), wScale: columnPart(bScale), offset: bias && columnPart(bias) };
    return requantise(integerMatmulSums(operands, s), fullShape(s), aScale.format, parts, matrixShape(s));
  },
  work(operands, _, { out }) {
    const { aScale, bScale, bias } = operands;
    const p = integerMatmul(operands);
    const q: RequantiseWork = {
      xScale: { name: 'aScale', info: aScale },
      wScale: { name: 'bScale', info: bScale },
      offset: bias && {
        operand: { name: 'bias', info: bias },
        at: bias.shape[0] === 1 ? at('bias', 0) : at('bias', 'n'),
      },
    };
    return requantisedWork(p, q, out[0]!);
  },
  examples: [
    {
      a: 'u8[1,2] 3 5',
      b: 'i8[2,1] 2 4',
      aScale: 'f32[] 0.5',
      bScale: 'f32[] 1',
      aZero: 'u8[] 1',
      bias: 'f32[1] 0.25',
      out: 'f32[1,1] 10.25',
    },
    {
      a: 'i8[2,3,4] ~1',
      b: 'u8[4,5] ~2',
      aScale: 'f32[1] 0.1',
      bScale: 'f32[5] 0.1 0.2 0.3 0.4 0.5',
      bZero: 'u8[5] ~3',
      bias: 'f32[5] ~4',
    },
  ],
});
