import { at, axisLoops, nest, read, work } from '../../hw-models/work/build.ts';
import { normalAxis } from '../tensor/shape.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { fetched, positionsIn } from './kit/layout.ts';
import { takeBlocks } from './kit/moves.ts';

const gathered = (x: readonly number[], indices: readonly number[], axis: number): number[] => [
  ...x.slice(0, axis),
  ...indices,
  ...x.slice(axis + 1),
];

/** Slices of x at the positions that `indices` names along one axis (an embedding, for axis 0). */
export const gather = defineOp('gather', {
  doc: 'Slices picked by position along one axis.',
  onnx: { type: 'Gather' },
  operands: ['x', 'indices'],
  attrs: { axis: int('axis along which slices are picked', 0) },
  infer: ({ x, indices }, { axis }) => ({
    format: x.format,
    shape: gathered(x.shape, indices.shape, normalAxis(axis, x.shape.length)),
  }),
  evaluate: ({ x, indices }, attrs) => {
    const axis = normalAxis(attrs.axis, x.shape.length);
    const size = x.shape[axis]!;
    const block = sizeOf(x.shape.slice(axis + 1));
    const picked = positionsIn(indices, size, 'the index of a Gather');
    const n = picked.length;
    return takeBlocks(
      x,
      gathered(x.shape, indices.shape, axis),
      block,
      (i) => (Math.floor(i / n) * size + picked[i % n]!) * block,
    );
  },
  work: ({ x, indices }, attrs, { out }) => {
    const axis = normalAxis(attrs.axis, x.shape.length);
    const loops = axisLoops('i', out[0]!.shape);
    const names = loops.map((l) => l.name);
    const rank = indices.shape.length;
    const pick = fetched(at('indices', ...names.slice(axis, axis + rank)), x.shape[axis]!);
    return work(
      { x: operandOf(x), indices: operandOf(indices), out: operandOf(out[0]!, 'output') },
      nest({
        loops,
        reads: [at('x', ...names.slice(0, axis), pick, ...names.slice(axis + rank))],
        write: at('out', ...names),
        compute: read(0),
      }),
    );
  },
  examples: [
    { x: 'f32[3,2] 1 2 3 4 5 6', indices: 'i64[2,2] 0 1 1 2', out: 'f32[2,2,2] 1 2 3 4 3 4 5 6' },
    { x: 'f32[2,3] 1 2 3 4 5 6', indices: 'i64[2] -1 0', attrs: { axis: 1 }, out: 'f32[2,2] 3 1 6 4' },
    { x: 'i64[4] 5 6 7 8', indices: 'i32[] 2', out: 'i64[] 7' },
    { x: 'u8[2,5,30] ~1', indices: 'i64[3] 4 0 2', attrs: { axis: -2 } },
  ],
});
