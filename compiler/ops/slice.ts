import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { normalAxes, rowMajor } from '../tensor/shape.ts';
import { wholes } from '../tensor/tensor.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { valueOf } from './kit/known.ts';
import { copyWork, misfit } from './kit/layout.ts';
import { strided } from './kit/moves.ts';

/** Where a slice starts along each axis, how it steps, and how many elements it takes. */
export interface SliceRange {
  readonly start: readonly number[];
  readonly step: readonly number[];
  readonly shape: readonly number[];
}

interface SliceArgs {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes?: readonly number[] | undefined;
  readonly steps?: readonly number[] | undefined;
}

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));

/**
 * Slice bounds as in numpy: negative ones count from the end, and all are brought inside the axis, so that the largest
 * integers mean "to the end".
 * @throws NetloomError NL1014 for lists of different lengths, repeated axes or a step of 0
 */
export function sliceRange(shape: readonly number[], args: SliceArgs): SliceRange {
  const { starts, ends } = args;
  const axes = normalAxes(args.axes ?? starts.map((_, i) => i), shape.length);
  const steps = args.steps ?? starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    misfit(
      'the lists of a slice differ in length',
      `there are ${starts.length} starts, ${ends.length} ends, ${axes.length} axes and ${steps.length} steps`,
    );
  }
  const range = { start: shape.map(() => 0), step: shape.map(() => 1), shape: [...shape] };
  axes.forEach((axis, i) => {
    const size = shape[axis]!;
    const step = steps[i]!;
    if (step === 0) misfit('a slice has step 0', `along axis ${axis}`);
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const bound = (x: number): number => clamp(x < 0 ? x + size : x, low, high);
    const start = step > 0 ? bound(starts[i]!) : Math.max(bound(starts[i]!), size === 0 ? -1 : 0);
    range.start[axis] = start;
    range.step[axis] = step;
    range.shape[axis] = Math.max(0, Math.ceil((bound(ends[i]!) - start) / step));
  });
  return range;
}

/** Bounds were attributes before opset 10. */
function readSlice(node: NodeReader): ReadNode {
  if (node.version >= 10) return { attrs: {} };
  const list = (name: string): readonly number[] =>
    node.attributes.ints(name) ?? misfit(`Slice has no ${name}`, 'the attribute has no default');
  const axes = node.attributes.ints('axes');
  const inputs = [node.inputs[0]!, node.wholes(list('starts'), 'starts'), node.wholes(list('ends'), 'ends')];
  return { inputs: axes ? [...inputs, node.wholes(axes, 'axes')] : inputs, attrs: {} };
}

/** The withdrawn experimental Crop: `border` is left, top, right, bottom; `scale` is the height and width to keep. */
function readCrop(node: NodeReader): ReadNode {
  const [left, top, right, bottom] = node.attributes.ints('border') ?? [];
  const scale = node.attributes.ints('scale');
  const { shape } = node.info(node.inputs[0]!);
  if (shape.length !== 4 || bottom === undefined || (scale && scale.length !== 2)) {
    misfit(
      'Crop does not fit its input',
      `it needs four axes, four borders and two scales; the input has ${shape.length} axes`,
    );
  }
  const [height, width] = [shape[2]!, shape[3]!];
  const ends = scale ? [top! + scale[0]!, left! + scale[1]!] : [height - bottom!, width - right!];
  if (ends[0]! > height || ends[1]! > width)
    misfit('Crop reaches outside its input', `it ends at ${ends.join(', ')} of ${height}, ${width}`);
  return {
    inputs: [
      node.inputs[0]!,
      node.wholes([top!, left!], 'starts'),
      node.wholes(ends, 'ends'),
      node.wholes([2, 3], 'axes'),
    ],
    attrs: {},
  };
}

interface SliceOperands {
  readonly x: OperandInfo;
  readonly starts: OperandInfo;
  readonly ends: OperandInfo;
  readonly axes?: OperandInfo | undefined;
  readonly steps?: OperandInfo | undefined;
}

/** The range of constant bounds. Computed ones are taken to start at the front: as many elements are moved. */
function rangeAtHand({ x, starts, ends, axes, steps }: SliceOperands, out: readonly number[]): SliceRange {
  if (!starts.value || !ends.value || (axes && !axes.value) || (steps && !steps.value)) {
    return { start: out.map(() => 0), step: out.map(() => 1), shape: out };
  }
  return sliceRange(x.shape, {
    starts: wholes(starts.value),
    ends: wholes(ends.value),
    axes: axes?.value && wholes(axes.value),
    steps: steps?.value && wholes(steps.value),
  });
}

/** x[start:end:step] along some axes. */
export const slice = defineOp('slice', {
  doc: 'Every step-th element between two bounds, along the axes named.',
  onnx: [
    { type: 'Slice', attrs: ['starts', 'ends', 'axes'], read: readSlice },
    { type: 'Crop', attrs: ['border', 'scale'], read: readCrop },
  ],
  operands: ['x', 'starts', 'ends', 'axes?', 'steps?'],
  infer: ({ x, starts, ends, axes, steps }) => {
    const args = {
      starts: wholes(valueOf(starts, 'the start of a slice')),
      ends: wholes(valueOf(ends, 'the end of a slice')),
      axes: axes && wholes(valueOf(axes, 'the list of axes of a slice')),
      steps: steps && wholes(valueOf(steps, 'the step of a slice')),
    };
    return { format: x.format, shape: sliceRange(x.shape, args).shape };
  },
  evaluate: ({ x, starts, ends, axes, steps }) => {
    const range = sliceRange(x.shape, {
      starts: wholes(starts),
      ends: wholes(ends),
      axes: axes && wholes(axes),
      steps: steps && wholes(steps),
    });
    const own = rowMajor(x.shape);
    const offset = range.start.reduce((sum, s, i) => sum + s * own[i]!, 0);
    return strided(
      x,
      range.shape,
      own.map((s, i) => s * range.step[i]!),
      offset,
    );
  },
  work: ({ x, starts, ends, axes, steps }, _, { out }) => {
    const range = rangeAtHand({ x, starts, ends, axes, steps }, out[0]!.shape);
    return copyWork(x, out[0]!, (loops) => loops.map((l, i) => [l.name, range.step[i]!, range.start[i]!]));
  },
  examples: [
    {
      x: 'f32[2,4] +1',
      starts: 'i64[2] 1 0',
      ends: 'i64[2] 2 3',
      steps: 'i64[2] 1 2',
      axes: 'i64[2] 0 1',
      out: 'f32[1,2] 5 7',
    },
    { x: 'f32[2,4] +1', starts: 'i64[2] 0 1', ends: 'i64[2] -1 1000', out: 'f32[1,3] 2 3 4' },
    {
      x: 'i64[5] +0',
      starts: 'i64[1] -1',
      ends: 'i64[1] -9223372036854775808',
      axes: 'i64[1] 0',
      steps: 'i64[1] -2',
      out: 'i64[3] 4 2 0',
    },
    { x: 'u8[2,3] +1', starts: 'i32[1] 20', ends: 'i32[1] 2147483647', axes: 'i32[1] -1', out: 'u8[2,0]' },
    { x: 'f32[3,4,5] ~1', starts: 'i64[2] 20 0', ends: 'i64[2] 0 4', axes: 'i64[2] 0 2', steps: 'i64[2] -1 3' },
  ],
});
