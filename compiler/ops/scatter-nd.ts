import { at, axisLoops, nest, read, work } from '../../hw-models/work/build.ts';
import { showShape } from '../tensor/shape.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { choice } from './attrs.ts';
import { defineOp } from './define.ts';
import { tupleTargets } from './gather-nd.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';
import { copyNest, fetched, misfit } from './kit/layout.ts';
import { combineOf, reductions, scattered } from './kit/scatter.ts';

function tupleLength(x: readonly number[], indices: readonly number[], updates: readonly number[]): number {
  const k = indices.at(-1) ?? misfit('positions need at least one axis', 'their last axis is the tuple');
  if (k > x.length) misfit(`tuples of ${k} point into ${x.length} axes`, `x is ${showShape(x)}`);
  const wanted = [...indices.slice(0, -1), ...x.slice(k)];
  if (updates.length !== wanted.length || wanted.some((d, i) => d !== updates[i]))
    misfit(
      `updates have shape ${showShape(updates)}`,
      `positions ${showShape(indices)} into ${showShape(x)} need ${showShape(wanted)}`,
    );
  return k;
}

/** A copy of x in which slices picked by tuples of positions are replaced or combined. */
export const scatterNd = defineOp('scatter-nd', {
  doc: 'A copy with slices replaced (or combined) at tuples of positions.',
  onnx: { type: 'ScatterND', since: 11 },
  operands: ['x', 'indices', 'updates'],
  attrs: { reduction: choice('what happens where an update falls on an element', reductions, 'none') },
  infer: ({ x, indices, updates }) => {
    sameFormats('scatter-nd', x, updates);
    tupleLength(x.shape, indices.shape, updates.shape);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, indices, updates }, { reduction }) => {
    const k = tupleLength(x.shape, indices.shape, updates.shape);
    const block = sizeOf(x.shape.slice(k));
    // Empty tuples point at the whole tensor.
    const targets =
      k === 0 ? new Float64Array(sizeOf(indices.shape.slice(0, -1))) : tupleTargets(x.shape, indices, k, 0);
    return scattered(x, updates, reduction, (i) => targets[Math.floor(i / block)]! * block + (i % block));
  },
  work: ({ x, indices, updates }, { reduction }, { out }) => {
    const k = tupleLength(x.shape, indices.shape, updates.shape);
    const loops = axisLoops('i', updates.shape);
    const names = loops.map((l) => l.name);
    const tuple = names.slice(0, indices.shape.length - 1);
    const picks = Array.from({ length: k }, (_, j) => fetched(at('indices', ...tuple, j), x.shape[j]!));
    return work(
      { x: operandOf(x), indices: operandOf(indices), updates: operandOf(updates), out: operandOf(out[0]!, 'output') },
      copyNest('x', 'out', x.shape),
      nest({
        loops,
        reads: [at('updates', ...names)],
        write: at('out', ...picks, ...names.slice(tuple.length)),
        compute: read(0),
        combine: combineOf(reduction),
        start: 'kept',
      }),
    );
  },
  examples: [
    {
      x: 'f32[8] 1 2 3 4 5 6 7 8',
      indices: 'i64[4,1] 4 3 1 -1',
      updates: 'f32[4] 9 10 11 12',
      out: 'f32[8] 1 11 3 10 9 6 7 12',
    },
    {
      x: 'i32[2,2] 1 2 3 4',
      indices: 'i64[2,1] 1 1',
      updates: 'i32[2,2] 10 20 30 40',
      attrs: { reduction: 'add' },
      out: 'i32[2,2] 1 2 43 64',
    },
    {
      x: 'i64[2,2] 1 2 3 4',
      indices: 'i64[1,2] 0 1',
      updates: 'i64[1] -5',
      attrs: { reduction: 'mul' },
      out: 'i64[2,2] 1 -10 3 4',
    },
    {
      x: 'f32[3,2,4] ~1',
      indices: 'i64[2,2,2] 0 0 1 -1 2 1 0 1',
      updates: 'f32[2,2,4] ~2',
      attrs: { reduction: 'max' },
    },
  ],
});
