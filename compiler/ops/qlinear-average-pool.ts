import type { ValueId } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { build } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { windowSums } from './average-pool.ts';
import { mustBeCodes } from './conv-integer.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { channelsFirst, channelsLast } from './kit/fused-linear.ts';
import { poolAttrNames, poolAttrs, poolNest, poolSizes, pooledShape, readPool, tapCounts } from './kit/pool.ts';
import { centredCodes, meanCoder, meanWork } from './kit/quantised-mean.ts';
import { oneOrEach } from './kit/requantise.ts';

function readQLinearPool(node: NodeReader): ReadNode {
  const [x, ...rest] = node.inputs as readonly [ValueId, ...ValueId[]];
  const countIncludePad = (node.attributes.int('count_include_pad') ?? 0) !== 0;
  if (!node.attributes.int('channels_last')) return { attrs: { ...readPool(node), countIncludePad } };
  const first = channelsFirst(node, x);
  return channelsLast(
    node,
    node.emit('qlinear-average-pool', [first, ...rest], { ...readPool(node, first), countIncludePad }),
  );
}

/** The mean of each window of quantised numbers, quantised again. Padding that counts stands for 0. */
export const qlinearAveragePool = defineOp('qlinear-average-pool', {
  doc: 'Mean of quantised numbers under a sliding window, quantised again (com.microsoft).',
  onnx: {
    type: 'QLinearAveragePool',
    domains: ['com.microsoft'],
    attrs: [...poolAttrNames, 'count_include_pad', 'channels_last'],
    read: readQLinearPool,
  },
  operands: ['x', 'xScale', 'xZero?', 'scale', 'zero?'],
  attrs: { ...poolAttrs, countIncludePad: flag('padding counts as zeros', false) },
  infer: ({ x, xScale, xZero, scale, zero }, attrs) => {
    mustBeCodes('qlinear-average-pool', x, xZero);
    mustBe('qlinear-average-pool', 'float', xScale, scale);
    for (const part of [xScale, xZero, scale, zero]) oneOrEach('scale or zero point of a QLinearAveragePool', part);
    return { format: zero?.format ?? x.format, shape: pooledShape(poolSizes('qlinear-average-pool', x, attrs)) };
  },
  evaluate: (operands, attrs) => {
    const { x, zero } = operands;
    const s = poolSizes('qlinear-average-pool', x, attrs);
    const counts = tapCounts(s, attrs.countIncludePad);
    const sums = windowSums(centredCodes(operands), s);
    const format = zero?.format ?? x.format;
    const code = meanCoder(operands, format);
    return build(format, pooledShape(s), (i) => code(sums[i]!, counts[i % counts.length]!));
  },
  work: (operands, attrs, { out }) => {
    const s = poolSizes('qlinear-average-pool', operands.x, attrs);
    const p = poolNest(s);
    const counts = { data: tapCounts(s, attrs.countIncludePad), shape: s.output, at: p.pixel };
    return meanWork(operands, { outer: p.outer, sums: p.taps, x: p.x, result: p.result, counts }, out[0]!);
  },
  examples: [
    {
      x: 'u8[1,1,4] 5 7 9 15',
      xScale: 'f32[] 0.5',
      xZero: 'u8[] 1',
      scale: 'f32[] 0.25',
      zero: 'u8[] 10',
      attrs: { kernel: [2], strides: [2] },
      out: 'u8[1,1,2] 20 32',
    },
    {
      x: 'i8[2,2,4,5] ~1',
      xScale: 'f32[1] 0.05',
      xZero: 'i8[1] -3',
      scale: 'f32[1] 0.03',
      zero: 'i8[1] 4',
      attrs: { kernel: [3, 2], strides: [2, 1], pads: [1, 1, 1, 0], countIncludePad: true },
    },
    {
      x: 'u8[1,2,4,5] ~1',
      xScale: 'f32[] 0.05',
      scale: 'f32[] 0.05',
      attrs: { kernel: [2, 2], strides: [2, 2], ceilMode: true },
    },
  ],
});
