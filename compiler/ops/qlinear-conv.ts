import { at } from '../../hw-models/work/build.ts';
import type { Attrs, ValueId } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { mustBeCodes } from './conv-integer.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { checkBias, convAttrs, convShape, convSizes, readConv } from './kit/conv-sizes.ts';
import { channelsFirst, channelsLast } from './kit/fused-linear.ts';
import { integerConv, integerConvSums } from './kit/integer-conv.ts';
import { oneOrEach, requantise, requantisedWork, type Part } from './kit/requantise.ts';
import { windowAttrNames } from './kit/window.ts';

function readQLinearConv(node: NodeReader): ReadNode {
  const [x, xScale, xZero, w, ...rest] = node.inputs as readonly [ValueId, ValueId, ValueId, ValueId, ...ValueId[]];
  if (!node.attributes.int('channels_last')) return { attrs: { ...readConv(node, x, w) } };
  const first = channelsFirst(node, x);
  const attrs: Attrs = { ...readConv(node, first, w) };
  return channelsLast(node, node.emit('qlinear-conv', [first, xScale, xZero, w, ...rest], attrs));
}

/** A convolution of codes, its sums scaled by xScale * wScale / scale and rounded to codes again, ties to even. */
export const qlinearConv = defineOp('qlinear-conv', {
  doc: 'Convolution of quantised numbers, quantised again; the bias is in units of xScale * wScale.',
  onnx: [
    { type: 'QLinearConv', since: 10, attrs: [...windowAttrNames, 'group'], read: readQLinearConv },
    {
      type: 'QLinearConv',
      domains: ['com.microsoft'],
      attrs: [...windowAttrNames, 'group', 'channels_last'],
      read: readQLinearConv,
    },
  ],
  operands: ['x', 'xScale', 'xZero?', 'w', 'wScale', 'wZero?', 'scale', 'zero?', 'bias?'],
  attrs: convAttrs,
  infer({ x, xScale, xZero, w, wScale, wZero, scale, zero, bias }, attrs) {
    mustBeCodes('qlinear-conv', x, xZero);
    mustBeCodes('qlinear-conv', w, wZero);
    mustBe('qlinear-conv', 'float', xScale, wScale, scale);
    mustBe('qlinear-conv', 'int', zero, bias);
    const s = convSizes(x, w, attrs);
    const filters = s.group * s.k;
    for (const [what, part] of [
      ['scale of the input', xScale],
      ['zero point of the input', xZero],
      ['scale of the result', scale],
      ['zero point of the result', zero],
    ] as const)
      oneOrEach(what, part);
    oneOrEach('scale of the weights', wScale, filters);
    oneOrEach('zero point of the weights', wZero, filters);
    checkBias(bias, filters);
    return { format: zero?.format ?? x.format, shape: convShape(s) };
  },
  evaluate(operands, attrs) {
    const { x, w, xScale, wScale, scale, zero, bias } = operands;
    const s = convSizes(x, w, attrs);
    const one = (tensor: Tensor): Part => ({ tensor, shape: [] });
    const perFilter = (tensor: Tensor): Part =>
      sizeOf(tensor.shape) === 1 && s.group * s.k !== 1
        ? one(tensor)
        : { tensor, shape: [s.group * s.k, ...s.output.map(() => 1)] };
    const parts = {
      xScale: one(xScale),
      wScale: perFilter(wScale),
      scale: one(scale),
      bias: bias && perFilter(bias),
      offset: zero && one(zero),
    };
    return requantise(integerConvSums(operands, s), convShape(s), zero?.format ?? x.format, parts);
  },
  work(operands, attrs, { out }) {
    const { x, w, xScale, wScale, scale, zero, bias } = operands;
    const p = integerConv(operands, convSizes(x, w, attrs));
    const q = {
      xScale: { name: 'xScale', info: xScale },
      wScale: { name: 'wScale', info: wScale },
      scale: { name: 'scale', info: scale },
      bias: bias && { operand: { name: 'bias', info: bias }, at: p.columns.at('bias') },
      offset: zero && { operand: { name: 'zero', info: zero }, at: at('zero', ...zero.shape.map(() => 0)) },
    };
    return requantisedWork(p, q, out[0]!);
  },
  examples: [
    {
      x: 'u8[1,1,3] 3 5 7',
      xScale: 'f32[] 0.5',
      xZero: 'u8[] 1',
      w: 'i8[1,1,2] 1 1',
      wScale: 'f32[] 1',
      wZero: 'i8[] 0',
      scale: 'f32[] 2',
      zero: 'u8[] 10',
      out: 'u8[1,1,2] 12 12',
    },
    {
      x: 'u8[1,4,4,5] ~1',
      xScale: 'f32[] 0.02',
      xZero: 'u8[] 7',
      w: 'i8[6,2,3,2] ~2',
      wScale: 'f32[6] 0.01 0.02 0.03 0.04 0.05 0.06',
      wZero: 'i8[6] ~3',
      scale: 'f32[1] 0.3',
      zero: 'u8[1] 100',
      bias: 'i32[6] ~4',
      attrs: { group: 2, pads: [1, 0, 1, 1] },
    },
    {
      x: 'i8[1,2,5] ~1',
      xScale: 'f32[] 0.02',
      xZero: 'i8[] 0',
      w: 'i8[3,2,3] ~2',
      wScale: 'f32[1] 0.01',
      wZero: 'i8[1] 0',
      scale: 'f32[] 0.1',
      zero: 'i8[] 0',
      attrs: { pads: [1, 1] },
    },
  ],
});
