import type { ValueId } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { build, sizeOf } from '../tensor/tensor.ts';
import { mustBeCodes } from './conv-integer.ts';
import { defineOp } from './define.ts';
import { planeSums } from './global-average-pool.ts';
import { mustBe } from './kit/accepts.ts';
import { channelsFirst, channelsLast } from './kit/fused-linear.ts';
import { planeNest, planeShape, spatialOf } from './kit/pool.ts';
import { centredCodes, meanCoder, meanWork } from './kit/quantised-mean.ts';
import { oneOrEach } from './kit/requantise.ts';

function readGlobal(node: NodeReader): ReadNode {
  const [x, ...rest] = node.inputs as readonly [ValueId, ...ValueId[]];
  if (!node.attributes.int('channels_last')) return { attrs: {} };
  return channelsLast(node, node.emit('qlinear-global-average-pool', [channelsFirst(node, x), ...rest]));
}

/** The mean of each channel of quantised images, quantised again. */
export const qlinearGlobalAveragePool = defineOp('qlinear-global-average-pool', {
  doc: 'Mean of quantised numbers over all spatial axes, quantised again (com.microsoft).',
  onnx: { type: 'QLinearGlobalAveragePool', domains: ['com.microsoft'], attrs: ['channels_last'], read: readGlobal },
  operands: ['x', 'xScale', 'xZero?', 'scale', 'zero?'],
  infer: ({ x, xScale, xZero, scale, zero }) => {
    mustBeCodes('qlinear-global-average-pool', x, xZero);
    mustBe('qlinear-global-average-pool', 'float', xScale, scale);
    for (const part of [xScale, xZero, scale, zero])
      oneOrEach('scale or zero point of a QLinearGlobalAveragePool', part);
    return { format: zero?.format ?? x.format, shape: planeShape(spatialOf('qlinear-global-average-pool', x, 0)) };
  },
  evaluate: (operands) => {
    const { x, zero } = operands;
    const sums = planeSums(centredCodes(operands), x.shape);
    const pixels = sizeOf(x.shape.slice(2));
    const format = zero?.format ?? x.format;
    const code = meanCoder(operands, format);
    return build(format, planeShape(x.shape), (i) => code(sums[i]!, pixels));
  },
  work: (operands, _, { out }) => {
    const { shape } = operands.x;
    const p = planeNest(shape);
    const counts = { data: Float64Array.of(sizeOf(shape.slice(2))), shape: [1], at: p.plane };
    return meanWork(operands, { outer: p.outer, sums: p.loops.slice(2), x: p.x, result: p.plane, counts }, out[0]!);
  },
  examples: [
    {
      x: 'u8[1,1,2,2] 1 3 5 7',
      xScale: 'f32[] 0.5',
      xZero: 'u8[] 1',
      scale: 'f32[] 0.25',
      zero: 'u8[] 10',
      out: 'u8[1,1,1,1] 16',
    },
    { x: 'i8[2,3,4,5] ~1', xScale: 'f32[1] 0.05', xZero: 'i8[1] -3', scale: 'f32[1] 0.03', zero: 'i8[1] 4' },
  ],
});
