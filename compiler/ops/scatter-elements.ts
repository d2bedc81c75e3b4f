import { at, axisLoops, nest, read, work } from '../../hw-models/work/build.ts';
import { rowMajor, showShape, walk } from '../tensor/shape.ts';
import { choice, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { elementwiseAxis } from './gather-elements.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';
import { copyNest, fetched, misfit, positionsIn } from './kit/layout.ts';
import { combineOf, reductions, scattered } from './kit/scatter.ts';

/** A copy of x with out[indices[i][j]][j] = updates[i][j] for axis 0, and alike for the others. */
export const scatterElements = defineOp('scatter-elements', {
  doc: 'A copy with elements replaced (or combined) one by one along an axis.',
  onnx: [
    { type: 'ScatterElements', since: 11 },
    { type: 'Scatter', since: 9, until: 10 },
  ],
  operands: ['x', 'indices', 'updates'],
  attrs: {
    axis: int('axis along which positions count', 0),
    reduction: choice('what happens where an update falls on an element', reductions, 'none'),
  },
  infer: ({ x, indices, updates }, { axis }) => {
    elementwiseAxis(x.shape, indices.shape, axis);
    sameFormats('scatter-elements', x, updates);
    if (updates.shape.length !== indices.shape.length || updates.shape.some((d, i) => d !== indices.shape[i])) {
      misfit(
        'updates and positions differ in shape',
        `they are ${showShape(updates.shape)} and ${showShape(indices.shape)}`,
      );
    }
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, indices, updates }, attrs) => {
    const axis = elementwiseAxis(x.shape, indices.shape, attrs.axis);
    const picked = positionsIn(indices, x.shape[axis]!, 'the index of a ScatterElements');
    const steps = rowMajor(x.shape);
    const targets = new Int32Array(picked.length);
    walk(
      indices.shape,
      [steps.map((s, i) => (i === axis ? 0 : s))],
      (i, [base]) => (targets[i] = base! + picked[i]! * steps[axis]!),
    );
    return scattered(x, updates, attrs.reduction, (i) => targets[i]!);
  },
  work: ({ x, indices, updates }, attrs, { out }) => {
    const axis = elementwiseAxis(x.shape, indices.shape, attrs.axis);
    const loops = axisLoops('i', indices.shape);
    const names = loops.map((l) => l.name);
    const pick = fetched(at('indices', ...names), x.shape[axis]!);
    return work(
      { x: operandOf(x), indices: operandOf(indices), updates: operandOf(updates), out: operandOf(out[0]!, 'output') },
      copyNest('x', 'out', x.shape),
      nest({
        loops,
        reads: [at('updates', ...names)],
        write: at('out', ...names.map((name, i) => (i === axis ? pick : name))),
        compute: read(0),
        combine: combineOf(attrs.reduction),
        start: 'kept',
      }),
    );
  },
  examples: [
    {
      x: 'f32[3,3] *0',
      indices: 'i64[2,3] 1 0 2 0 2 1',
      updates: 'f32[2,3] 1 2 3 4 5 6',
      out: 'f32[3,3] 4 2 0 1 0 6 0 5 3',
    },
    {
      x: 'f32[1,5] 1 2 3 4 5',
      indices: 'i64[1,2] 1 1',
      updates: 'f32[1,2] 10 20',
      attrs: { axis: 1, reduction: 'add' },
      out: 'f32[1,5] 1 32 3 4 5',
    },
    {
      x: 'i64[3] 1 2 3',
      indices: 'i64[2] 0 -1',
      updates: 'i64[2] 5 -7',
      attrs: { reduction: 'max' },
      out: 'i64[3] 5 2 3',
    },
    {
      x: 'i8[3] 100 2 3',
      indices: 'i32[3] 0 0 1',
      updates: 'i8[3] 2 1 -3',
      attrs: { axis: -1, reduction: 'mul' },
      out: 'i8[3] -56 -6 3',
    },
    {
      x: 'f16[2,3,2] ~1',
      indices: 'i64[1,2,2] 0 -1 2 2',
      updates: 'f16[1,2,2] ~2',
      attrs: { axis: 1, reduction: 'min' },
    },
  ],
});
