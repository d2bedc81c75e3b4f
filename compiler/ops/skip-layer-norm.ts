import { at, axisLoops, call, index, nest, read, work } from '../../hw-models/work/build.ts';
import type { Access, Scalar, Step } from '../../hw-models/work/types.ts';
import { absent, type ValueId } from '../ir/types.ts';
import { f32 } from '../formats/index.ts';
import { broadcastSteps, walk } from '../tensor/shape.ts';
import { build, fromNumbers, numbers, sizeOf } from '../tensor/tensor.ts';
import { flag, float } from './attrs.ts';
import { defineOp } from './define.ts';
import { normaliseStep, perChannel, scaleAndShift, stretchesTo } from './kit/affine.ts';
import { broadcastAccess, operandOf } from './kit/elementwise.ts';
import { momentScratch, momentSteps, momentsOf } from './kit/moments.ts';

/** A residual sum and the layer normalisation of it in one (com.microsoft): s = x + skip + bias, then over the last axis. */
export const skipLayerNorm = defineOp('skip-layer-norm', {
  doc: 'Sum of two tensors and a bias, then layer (or root mean square) normalisation over the last axis.',
  onnx: [
    {
      type: 'SkipLayerNormalization',
      domains: ['com.microsoft'],
      attrs: ['epsilon'],
      read: ({ attributes: a }) => ({ attrs: { epsilon: a.float('epsilon') ?? 1e-12 } }),
    },
    {
      type: 'SkipSimplifiedLayerNormalization',
      domains: ['com.microsoft'],
      attrs: ['epsilon'],
      read: ({ attributes: a, inputs }) => {
        const [x, skip, scale, bias] = inputs as [ValueId, ValueId, ValueId, ValueId?];
        return {
          inputs: [x, skip, scale, absent, bias ?? absent],
          attrs: { epsilon: a.float('epsilon') ?? 1e-12, centred: false },
        };
      },
    },
  ],
  operands: ['x', 'skip', 'scale', 'shift?', 'bias?'],
  outputs: ['out', 'mean?', 'inverse?', 'residual?'],
  attrs: {
    epsilon: float('added to the variance', 1e-12),
    centred: flag('take the mean out (layer normalisation)', true),
  },
  infer: ({ x, skip, scale, shift, bias }) => {
    stretchesTo('skip', skip, x.shape);
    const width = x.shape[x.shape.length - 1] ?? 1;
    perChannel('scale', scale, width);
    if (shift) perChannel('shift', shift, width);
    if (bias) perChannel('bias', bias, width);
    const type = { format: x.format, shape: x.shape };
    const stash = { format: f32, shape: [...x.shape.slice(0, -1), 1] };
    return [type, stash, stash, type];
  },
  evaluate: ({ x, skip, scale, shift, bias }, { epsilon, centred }) => {
    const width = x.shape[x.shape.length - 1]!;
    const [values, skips, biases] = [numbers(x), numbers(skip), bias && numbers(bias)];
    const sums = new Float64Array(values.length);
    walk(
      x.shape,
      [broadcastSteps(skip.shape, x.shape)],
      (i, offsets) => (sums[i] = values[i]! + skips[offsets[0]!]! + (biases ? biases[i % width]! : 0)),
    );
    const groups = sizeOf(x.shape.slice(0, -1));
    const [mean, inverse] = [new Float64Array(groups), new Float64Array(groups)];
    const normalised = new Float64Array(sums.length);
    for (let g = 0; g < groups; g++) {
      const m = momentsOf(sums, g * width, width, epsilon, centred);
      [mean[g], inverse[g]] = [m.mean, m.inverse];
      for (let i = g * width; i < (g + 1) * width; i++) normalised[i] = (sums[i]! - m.mean) * m.inverse;
    }
    // The runtime's kernel rounds once, at its end.
    const out = scaleAndShift(normalised, x.shape, { ...x.format, round: (v) => v }, scale, shift);
    const stash = [...x.shape.slice(0, -1), 1];
    return [
      build(x.format, x.shape, (i) => out[i]!),
      fromNumbers(f32, stash, mean),
      fromNumbers(f32, stash, inverse),
      build(x.format, x.shape, (i) => sums[i]!),
    ];
  },
  work: ({ x, skip, scale, shift, bias }, { epsilon, centred }, { out, wanted }) => {
    const loops = axisLoops('i', x.shape);
    const last = loops.length - 1;
    const all = (operand: string): Access => at(operand, ...loops.map((l) => l.name));
    const group = (operand: string): Access => ({
      operand,
      at: loops.map((l, i) => (i === last ? index(0) : index(l.name))),
    });
    const own = (operand: string): Access => at(operand, loops[last]!.name);
    const sum: Scalar = call('add', read(0), read(1));
    const steps: Step[] = [
      nest({
        loops,
        reads: [all('x'), broadcastAccess('skip', skip.shape, loops, x.shape), ...(bias ? [own('bias')] : [])],
        write: all('residual'),
        compute: bias ? call('add', sum, read(2)) : sum,
      }),
      ...momentSteps({
        loops,
        groups: loops.slice(0, last),
        x: all('residual'),
        group,
        count: x.shape[last]!,
        epsilon,
        centred,
      }),
      normaliseStep({
        loops,
        x: all('residual'),
        ...(centred ? { mean: group('mean') } : {}),
        inverse: group('inverse'),
        scale: own('scale'),
        bias: shift && own('shift'),
        write: all('out'),
      }),
    ];
    const shown = Object.fromEntries(
      ['mean', 'inverse'].flatMap((name, i) => (wanted[i + 1] ? [[name, operandOf(out[i + 1]!, 'output')]] : [])),
    );
    return work(
      {
        x: operandOf(x),
        skip: operandOf(skip),
        scale: operandOf(scale),
        ...(shift ? { shift: operandOf(shift) } : {}),
        ...(bias ? { bias: operandOf(bias) } : {}),
        ...momentScratch(out[1]!.shape, f32, centred),
        ...shown,
        residual: operandOf(out[3]!, wanted[3] ? 'output' : 'scratch'),
        out: operandOf(out[0]!, 'output'),
      },
      ...steps,
    );
  },
  examples: [
    {
      x: 'f32[1,2] 1 2',
      skip: 'f32[1,2] 0 1',
      scale: 'f32[2] 1 2',
      shift: 'f32[2] 0 1',
      attrs: { epsilon: 0 },
      out: 'f32[1,2] -1 3',
      mean: 'f32[1,1] 2',
      inverse: 'f32[1,1] 1',
      residual: 'f32[1,2] 1 3',
    },
    { x: 'f32[2,3,4] ~1', skip: 'f32[3,4] ~2', scale: 'f32[4] ~3', bias: 'f32[4] ~4' },
    { x: 'f32[2,3,4] ~1', skip: 'f32[2,3,4] ~2', scale: 'f32[4] ~3', bias: 'f32[4] ~4', attrs: { centred: false } },
  ],
});
