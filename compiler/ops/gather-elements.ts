import { at, axisLoops, nest, read, work } from '../../hw-models/work/build.ts';
import { normalAxis, rowMajor, showShape, walk } from '../tensor/shape.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { fetched, misfit, positionsIn } from './kit/layout.ts';
import { takeBlocks } from './kit/moves.ts';

/**
 * The axis counted from the front.
 * @throws NetloomError NL1014 when the positions reach outside of `x` along the other axes
 */
export function elementwiseAxis(x: readonly number[], indices: readonly number[], axis: number): number {
  const normal = normalAxis(axis, x.length);
  const fits = indices.length === x.length && indices.every((d, i) => i === normal || d <= x[i]!);
  return fits
    ? normal
    : misfit(
        `positions of shape ${showShape(indices)} do not fit ${showShape(x)}`,
        `the ranks must be equal, and no axis but ${normal} larger`,
      );
}

/** out[i][j] = x[indices[i][j]][j] for axis 0, and alike for the others. */
export const gatherElements = defineOp('gather-elements', {
  doc: 'Elements picked one by one along an axis.',
  onnx: { type: 'GatherElements', since: 11 },
  operands: ['x', 'indices'],
  attrs: { axis: int('axis along which elements are picked', 0) },
  infer: ({ x, indices }, { axis }) => {
    elementwiseAxis(x.shape, indices.shape, axis);
    return { format: x.format, shape: indices.shape };
  },
  evaluate: ({ x, indices }, attrs) => {
    const axis = elementwiseAxis(x.shape, indices.shape, attrs.axis);
    const picked = positionsIn(indices, x.shape[axis]!, 'the index of a GatherElements');
    const steps = rowMajor(x.shape);
    const from = new Int32Array(picked.length);
    walk(
      indices.shape,
      [steps.map((s, i) => (i === axis ? 0 : s))],
      (i, [base]) => (from[i] = base! + picked[i]! * steps[axis]!),
    );
    return takeBlocks(x, indices.shape, 1, (i) => from[i]!);
  },
  work: ({ x, indices }, attrs, { out }) => {
    const axis = elementwiseAxis(x.shape, indices.shape, attrs.axis);
    const loops = axisLoops('i', out[0]!.shape);
    const names = loops.map((l) => l.name);
    const pick = fetched(at('indices', ...names), x.shape[axis]!);
    return work(
      { x: operandOf(x), indices: operandOf(indices), out: operandOf(out[0]!, 'output') },
      nest({
        loops,
        reads: [at('x', ...names.map((name, i) => (i === axis ? pick : name)))],
        write: at('out', ...names),
        compute: read(0),
      }),
    );
  },
  examples: [
    { x: 'f32[2,2] 1 2 3 4', indices: 'i64[2,2] 0 0 1 0', attrs: { axis: 1 }, out: 'f32[2,2] 1 1 4 3' },
    { x: 'i8[3,3] 1 2 3 4 5 6 7 8 9', indices: 'i64[2,3] -2 2 0 -1 0 0', out: 'i8[2,3] 4 8 3 7 2 3' },
    { x: 'i64[2,3,2] ~1', indices: 'i32[1,2,1] 1 -3', attrs: { axis: -2 } },
  ],
});
