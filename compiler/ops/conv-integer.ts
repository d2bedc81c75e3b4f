import { i32, isInt } from '../formats/index.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { convAttrs, convShape, convSizes, readConv } from './kit/conv-sizes.ts';
import { buildWrapped } from './kit/elementwise.ts';
import { integerConv, integerConvSums } from './kit/integer-conv.ts';
import { integerWork, oneOrEach } from './kit/requantise.ts';
import { windowAttrNames } from './kit/window.ts';

/** @throws NetloomError NL1015 when codes are no integers of at most 16 bits, or a zero point has another format than its codes */
export function mustBeCodes(op: string, codes: OperandInfo, zero: OperandInfo | undefined): void {
  const wrong = (message: string, cause: string): never =>
    fail('NL1015', { message, cause, fix: 'correct the model, or export it again' });
  if (!isInt(codes.format) || codes.format.bits > 16)
    wrong(`${op} is not defined for ${codes.format.name}`, 'it takes integers of at most 16 bits');
  if (zero && zero.format.name !== codes.format.name)
    wrong(
      `${op} has a zero point of another type`,
      `the codes are ${codes.format.name}, their zero point is ${zero.format.name}`,
    );
}

/** Y[n,k,p] = sum over c, r of (X[...] - xZero) * (W[k,c,r] - wZero) in 32-bit integers; padding stands for 0. */
export const convInteger = defineOp('conv-integer', {
  doc: 'Convolution of integer codes with their zero points taken off; the result is the 32-bit sum.',
  onnx: {
    type: 'ConvInteger',
    since: 10,
    attrs: [...windowAttrNames, 'group'],
    read: (node) => ({ attrs: { ...readConv(node, node.inputs[0]!, node.inputs[1]!) } }),
  },
  operands: ['x', 'w', 'xZero?', 'wZero?'],
  attrs: convAttrs,
  infer({ x, w, xZero, wZero }, attrs) {
    mustBeCodes('conv-integer', x, xZero);
    mustBeCodes('conv-integer', w, wZero);
    const s = convSizes(x, w, attrs);
    oneOrEach('zero point of the input', xZero);
    oneOrEach('zero point of the weights', wZero, s.group * s.k);
    return { format: i32, shape: convShape(s) };
  },
  evaluate(operands, attrs) {
    const s = convSizes(operands.x, operands.w, attrs);
    const sums = integerConvSums(operands, s);
    return buildWrapped(i32, convShape(s), (i) => sums[i]!);
  },
  work: (operands, attrs, { out }) =>
    integerWork(integerConv(operands, convSizes(operands.x, operands.w, attrs)), out[0]!),
  examples: [
    { x: 'u8[1,1,3,3] 2 3 4 5 6 7 8 9 10', w: 'u8[1,1,2,2] 1 1 1 1', xZero: 'u8[] 1', out: 'i32[1,1,2,2] 12 16 24 28' },
    {
      x: 'u8[1,1,2] 2 3',
      w: 'u8[1,1,2] 1 3',
      xZero: 'u8[] 1',
      wZero: 'u8[1] 1',
      attrs: { pads: [1, 1] },
      out: 'i32[1,1,3] 2 4 0',
    },
    {
      x: 'u8[2,4,4,5] ~1',
      w: 'i8[6,2,3,2] ~2',
      xZero: 'u8[] 7',
      wZero: 'i8[6] ~3',
      attrs: { group: 2, strides: [2, 1], pads: [1, 0, 1, 1], dilations: [1, 2] },
    },
    { x: 'i8[1,2,5] ~1', w: 'i8[3,2,3] ~2', attrs: { pads: [1, 1] } },
  ],
});
