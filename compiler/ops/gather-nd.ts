import { at, axisLoops, nest, read, work } from '../../hw-models/work/build.ts';
import { showShape } from '../tensor/shape.ts';
import { numbers, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { fetched, misfit } from './kit/layout.ts';
import { takeBlocks } from './kit/moves.ts';

/** Length of the index tuples. */
function tupleLength(x: readonly number[], indices: readonly number[], batch: number): number {
  const wrong = (cause: string): never =>
    misfit(`positions of shape ${showShape(indices)} do not fit ${showShape(x)}`, cause);
  const k = indices.at(-1) ?? wrong('the positions need at least one axis, their last is the tuple');
  if (batch < 0 || batch >= indices.length || batch > x.length) wrong(`batch_dims is ${batch}`);
  if (indices.slice(0, batch).some((d, i) => d !== x[i])) wrong(`the first ${batch} sizes must be equal`);
  if (k < 1 || k + batch > x.length) wrong(`tuples of ${k} after ${batch} batch axes point into ${x.length} axes`);
  return k;
}

/**
 * Where each index tuple points, in blocks of the axes it leaves open.
 * @throws NetloomError NL1014 for a position outside its axis
 */
export function tupleTargets(x: readonly number[], indices: Tensor, k: number, batch: number): Float64Array {
  const given = numbers(indices);
  const tuples = k === 0 ? 0 : given.length / k;
  const perBatch = tuples / Math.max(1, sizeOf(x.slice(0, batch)));
  const targets = new Float64Array(tuples);
  for (let i = 0; i < tuples; i++) {
    let target = batch === 0 ? 0 : Math.floor(i / perBatch);
    for (let j = 0; j < k; j++) {
      const size = x[batch + j]!;
      const p = given[i * k + j]!;
      if (!(p >= -size && p < size)) misfit(`a position is ${p}`, `axis ${batch + j} has ${size} elements`);
      target = target * size + (p < 0 ? p + size : p);
    }
    targets[i] = target;
  }
  return targets;
}

/** Slices of x picked by tuples of positions. */
export const gatherNd = defineOp('gather-nd', {
  doc: 'Slices picked by tuples of positions along the leading axes.',
  onnx: { type: 'GatherND', since: 11 },
  operands: ['x', 'indices'],
  attrs: { batchDims: int('leading axes that x and indices share', 0) },
  infer: ({ x, indices }, { batchDims }) => {
    const k = tupleLength(x.shape, indices.shape, batchDims);
    return { format: x.format, shape: [...indices.shape.slice(0, -1), ...x.shape.slice(batchDims + k)] };
  },
  evaluate: ({ x, indices }, { batchDims }) => {
    const k = tupleLength(x.shape, indices.shape, batchDims);
    const rest = x.shape.slice(batchDims + k);
    const block = sizeOf(rest);
    const targets = tupleTargets(x.shape, indices, k, batchDims);
    return takeBlocks(x, [...indices.shape.slice(0, -1), ...rest], block, (i) => targets[i]! * block);
  },
  work: ({ x, indices }, { batchDims }, { out }) => {
    const k = tupleLength(x.shape, indices.shape, batchDims);
    const names = axisLoops('i', out[0]!.shape).map((l) => l.name);
    const tuple = names.slice(0, indices.shape.length - 1);
    const picks = Array.from({ length: k }, (_, j) => fetched(at('indices', ...tuple, j), x.shape[batchDims + j]!));
    return work(
      { x: operandOf(x), indices: operandOf(indices), out: operandOf(out[0]!, 'output') },
      nest({
        loops: axisLoops('i', out[0]!.shape),
        reads: [at('x', ...names.slice(0, batchDims), ...picks, ...names.slice(tuple.length))],
        write: at('out', ...names),
        compute: read(0),
      }),
    );
  },
  examples: [
    { x: 'i32[2,2] 0 1 2 3', indices: 'i64[2,2] 0 0 1 -1', out: 'i32[2] 0 3' },
    { x: 'f32[2,2] 1 2 3 4', indices: 'i64[2,1] 1 0', out: 'f32[2,2] 3 4 1 2' },
    { x: 'f32[2,2,2] 0 1 2 3 4 5 6 7', indices: 'i64[2,1] 1 0', attrs: { batchDims: 1 }, out: 'f32[2,2] 2 3 4 5' },
    { x: 'i64[2,3,4,2] ~1', indices: 'i64[2,3,1] 0 1 -1 2 2 0', attrs: { batchDims: 1 } },
    { x: 'f16[2,3,4] ~2', indices: 'i64[2,3,2,1] 0 1 -1 3 2 0 0 1 -1 3 2 0', attrs: { batchDims: 2 } },
  ],
});
