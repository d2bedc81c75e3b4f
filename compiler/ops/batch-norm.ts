import { at, axisLoops, call, nest, read, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import type { ValueId } from '../ir/types.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { float } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { perChannel } from './kit/affine.ts';
import { operandOf } from './kit/elementwise.ts';

/**
 * The inference form of every version. Before opset 9 `spatial = 0` gave each position of an image its own statistics:
 * the image is then flattened so that positions become channels.
 */
function readBatchNorm(node: NodeReader): ReadNode {
  const { attributes: a } = node;
  const attrs = { epsilon: a.float('epsilon') ?? 1e-5 };
  if (a.int('training_mode') || node.outputCount > 1) {
    fail('NL1106', {
      message: 'BatchNormalization in training mode is not computed',
      cause: 'it updates running statistics, which only training needs',
      fix: 'export the model for inference (model.eval() in PyTorch)',
    });
  }
  const [x, ...parts] = node.inputs as [ValueId, ...ValueId[]];
  const shape = node.info(x).shape;
  if (node.version >= 9 || a.int('spatial') !== 0 || shape.length <= 2) return { attrs };
  const flat = (id: ValueId): ValueId => node.emit('reshape', [id, node.wholes([-1], 'list')]);
  const image = node.emit('reshape', [x, node.wholes([shape[0]!, sizeOf(shape.slice(1))], 'flat')], {
    allowZero: true,
  });
  return {
    kind: 'reshape',
    inputs: [node.emit('batch-norm', [image, ...parts.map(flat)], attrs), node.wholes(shape, 'shape')],
    attrs: { allowZero: true },
  };
}

/** (x - mean) / sqrt(variance + epsilon) * scale + bias with given statistics per channel. */
export const batchNorm = defineOp('batch-norm', {
  doc: 'Batch normalisation with given mean and variance per channel (inference).',
  onnx: {
    type: 'BatchNormalization',
    attrs: ['epsilon', 'momentum', 'is_test', 'spatial', 'consumed_inputs', 'training_mode'],
    read: readBatchNorm,
  },
  operands: ['x', 'scale', 'bias', 'mean', 'variance'],
  attrs: { epsilon: float('added to the variance', 1e-5) },
  infer: ({ x, scale, bias, mean, variance }) => {
    mustBe('batch-norm', 'float', x, scale, bias, mean, variance);
    if (x.shape.length < 1)
      fail('NL1014', {
        message: 'the input of a batch normalisation is a scalar',
        cause: 'it needs a batch axis',
        fix: 'correct the model',
      });
    for (const [name, part] of Object.entries({ scale, bias, mean, variance }))
      perChannel(name, part, channelsOf(x.shape));
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, scale, bias, mean, variance }, { epsilon }) => {
    const [values, s, b, m, v] = [numbers(x), numbers(scale), numbers(bias), numbers(mean), numbers(variance)];
    const channels = channelsOf(x.shape);
    const pixels = sizeOf(x.shape.slice(2));
    const factor = Float64Array.from({ length: channels }, (_, c) => s[c]! / Math.sqrt(v[c]! + epsilon));
    return build(x.format, x.shape, (i) => {
      const c = Math.floor(i / pixels) % channels;
      return (values[i]! - m[c]!) * factor[c]! + b[c]!;
    });
  },
  work: ({ x, scale, bias, mean, variance }, { epsilon }, { out }) => {
    const loops = axisLoops('i', x.shape);
    const channels = [{ name: 'c', size: channelsOf(x.shape) }];
    const all = (operand: string) => at(operand, ...loops.map((l) => l.name));
    const here = (operand: string) => at(operand, x.shape.length < 2 ? 0 : 'i1');
    const scratch = operandOf({ format: x.format, shape: [channelsOf(x.shape)] }, 'scratch');
    return work(
      {
        x: operandOf(x),
        scale: operandOf(scale),
        bias: operandOf(bias),
        mean: operandOf(mean),
        variance: operandOf(variance),
        factor: scratch,
        shift: scratch,
        out: operandOf(out[0]!, 'output'),
      },
      nest({
        loops: channels,
        reads: [at('scale', 'c'), at('variance', 'c')],
        write: at('factor', 'c'),
        compute: call('div', read(0), call('sqrt', call('add', read(1), epsilon))),
      }),
      nest({
        loops: channels,
        reads: [at('bias', 'c'), at('mean', 'c'), at('factor', 'c')],
        write: at('shift', 'c'),
        compute: call('sub', read(0), call('mul', read(1), read(2))),
      }),
      nest({
        loops,
        reads: [all('x'), here('factor'), here('shift')],
        write: all('out'),
        compute: call('add', call('mul', read(0), read(1)), read(2)),
      }),
    );
  },
  examples: [
    {
      x: 'f32[1,2,2] 1 2 3 4',
      scale: 'f32[2] 1 2',
      bias: 'f32[2] 0 1',
      mean: 'f32[2] 1 3',
      variance: 'f32[2] 4 1',
      attrs: { epsilon: 0 },
      out: 'f32[1,2,2] 0 0.5 1 3',
    },
    { x: 'f32[2,3,4,2] ~1', scale: 'f32[3] ~2', bias: 'f32[3] ~3', mean: 'f32[3] ~4', variance: 'f32[3] 0.5 1 2' },
    { x: 'f32[4] ~1', scale: 'f32[1] 2', bias: 'f32[1] 1', mean: 'f32[1] 0', variance: 'f32[1] 1' },
  ],
});

/** A tensor with one axis has one channel. */
const channelsOf = (shape: readonly number[]): number => shape[1] ?? 1;
