import { at, axisLoops, lookup, nest, read, work } from '../../hw-models/work/build.ts';
import type { Work } from '../../hw-models/work/types.ts';
import type { TensorType } from '../ir/types.ts';
import { normalAxis } from '../tensor/shape.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { optionalInt } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit, mustBeList } from './kit/layout.ts';
import { takeBlocks } from './kit/moves.ts';

interface View {
  /** Of x, or of its elements in a row when no axis is given. */
  readonly shape: readonly number[];
  readonly axis: number;
}

function viewOf(x: TensorType, condition: TensorType, axis: number | undefined): View {
  mustBeList(condition, 'the condition of Compress');
  const view =
    axis === undefined
      ? { shape: [sizeOf(x.shape)], axis: 0 }
      : { shape: x.shape, axis: normalAxis(axis, x.shape.length) };
  const size = view.shape[view.axis]!;
  if (sizeOf(condition.shape) > size)
    misfit(
      'the condition of Compress is longer than the axis',
      `it has ${sizeOf(condition.shape)} entries for ${size} elements`,
    );
  return view;
}

const resized = ({ shape, axis }: View, size: number): number[] => shape.map((d, i) => (i === axis ? size : d));

const kept = (condition: Tensor): number[] =>
  Array.from(condition.data as Uint8Array).flatMap((on, i) => (on ? [i] : []));

/** The slices of x whose condition is true; a short condition is false for the rest. */
export const compress = defineOp('compress', {
  doc: 'Slices along an axis (or single elements) for which a condition holds.',
  onnx: { type: 'Compress', since: 9 },
  operands: ['x', 'condition'],
  attrs: { axis: optionalInt('axis of the slices; without it x counts as one row of elements') },
  infer: ({ x, condition }, { axis }) => {
    const view = viewOf(x, condition, axis);
    if (condition.value) return { format: x.format, shape: resized(view, kept(condition.value).length) };
    return { format: x.format, shape: resized(view, sizeOf(condition.shape)), assumed: true };
  },
  evaluate: ({ x, condition }, attrs) => {
    const view = viewOf(x, condition, attrs.axis);
    const picked = kept(condition);
    const size = view.shape[view.axis]!;
    const block = sizeOf(view.shape.slice(view.axis + 1));
    const n = picked.length;
    return takeBlocks(x, resized(view, n), block, (i) => (Math.floor(i / n) * size + picked[i % n]!) * block);
  },
  work: ({ x, condition }, attrs, { out }) =>
    condition.value && (attrs.axis !== undefined || x.shape.length === 1)
      ? knownWork(x, kept(condition.value), viewOf(x, condition, attrs.axis).axis, out[0]!)
      : unknownWork(x, condition, out[0]!),
  examples: [
    { x: 'f32[3,2] 1 2 3 4 5 6', condition: 'bool[3] 0 1 1', attrs: { axis: 0 }, out: 'f32[2,2] 3 4 5 6' },
    { x: 'f32[3,2] 1 2 3 4 5 6', condition: 'bool[2] 0 1', attrs: { axis: -1 }, out: 'f32[3,1] 2 4 6' },
    { x: 'i64[3,2] 1 2 3 4 5 6', condition: 'bool[5] 0 1 0 0 1', out: 'i64[2] 2 5' },
  ],
});

function knownWork(x: OperandInfo, picked: readonly number[], axis: number, out: TensorType): Work {
  const loops = axisLoops('i', out.shape);
  return work(
    { x: operandOf(x), out: operandOf(out, 'output') },
    nest({
      loops,
      reads: [at('x', ...loops.map((l, i) => (i === axis ? lookup(l.name, picked) : l.name)))],
      write: at('out', ...loops.map((l) => l.name)),
      compute: read(0),
    }),
  );
}

function unknownWork(x: OperandInfo, condition: OperandInfo, out: TensorType): Work {
  const n = sizeOf(condition.shape);
  const moved = sizeOf(out.shape);
  return {
    operands: { x: operandOf(x), condition: operandOf(condition), out: operandOf(out, 'output') },
    steps: [
      {
        kind: 'procedure',
        why: 'each condition is looked at once; where a slice is written depends on how many were kept before it',
        counts: { compare: n, add: n, move: moved },
        reads: { x: moved, condition: n },
        writes: { out: moved },
      },
    ],
  };
}
