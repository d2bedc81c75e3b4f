import { at, axisLoops, index, work } from '../../hw-models/work/build.ts';
import type { Access, Step } from '../../hw-models/work/types.ts';
import { normalAxis } from '../tensor/shape.ts';
import { build, fromNumbers, numbers, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { float, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { normaliseStep, scaleAndShift, stretchesTo } from './kit/affine.ts';
import { broadcastAccess, operandOf } from './kit/elementwise.ts';
import { momentScratch, momentSteps, momentsOf } from './kit/moments.ts';
import { floatOfCode } from './kit/stash.ts';

/** (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance over the axes from `axis` on. */
export const layerNorm = defineOp('layer-norm', {
  doc: 'Layer normalisation over the axes from `axis` on, with scale and bias; also gives mean and inverse deviation.',
  onnx: {
    type: 'LayerNormalization',
    attrs: ['axis', 'epsilon', 'stash_type'],
    read: ({ attributes: a }) => ({
      attrs: { axis: a.int('axis') ?? -1, epsilon: a.float('epsilon') ?? 1e-5, stashType: a.int('stash_type') ?? 1 },
    }),
  },
  operands: ['x', 'scale', 'bias?'],
  outputs: ['out', 'mean?', 'inverse?'],
  attrs: {
    axis: int('first normalised axis', -1),
    epsilon: float('added to the variance', 1e-5),
    stashType: int('ONNX type code of the inner computation and of mean and inverse', 1),
  },
  infer: ({ x, scale, bias }, { axis, stashType }) => {
    stretchesTo('scale', scale, x.shape);
    if (bias) stretchesTo('bias', bias, x.shape);
    const stash = {
      format: floatOfCode(stashType, 'stash_type'),
      shape: groupShape(x.shape, normalAxis(axis, x.shape.length)),
    };
    return [{ format: x.format, shape: x.shape }, stash, stash];
  },
  evaluate: ({ x, scale, bias }, { axis, epsilon, stashType }) => {
    const shape = groupShape(x.shape, normalAxis(axis, x.shape.length));
    const groups = sizeOf(shape);
    const { mean, inverse, normalised } = normaliseRows(x, groups, epsilon, floatOfCode(stashType, 'stash_type').round);
    const out = scaleAndShift(normalised, x.shape, x.format, scale, bias);
    const stash = floatOfCode(stashType, 'stash_type');
    return [
      build(x.format, x.shape, (i) => out[i]!),
      fromNumbers(stash, shape, mean),
      fromNumbers(stash, shape, inverse),
    ];
  },
  work: ({ x, scale, bias }, { axis, epsilon }, { out, wanted }) => {
    const first = normalAxis(axis, x.shape.length);
    const loops = axisLoops('i', x.shape);
    const group = (operand: string): Access => ({
      operand,
      at: loops.map((l, i) => (i < first ? index(l.name) : index(0))),
    });
    const all = (operand: string): Access => at(operand, ...loops.map((l) => l.name));
    const copies = ['mean', 'inverse'].filter((_, i) => wanted[i + 1]);
    const steps: Step[] = [
      ...momentSteps({
        loops,
        groups: loops.slice(0, first),
        x: all('x'),
        group,
        count: sizeOf(x.shape.slice(first)),
        epsilon,
      }),
      normaliseStep({
        loops,
        x: all('x'),
        mean: group('mean'),
        inverse: group('inverse'),
        write: all('out'),
        scale: broadcastAccess('scale', scale.shape, loops, x.shape),
        bias: bias && broadcastAccess('bias', bias.shape, loops, x.shape),
      }),
    ];
    const kept = Object.fromEntries(copies.map((name) => [name, operandOf(out[1]!, 'output')]));
    return work(
      {
        x: operandOf(x),
        scale: operandOf(scale),
        ...(bias ? { bias: operandOf(bias) } : {}),
        ...momentScratch(out[1]!.shape, out[1]!.format),
        ...kept,
        out: operandOf(out[0]!, 'output'),
      },
      ...steps,
    );
  },
  examples: [
    {
      x: 'f32[2,2] 1 3 -5 5',
      scale: 'f32[2] 1 2',
      bias: 'f32[2] 0 1',
      attrs: { epsilon: 0 },
      out: 'f32[2,2] -1 3 -1 3',
      mean: 'f32[2,1] 2 0',
      inverse: 'f32[2,1] 1 0.2',
    },
    { x: 'f32[2,3,4] ~1', scale: 'f32[3,4] ~2', attrs: { axis: 1 } },
    { x: 'f32[2,3,4] ~1', scale: 'f32[1] ~2', bias: 'f32[2,1,4] ~3', attrs: { axis: -3, epsilon: 0.1 } },
    { x: 'f16[3,8] ~1', scale: 'f16[8] ~2', bias: 'f16[8] ~3' },
  ],
});

const groupShape = (shape: readonly number[], first: number): number[] =>
  shape.map((d, axis) => (axis < first ? d : 1));

/** Equal consecutive groups brought to mean 0 and deviation 1; `stash` rounds the moments to the inner element type. */
export function normaliseRows(
  x: Tensor,
  groups: number,
  epsilon: number,
  stash: (v: number) => number,
): { mean: Float64Array; inverse: Float64Array; normalised: Float64Array } {
  const values = numbers(x);
  const count = groups === 0 ? 0 : values.length / groups;
  const [mean, inverse] = [new Float64Array(groups), new Float64Array(groups)];
  const normalised = new Float64Array(values.length);
  for (let g = 0; g < groups; g++) {
    const m = momentsOf(values, g * count, count, epsilon);
    mean[g] = stash(m.mean);
    inverse[g] = stash(m.inverse);
    for (let i = g * count; i < (g + 1) * count; i++)
      normalised[i] = x.format.round((values[i]! - mean[g]!) * inverse[g]!);
  }
  return { mean, inverse, normalised };
}
