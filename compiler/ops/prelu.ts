import { call } from '../../hw-models/work/build.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { defineOp } from './define.ts';
import { mustBe, sameFormats } from './kit/accepts.ts';
import { stretchesTo } from './kit/affine.ts';
import { buildBig, combined, elementwiseWork } from './kit/elementwise.ts';
import { broadcastSteps, walk } from '../tensor/shape.ts';
import { isBig, sizeOf, type BigTensor } from '../tensor/tensor.ts';

/** Before opset 7 a list of slopes went with the channels (axis 1) instead of the last axis. */
function legacySlope(node: NodeReader): ReadNode {
  const [x, slope] = node.inputs;
  const [rank, shape] = [node.info(x!).shape.length, node.info(slope!).shape];
  if (node.version >= 7 || shape.length !== 1 || shape[0] === 1 || rank <= 2) return { attrs: {} };
  const target = [...shape, ...new Array<number>(rank - 2).fill(1)];
  return { attrs: {}, inputs: [x!, node.emit('reshape', [slope!, node.wholes(target, 'shape')])] };
}

function exact(x: BigTensor, slope: BigTensor): bigint[] {
  const results = new Array<bigint>(sizeOf(x.shape));
  walk(x.shape, [broadcastSteps(slope.shape, x.shape)], (i, [p]) => {
    const value = x.data[i]!;
    results[i] = value < 0n ? slope.data[p!]! * value : value;
  });
  return results;
}

/** Leaky rectifier whose slopes are learned (He et al. 2015, arXiv:1502.01852). */
export const prelu = defineOp('prelu', {
  doc: 'x where x >= 0, else slope * x; the slope stretches to the shape of x.',
  onnx: { type: 'PRelu', attrs: ['consumed_inputs'], read: legacySlope },
  operands: ['x', 'slope'],
  infer: ({ x, slope }) => {
    mustBe('prelu', 'number', x, slope);
    sameFormats('prelu', x, slope);
    stretchesTo('slope', slope, x.shape);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, slope }) => {
    if (isBig(x) && isBig(slope)) {
      const results = exact(x, slope);
      return buildBig(x.format, x.shape, (i) => results[i]!);
    }
    return combined(x.format, x.shape, [x, slope], ([v, s]) => (v! < 0 ? s! * v! : v!));
  },
  work: ({ x, slope }, _, { out }) =>
    elementwiseWork({ x, slope }, out[0]!, (v, s) => call('select', call('lt', v, 0), call('mul', s, v), v)),
  examples: [
    { x: 'f32[2,2] -1 2 -3 -4', slope: 'f32[2] 0.5 2', out: 'f32[2,2] -0.5 2 -1.5 -8' },
    { x: 'f32[1,2,2] -1 -1 -1 1', slope: 'f32[2,1] 0.5 2', out: 'f32[1,2,2] -0.5 -0.5 -2 1' },
  ],
});
