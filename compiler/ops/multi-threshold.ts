import { at, axisLoops, call, nest, read, work } from '../../hw-models/work/build.ts';
import type { Step } from '../../hw-models/work/types.ts';
import { f32 } from '../formats/index.ts';
import type { TensorType } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { float, int, str } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';
import { qonnxDomains } from './kit/qonnx.ts';
import { normalAxis } from '../tensor/shape.ts';

/**
 * Axis of the channels. NCHW says 1 and NHWC the last; for ranks other than 2 and 4 the implementation of QONNX takes
 * the last axis whatever the layout says, unless only axis 1 has as many channels as there are rows of thresholds.
 */
function channelAxis(node: NodeReader): number {
  const { shape } = node.info(node.inputs[0]!);
  const rows = node.info(node.inputs[1]!).shape[0];
  const rank = shape.length;
  const isLast = (node.attributes.string('data_layout') ?? 'NCHW').endsWith('C');
  if (rank === 2) return 1;
  if (rank === 4) return isLast ? 3 : 1;
  return !isLast && shape[rank - 1] !== rows && shape[1] === rows ? 1 : rank - 1;
}

const readThresholds = (node: NodeReader): ReadNode => ({
  attrs: {
    axis: channelAxis(node),
    outScale: node.attributes.float('out_scale') ?? 1,
    outBias: node.attributes.float('out_bias') ?? 0,
    outType: node.attributes.string('out_dtype') ?? '',
  },
});

/** @throws NetloomError NL1014 when there is not one row of thresholds per channel, or one for all */
function checkRows(x: TensorType, thresholds: TensorType, axis: number): void {
  const channels = x.shape[normalAxis(axis, x.shape.length)];
  if (thresholds.shape.length === 2 && (thresholds.shape[0] === 1 || thresholds.shape[0] === channels)) return;
  misfit('the thresholds do not fit', `they have shape ${showShape(thresholds.shape)} for ${channels ?? 0} channels`);
}

/** How many thresholds of its channel each element reaches: any monotone function of few levels (FINN, arXiv:1612.07119). */
export const multiThreshold = defineOp('multi-threshold', {
  doc: 'The number of thresholds of the channel that are <= x, times a scale, plus a bias.',
  onnx: {
    type: 'MultiThreshold',
    domains: qonnxDomains,
    attrs: ['out_dtype', 'out_scale', 'out_bias', 'data_layout'],
    read: readThresholds,
  },
  operands: ['x', 'thresholds'],
  attrs: {
    axis: int('axis of the channels', 1),
    outScale: float('step between levels', 1),
    outBias: float('the lowest level', 0),
    outType: str('format that the result would fit, as FINN names it', ''),
  },
  infer: ({ x, thresholds }, { axis }) => {
    mustBe('multi-threshold', 'number', x, thresholds);
    checkRows(x, thresholds, axis);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, thresholds }, { axis, outScale, outBias }) => {
    const a = normalAxis(axis, x.shape.length);
    const [values, limits] = [numbers(x), numbers(thresholds)];
    const [rows, steps] = thresholds.shape as [number, number];
    const inner = sizeOf(x.shape.slice(a + 1));
    return build(x.format, x.shape, (i) => {
      const row = rows === 1 ? 0 : Math.floor(i / inner) % x.shape[a]!;
      let count = 0;
      for (let t = 0; t < steps; t++) if (values[i]! >= limits[row * steps + t]!) count++;
      return outScale * count + outBias;
    });
  },
  work: ({ x, thresholds }, { axis, outScale, outBias }, { out }) => {
    const loops = axisLoops('i', x.shape);
    const here = loops.map((l) => l.name);
    const row = thresholds.shape[0] === 1 ? 0 : here[normalAxis(axis, x.shape.length)]!;
    const isPlain = outScale === 1 && outBias === 0;
    const count = nest({
      loops: [...loops, { name: 't', size: thresholds.shape[1]! }],
      reads: [at('x', ...here), at('thresholds', row, 't')],
      write: at(isPlain ? 'out' : 'count', ...here),
      combine: 'add',
      compute: call('ge', read(0), read(1)),
    });
    const level: Step = nest({
      loops,
      reads: [at('count', ...here)],
      write: at('out', ...here),
      compute: call('add', call('mul', outScale, read(0)), outBias),
    });
    const operands = { x: operandOf(x), thresholds: operandOf(thresholds), out: operandOf(out[0]!, 'output') };
    if (isPlain) return work(operands, count);
    return work({ ...operands, count: operandOf({ format: f32, shape: x.shape }, 'scratch') }, count, level);
  },
  examples: [
    { x: 'f32[1,2,2] 0 1.5 -1 9', thresholds: 'f32[2,3] 0 1 2 -2 0 3', out: 'f32[1,2,2] 1 2 1 3' },
    {
      x: 'f32[2,2] 0 1.5 -1 9',
      thresholds: 'f32[1,3] 0 1 2',
      attrs: { outScale: 0.5, outBias: -1 },
      out: 'f32[2,2] -0.5 0 -1 0.5',
    },
    { x: 'i32[1,2] 5 5', thresholds: 'i32[2,1] 5 6', attrs: { axis: -1 }, out: 'i32[1,2] 1 0' },
  ],
});
