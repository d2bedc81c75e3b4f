import { at, axisLoops, call, loopValue, nest, read, work } from '../../hw-models/work/build.ts';
import type { TensorType } from '../ir/types.ts';
import { normalAxis, showShape } from '../tensor/shape.ts';
import { numbers, scalarOf, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';
import { takeBlocks } from './kit/moves.ts';

function oneHotShape(
  indices: TensorType,
  values: TensorType,
  depth: Tensor,
  axisGiven: number,
): { shape: number[]; axis: number; depth: number } {
  if (sizeOf(values.shape) !== 2)
    misfit('the values of OneHot are not two', `they have shape ${showShape(values.shape)}; off and on are needed`);
  const n = Math.trunc(scalarOf(depth));
  if (depth.data.length !== 1 || !(n >= 0))
    misfit('the depth of OneHot is no size', `it is ${scalarOf(depth)}, with ${depth.data.length} elements`);
  const axis = normalAxis(axisGiven, indices.shape.length + 1);
  return { shape: [...indices.shape.slice(0, axis), n, ...indices.shape.slice(axis)], axis, depth: n };
}

/** The on value at the position an index names (negative ones from the end), the off value elsewhere. */
export const oneHot = defineOp('one-hot', {
  doc: 'Whole numbers as vectors with one element on. Numbers outside the depth switch nothing on.',
  onnx: { type: 'OneHot', since: 9 },
  operands: ['indices', 'depth', 'values'],
  attrs: { axis: int('where the new axis goes', -1) },
  infer: ({ indices, depth, values }, { axis }) => ({
    format: values.format,
    shape: oneHotShape(indices, values, valueOf(depth, 'the depth of OneHot'), axis).shape,
  }),
  evaluate: ({ indices, depth: depthGiven, values }, attrs) => {
    const { shape, axis, depth } = oneHotShape(indices, values, depthGiven, attrs.axis);
    const inner = sizeOf(shape.slice(axis + 1));
    const given = numbers(indices);
    // values are [off, on]
    return takeBlocks(values, shape, 1, (i) => {
      const at = Math.trunc(given[Math.floor(i / (inner * depth)) * inner + (i % inner)]!);
      const d = Math.floor(i / inner) % depth;
      return at === d || at + depth === d ? 1 : 0;
    });
  },
  work: ({ indices, values }, attrs, { out }) => {
    const axis = normalAxis(attrs.axis, indices.shape.length + 1);
    const size = out[0]!.shape[axis]!;
    const loops = axisLoops('i', out[0]!.shape);
    const names = loops.map((l) => l.name);
    const place = loopValue(names[axis]!);
    const index = indices.format.kind === 'float' ? call('trunc', read(0)) : read(0);
    return work(
      { indices: operandOf(indices), values: operandOf(values), out: operandOf(out[0]!, 'output') },
      nest({
        loops,
        reads: [at('indices', ...names.filter((_, i) => i !== axis)), at('values', 1), at('values', 0)],
        write: at('out', ...names),
        compute: call(
          'select',
          call('or', call('eq', index, place), call('eq', call('add', index, size), place)),
          read(1),
          read(2),
        ),
      }),
    );
  },
  examples: [
    { indices: 'i64[3] 0 2 -1', depth: 'i64[] 3', values: 'f32[2] 0 1', out: 'f32[3,3] 1 0 0 0 0 1 0 0 1' },
    { indices: 'f32[2] 1 5', depth: 'f32[1] 2', values: 'i32[2] 5 7', attrs: { axis: 0 }, out: 'i32[2,2] 5 5 7 5' },
    { indices: 'i64[2,3] -1 -4 4 0 1 2', depth: 'i64[] 4', values: 'i64[2] 0 3', attrs: { axis: 1 } },
  ],
});
