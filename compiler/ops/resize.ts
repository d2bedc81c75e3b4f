import { at, axisLoops, lookup, nest, read, work } from '../../hw-models/work/build.ts';
import type { Work } from '../../hw-models/work/types.ts';
import { f32, isFloat } from '../formats/index.ts';
import { absent, type TensorType } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { build, fromNumbers, type Tensor } from '../tensor/tensor.ts';
import { choice, flag, float, optionalInts } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { accepts, mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { lookedUp } from './kit/moves.ts';
import { interpolated, interpolationWork } from './kit/resize-passes.ts';
import { resizedAxes, type ResizeTargets, type SizeAttrs } from './kit/resize-sizes.ts';
import { coordinateModes, nearestModes, tapsAlong, type AxisTaps, type TapAttrs } from './kit/resize-taps.ts';

type Attrs = TapAttrs & SizeAttrs & { readonly extrapolationValue: number };

const tapsOf = (x: TensorType, targets: ResizeTargets, attrs: Attrs): AxisTaps[] =>
  resizedAxes(x.shape, targets, attrs).map((axis) => tapsAlong(axis, attrs));

const known = (t: Tensor | undefined): OperandInfo | undefined => t && { format: t.format, shape: t.shape, value: t };

/** Upsample and Resize 10: output element o lies at o / scale, without a choice of rounding. */
const old = (node: NodeReader, scales: NodeReader['inputs'][number]): ReadNode => {
  const mode = node.attributes.string('mode') ?? 'nearest';
  return {
    inputs: [node.inputs[0]!, absent, scales],
    attrs: {
      mode: mode === 'bilinear' ? 'linear' : mode,
      coordinateTransformationMode: 'asymmetric',
      nearestMode: 'simple',
    },
  };
};

function readUpsample(node: NodeReader): ReadNode {
  if (node.version >= 9) return old(node, node.inputs[1] ?? absent);
  const { attributes } = node;
  const scales = attributes.floats('scales') ?? [
    1,
    1,
    attributes.float('height_scale') ?? 1,
    attributes.float('width_scale') ?? 1,
  ];
  return old(node, node.constant(fromNumbers(f32, [scales.length], scales), 'scales'));
}

/**
 * A tensor at other sizes, by nearest neighbour or by linear or cubic interpolation along each axis in turn, the one
 * that shrinks most first. Coordinates follow ONNX's table and the formulas of its reference, in which a scaled length
 * keeps its fraction.
 */
export const resize = defineOp('resize', {
  doc: 'The tensor at other sizes: nearest, linear or cubic.',
  onnx: [
    { type: 'Resize', since: 11 },
    { type: 'Resize', since: 10, until: 10, attrs: ['mode'], read: (node) => old(node, node.inputs[1] ?? absent) },
    { type: 'Upsample', until: 9, attrs: ['mode', 'scales', 'height_scale', 'width_scale'], read: readUpsample },
  ],
  operands: ['x', 'roi?', 'scales?', 'sizes?'],
  attrs: {
    mode: choice('how elements are made from their neighbours', ['nearest', 'linear', 'cubic'], 'nearest'),
    coordinateTransformationMode: choice('where output elements lie on the input', coordinateModes, 'half_pixel'),
    nearestMode: choice('which neighbour counts as the nearest', nearestModes, 'round_prefer_floor'),
    cubicCoeffA: float('slope of the cubic kernel', -0.75),
    excludeOutside: flag('neighbours outside the tensor weigh nothing, instead of repeating its edge', false),
    extrapolationValue: float('value outside the roi (tf_crop_and_resize)', 0),
    antialias: flag('widen the linear or cubic kernel where an axis shrinks', false),
    axes: optionalInts('axes that scales, sizes and roi speak of; all when absent'),
    keepAspectRatioPolicy: choice(
      'whether sizes are limits within which the shape is kept',
      ['stretch', 'not_larger', 'not_smaller'],
      'stretch',
    ),
  },
  infer: ({ x, ...targets }, attrs) => {
    if (attrs.mode !== 'nearest') mustBe('an interpolating resize', 'number', x);
    return { format: x.format, shape: resizedAxes(x.shape, targets, attrs).map((a) => a.out) };
  },
  evaluate: ({ x, roi, scales, sizes }, attrs) => {
    const taps = tapsOf(x, { roi: known(roi), scales: known(scales), sizes: known(sizes) }, attrs);
    const fill = accepts(x.format, 'value') ? build(x.format, [1], () => attrs.extrapolationValue).data : undefined;
    if (attrs.mode === 'nearest')
      return lookedUp(
        x,
        taps.map((t) => t.start),
        fill,
      );
    const values = interpolated(x, taps, attrs.extrapolationValue);
    const shape = taps.map((t) => t.out);
    if (isFloat(x.format)) return build(x.format, shape, (i) => values[i]!);
    // Whole numbers drop the fraction; what is one but for double rounding is taken as one.
    const { min, max } = x.format;
    return build(x.format, shape, (i) => Math.min(max, Math.max(min, Math.trunc(Math.fround(values[i]!)))));
  },
  work: ({ x, ...targets }, attrs, { out }) => {
    const taps = tapsOf(x, targets, attrs);
    return attrs.mode === 'nearest'
      ? lookupWork(x, out[0]!, taps, attrs)
      : interpolationWork(x, out[0]!, taps, attrs.extrapolationValue);
  },
  examples: [
    {
      x: 'f32[1,1,2,2] 1 2 3 4',
      scales: 'f32[4] 1 1 2 2',
      attrs: { mode: 'nearest', coordinateTransformationMode: 'asymmetric', nearestMode: 'floor' },
      out: 'f32[1,1,4,4] 1 1 2 2 1 1 2 2 3 3 4 4 3 3 4 4',
    },
    {
      x: 'f32[2,4] 1 2 3 4 5 6 7 8',
      scales: 'f32[2] 0.6 0.6',
      attrs: { coordinateTransformationMode: 'asymmetric', nearestMode: 'simple' },
      out: 'f32[1,2] 1 3',
    },
    {
      x: 'f32[2,2] 1 2 3 4',
      sizes: 'i64[2] 2 4',
      attrs: { mode: 'linear' },
      out: 'f32[2,4] 1 1.25 1.75 2 3 3.25 3.75 4',
    },
    {
      x: 'f32[2,4] 1 2 3 4 5 6 7 8',
      scales: 'f32[2] 0.6 0.6',
      attrs: { mode: 'linear', coordinateTransformationMode: 'align_corners' },
      out: 'f32[1,2] 1 3.142857',
    },
    {
      x: 'u8[1,3] 10 20 30',
      sizes: 'i64[1] 5',
      attrs: { mode: 'linear', coordinateTransformationMode: 'align_corners', axes: [-1] },
      out: 'u8[1,5] 10 15 20 25 30',
    },
    { x: 'f32[2,5,7] ~1', sizes: 'i64[2] 8 3', attrs: { mode: 'cubic', axes: [1, 2], antialias: true } },
    {
      x: 'f32[6,5] ~2',
      sizes: 'i64[2] 4 9',
      attrs: {
        mode: 'cubic',
        excludeOutside: true,
        cubicCoeffA: -0.5,
        coordinateTransformationMode: 'half_pixel_symmetric',
      },
    },
    {
      x: 'f32[3,4] ~3',
      roi: 'f32[4] 0.4 0.6 0.6 1.7',
      sizes: 'i64[2] 3 3',
      attrs: { mode: 'linear', coordinateTransformationMode: 'tf_crop_and_resize', extrapolationValue: 10 },
    },
    {
      x: 'f32[3,4] ~4',
      roi: 'f32[2] -0.5 1.5',
      sizes: 'i64[1] 5',
      attrs: { axes: [0], coordinateTransformationMode: 'tf_crop_and_resize', extrapolationValue: 7 },
    },
    {
      x: 'i64[2,4] +1',
      sizes: 'i64[2] 7 8',
      attrs: { keepAspectRatioPolicy: 'not_larger' },
      out: 'i64[4,8] 1 1 2 2 3 3 4 4 1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 5 5 6 6 7 7 8 8',
    },
    {
      x: 'f32[1,2] 1 2',
      sizes: 'i64[2] 1 3',
      attrs: { mode: 'linear', coordinateTransformationMode: 'pytorch_half_pixel' },
      out: 'f32[1,3] 1 1.5 2',
    },
  ],
});

function lookupWork(x: OperandInfo, out: TensorType, taps: readonly AxisTaps[], { extrapolationValue }: Attrs): Work {
  const loops = axisLoops('o', out.shape);
  const from = taps.map((t, axis) => (t.isIdentity ? loops[axis]!.name : lookup(loops[axis]!.name, t.start)));
  const access = at('x', ...from);
  const crops = taps.some((t) => t.start.includes(-1));
  return work(
    { x: operandOf(x), out: operandOf(out, 'output') },
    nest({
      loops,
      reads: [crops ? { ...access, outside: extrapolationValue } : access],
      write: at('out', ...loops.map((l) => l.name)),
      compute: read(0),
    }),
  );
}
