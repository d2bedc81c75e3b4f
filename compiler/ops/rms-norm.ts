import { at, axisLoops, index, work } from '../../hw-models/work/build.ts';
import type { Access } from '../../hw-models/work/types.ts';
import { normalAxis } from '../tensor/shape.ts';
import { build, numbers, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { float, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { normaliseStep, scaleAndShift, stretchesTo } from './kit/affine.ts';
import { broadcastAccess, operandOf } from './kit/elementwise.ts';
import { momentScratch, momentSteps, momentsOf } from './kit/moments.ts';
import { floatOfCode } from './kit/stash.ts';

/** x / sqrt(mean(x^2) + epsilon) * scale, with the mean over the axes from `axis` on (opset 23). */
export const rmsNorm = defineOp('rms-norm', {
  doc: 'Root mean square normalisation over the axes from `axis` on, with a scale.',
  onnx: [
    { type: 'RMSNormalization' },
    // Deeploy's dialect: over the last axis; 1e-6 is what its networks were computed with.
    {
      type: 'RMSNorm',
      domains: ['', 'PACTOps'],
      attrs: ['eps', 'epsilon', 'n_levels', 'D'],
      read: ({ attributes: a }) => ({ attrs: { epsilon: a.float('eps') ?? a.float('epsilon') ?? 1e-6 } }),
    },
    { type: 'SimplifiedLayerNormalization', domains: ['', 'com.microsoft'] },
  ],
  operands: ['x', 'scale'],
  attrs: {
    axis: int('first normalised axis', -1),
    epsilon: float('added to the mean of squares', 1e-5),
    stashType: int('ONNX type code of the inner computation', 1),
  },
  infer: ({ x, scale }, { axis, stashType }) => {
    normalAxis(axis, x.shape.length);
    floatOfCode(stashType, 'stash_type');
    stretchesTo('scale', scale, x.shape);
    return { format: scale.format, shape: x.shape };
  },
  evaluate: ({ x, scale }, { axis, epsilon, stashType }) => {
    const groups = sizeOf(x.shape.slice(0, normalAxis(axis, x.shape.length)));
    const normalised = rootMeanSquareRows(x, groups, epsilon, floatOfCode(stashType, 'stash_type').round);
    const out = scaleAndShift(normalised, x.shape, scale.format, scale, undefined);
    return build(scale.format, x.shape, (i) => out[i]!);
  },
  work: ({ x, scale }, { axis, epsilon }, { out }) => {
    const first = normalAxis(axis, x.shape.length);
    const loops = axisLoops('i', x.shape);
    const groups = loops.slice(0, first);
    const group = (operand: string): Access => at(operand, ...(first === 0 ? [index(0)] : groups.map((l) => l.name)));
    const all = (operand: string): Access => at(operand, ...loops.map((l) => l.name));
    return work(
      {
        x: operandOf(x),
        scale: operandOf(scale),
        ...momentScratch(first === 0 ? [1] : x.shape.slice(0, first), x.format, false),
        out: operandOf(out[0]!, 'output'),
      },
      ...momentSteps({
        loops,
        groups,
        x: all('x'),
        group,
        count: sizeOf(x.shape.slice(first)),
        epsilon,
        centred: false,
      }),
      normaliseStep({
        loops,
        x: all('x'),
        inverse: group('inverse'),
        scale: broadcastAccess('scale', scale.shape, loops, x.shape),
        write: all('out'),
      }),
    );
  },
  examples: [
    {
      x: 'f32[1,2] 3 -4',
      scale: 'f32[2] 1 2',
      attrs: { epsilon: 0 },
      out: 'f32[1,2] 0.8485281374238571 -2.2627416997969525',
    },
    { x: 'f32[2,3,4] ~1', scale: 'f32[3,4] ~2', attrs: { axis: 1 } },
    { x: 'f32[2,3] ~1', scale: 'f32[3] ~2', attrs: { axis: 0 } },
    { x: 'f16[3,8] ~1', scale: 'f16[8] ~2' },
  ],
});

function rootMeanSquareRows(x: Tensor, groups: number, epsilon: number, stash: (v: number) => number): Float64Array {
  const values = numbers(x);
  const count = groups === 0 ? 0 : values.length / groups;
  const out = new Float64Array(values.length);
  for (let g = 0; g < groups; g++) {
    const inverse = stash(momentsOf(values, g * count, count, epsilon, false).inverse);
    for (let i = g * count; i < (g + 1) * count; i++) out[i] = x.format.round(values[i]! * inverse);
  }
  return out;
}
