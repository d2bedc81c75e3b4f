import { at, axisLoops, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { build, numbers, reshaped, sizeOf } from '../tensor/tensor.ts';
import { float } from './attrs.ts';
import { defineOp } from './define.ts';
import { normaliseStep, perChannel, scaleAndShift } from './kit/affine.ts';
import { operandOf } from './kit/elementwise.ts';
import { momentScratch, momentSteps, momentsOf } from './kit/moments.ts';

/** Normalises each channel of each image by its own mean and variance, then scales and shifts it. */
export const instanceNorm = defineOp('instance-norm', {
  doc: 'Normalisation of each channel of each image, with a scale and a bias per channel.',
  onnx: {
    type: 'InstanceNormalization',
    attrs: ['epsilon', 'consumed_inputs'],
    read: ({ attributes: a }) => ({ attrs: { epsilon: a.float('epsilon') ?? 1e-5 } }),
  },
  operands: ['x', 'scale', 'bias'],
  attrs: { epsilon: float('added to the variance', 1e-5) },
  infer: ({ x, scale, bias }) => {
    if (x.shape.length < 2)
      fail('NL1014', {
        message: 'the input of an instance normalisation has no channels',
        cause: `it has ${x.shape.length} axes; batch and channels are needed`,
        fix: 'correct the model',
      });
    perChannel('scale', scale, x.shape[1]!);
    perChannel('bias', bias, x.shape[1]!);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, scale, bias }, { epsilon }) => {
    const values = numbers(x);
    const count = sizeOf(x.shape.slice(2));
    const normalised = new Float64Array(values.length);
    for (let start = 0; start < values.length; start += count) {
      const { mean, inverse } = momentsOf(values, start, count, epsilon);
      for (let i = start; i < start + count; i++) normalised[i] = (values[i]! - mean) * inverse;
    }
    const column = [x.shape[1]!, ...x.shape.slice(2).map(() => 1)];
    const out = scaleAndShift(normalised, x.shape, x.format, reshaped(scale, column), reshaped(bias, column));
    return build(x.format, x.shape, (i) => out[i]!);
  },
  work: ({ x, scale, bias }, { epsilon }, { out }) => {
    const loops = axisLoops('i', x.shape);
    const groups = loops.slice(0, 2);
    const all = (operand: string) => at(operand, ...loops.map((l) => l.name));
    const group = (operand: string) => at(operand, 'i0', 'i1');
    return work(
      {
        x: operandOf(x),
        scale: operandOf(scale),
        bias: operandOf(bias),
        ...momentScratch(x.shape.slice(0, 2), x.format),
        out: operandOf(out[0]!, 'output'),
      },
      ...momentSteps({ loops, groups, x: all('x'), group, count: sizeOf(x.shape.slice(2)), epsilon }),
      normaliseStep({
        loops,
        x: all('x'),
        mean: group('mean'),
        inverse: group('inverse'),
        scale: at('scale', 'i1'),
        bias: at('bias', 'i1'),
        write: all('out'),
      }),
    );
  },
  examples: [
    {
      x: 'f32[1,2,2] 1 3 -5 5',
      scale: 'f32[2] 1 2',
      bias: 'f32[2] 0 1',
      attrs: { epsilon: 0 },
      out: 'f32[1,2,2] -1 1 -1 3',
    },
    { x: 'f32[2,3,2,2] ~1', scale: 'f32[3] ~2', bias: 'f32[3] ~3' },
  ],
});
