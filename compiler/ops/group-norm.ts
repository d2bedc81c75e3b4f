import { at, axisLoops, index, loops as loopsOf, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { build, reshaped, sizeOf } from '../tensor/tensor.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { float, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { normaliseStep, perChannel, scaleAndShift } from './kit/affine.ts';
import { operandOf } from './kit/elementwise.ts';
import { momentScratch, momentSteps } from './kit/moments.ts';
import { floatOfCode } from './kit/stash.ts';
import { normaliseRows } from './layer-norm.ts';

/** In opset 18 scale and bias had one element per group; each then holds for all channels of its group. */
function readGroupNorm(node: NodeReader): ReadNode {
  const { attributes: a } = node;
  const attrs = {
    numGroups: a.int('num_groups') ?? 0,
    epsilon: a.float('epsilon') ?? 1e-5,
    stashType: a.int('stash_type') ?? 1,
  };
  if (node.version >= 21) return { attrs };
  const [x, scale, bias] = node.inputs as [(typeof node.inputs)[0], (typeof node.inputs)[0], (typeof node.inputs)[0]];
  const channels = node.info(x).shape[1];
  if (channels === undefined || attrs.numGroups < 1) return { attrs };
  const each = channels / attrs.numGroups;
  const spread = (id: typeof x) => {
    const columns = node.emit('reshape', [id, node.wholes([-1, 1], 'column')]);
    const wide = node.emit('expand', [columns, node.wholes([attrs.numGroups, each], 'groups')]);
    return node.emit('reshape', [wide, node.wholes([channels], 'channels')]);
  };
  return { inputs: each === 1 ? [x, scale, bias] : [x, spread(scale), spread(bias)], attrs };
}

/** Normalises each group of channels of each image, then scales and shifts each channel. */
export const groupNorm = defineOp('group-norm', {
  doc: 'Normalisation over groups of channels, with a scale and a bias per channel.',
  onnx: { type: 'GroupNormalization', attrs: ['num_groups', 'epsilon', 'stash_type'], read: readGroupNorm },
  operands: ['x', 'scale', 'bias'],
  attrs: {
    numGroups: int('groups that the channels divide into'),
    epsilon: float('added to the variance', 1e-5),
    stashType: int('ONNX type code of the inner computation', 1),
  },
  infer: ({ x, scale, bias }, { numGroups, stashType }) => {
    const channels = x.shape[1] ?? 0;
    if (x.shape.length < 2 || numGroups < 1 || channels % numGroups !== 0) {
      fail('NL1014', {
        message: 'the groups of a normalisation do not fit',
        cause: `${channels} channels do not divide into ${numGroups} groups`,
        fix: 'correct the model',
      });
    }
    floatOfCode(stashType, 'stash_type');
    perChannel('scale', scale, channels);
    perChannel('bias', bias, channels);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, scale, bias }, { numGroups, epsilon, stashType }) => {
    const { normalised } = normaliseRows(
      x,
      x.shape[0]! * numGroups,
      epsilon,
      floatOfCode(stashType, 'stash_type').round,
    );
    const column = [x.shape[1]!, ...x.shape.slice(2).map(() => 1)];
    const out = scaleAndShift(normalised, x.shape, x.format, reshaped(scale, column), reshaped(bias, column));
    return build(x.format, x.shape, (i) => out[i]!);
  },
  work: ({ x, scale, bias }, { numGroups, epsilon }, { out }) => {
    const [n, channels, ...sizes] = x.shape as [number, number, ...number[]];
    const each = channels / numGroups;
    const groups = loopsOf({ n, g: numGroups });
    const pixels = axisLoops('p', sizes);
    const loops = [...groups, ...loopsOf({ c: each }), ...pixels];
    const channel = index(['g', each, 'c', 1]);
    const all = (operand: string) => at(operand, 'n', channel, ...pixels.map((p) => p.name));
    const group = (operand: string) => at(operand, 'n', 'g');
    return work(
      {
        x: operandOf(x),
        scale: operandOf(scale),
        bias: operandOf(bias),
        ...momentScratch([n, numGroups], x.format),
        out: operandOf(out[0]!, 'output'),
      },
      ...momentSteps({ loops, groups, x: all('x'), group, count: each * sizeOf(sizes), epsilon }),
      normaliseStep({
        loops,
        x: all('x'),
        mean: group('mean'),
        inverse: group('inverse'),
        scale: at('scale', channel),
        bias: at('bias', channel),
        write: all('out'),
      }),
    );
  },
  examples: [
    {
      x: 'f32[1,2,2] 1 3 -5 5',
      scale: 'f32[2] 1 2',
      bias: 'f32[2] 0 1',
      attrs: { numGroups: 2, epsilon: 0 },
      out: 'f32[1,2,2] -1 1 -1 3',
    },
    { x: 'f32[2,6,2,3] ~1', scale: 'f32[6] ~2', bias: 'f32[6] ~3', attrs: { numGroups: 3 } },
  ],
});
