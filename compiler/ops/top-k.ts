import type { Work } from '../../hw-models/work/types.ts';
import { i64 } from '../formats/index.ts';
import type { TensorType } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { normalAxis } from '../tensor/shape.ts';
import { allocate, scalarOf, sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { flag, int } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';
import { takeBlocks } from './kit/moves.ts';
import { orderOf, sortSteps } from './kit/order.ts';

function topShape(x: TensorType, k: Tensor, axisGiven: number): { axis: number; k: number; shape: number[] } {
  const axis = normalAxis(axisGiven, x.shape.length);
  const count = scalarOf(k);
  if (k.data.length !== 1 || !(count >= 0 && count <= x.shape[axis]!))
    misfit(`the first ${count} cannot be taken`, `axis ${axis} has ${x.shape[axis]} elements`);
  return { axis, k: count, shape: x.shape.map((d, i) => (i === axis ? count : d)) };
}

/** Keeps the first `k` of a stream of positions under `before`, in order: a heap whose root is the last of them. */
function firstOf(
  n: number,
  k: number,
  at: (i: number) => number,
  before: (a: number, b: number) => boolean,
): Int32Array {
  const heap = new Int32Array(k);
  let size = 0;
  const swap = (i: number, j: number): void => {
    const kept = heap[i]!;
    heap[i] = heap[j]!;
    heap[j] = kept;
  };
  const sink = (from: number): void => {
    for (let i = from; ;) {
      let last = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < size && before(heap[last]!, heap[child]!)) last = child;
      if (last === i) return;
      swap(i, last);
      i = last;
    }
  };
  for (let i = 0; i < n && k > 0; i++) {
    const candidate = at(i);
    if (size < k) {
      heap[size++] = candidate;
      for (let c = size - 1; c > 0 && before(heap[(c - 1) >> 1]!, heap[c]!); c = (c - 1) >> 1) swap(c, (c - 1) >> 1);
    } else if (before(candidate, heap[0]!)) {
      heap[0] = candidate;
      sink(0);
    }
  }
  while (size > 1) {
    swap(0, --size);
    sink(0);
  }
  return heap;
}

/** k was an attribute before opset 10. */
function readTopK(node: NodeReader): ReadNode {
  const attrs = {
    axis: node.attributes.int('axis') ?? -1,
    largest: node.attributes.int('largest') !== 0,
    sorted: node.attributes.int('sorted') !== 0,
  };
  if (node.version >= 10) return { attrs };
  const k = node.attributes.int('k') ?? misfit('TopK has no k', 'the attribute has no default');
  return { inputs: [node.inputs[0]!, node.wholes([k], 'k')], attrs };
}

/** The k largest (or smallest) elements along an axis, best first; of equal ones the first comes first. NaN is largest. */
export const topK = defineOp('top-k', {
  doc: 'The k largest or smallest elements along an axis, and where they were.',
  onnx: { type: 'TopK', attrs: ['k', 'axis', 'largest', 'sorted'], read: readTopK },
  operands: ['x', 'k'],
  outputs: ['values', 'indices'],
  attrs: {
    axis: int('axis along which elements compete', -1),
    largest: flag('the largest; else the smallest', true),
    sorted: flag('best first; without it any order would do', true),
  },
  infer: ({ x, k }, { axis }) => {
    const { shape } = topShape(x, valueOf(k, 'the k of TopK'), axis);
    return [
      { format: x.format, shape },
      { format: i64, shape },
    ];
  },
  evaluate: ({ x, k: kGiven }, attrs) => {
    const { axis, k, shape } = topShape(x, kGiven, attrs.axis);
    const size = x.shape[axis]!;
    const inner = sizeOf(x.shape.slice(axis + 1));
    const compare = orderOf(x.data);
    const sign = attrs.largest ? -1 : 1;
    const before = (a: number, b: number): boolean => {
      const c = sign * compare(a, b);
      return c < 0 || (c === 0 && a < b);
    };
    const from = new Int32Array(sizeOf(shape));
    const indices = allocate(i64, from.length) as BigInt64Array;
    for (let line = 0; k > 0 && line < from.length / k; line++) {
      const start = Math.floor(line / inner) * size * inner + (line % inner);
      const target = Math.floor(line / inner) * k * inner + (line % inner);
      firstOf(size, k, (i) => start + i * inner, before).forEach((p, rank) => {
        from[target + rank * inner] = p;
        indices[target + rank * inner] = BigInt((p - start) / inner);
      });
    }
    return [takeBlocks(x, shape, 1, (i) => from[i]!), tensor(i64, shape, indices)];
  },
  work: ({ x }, { axis }, { out, wanted }) =>
    topKWork(x, x.shape[normalAxis(axis, x.shape.length)]!, out[0]!.shape, wanted),
  examples: [
    { x: 'f32[2,4] 1 4 4 2 -1 -2 -3 -4', k: 'i64[1] 2', values: 'f32[2,2] 4 4 -1 -2', indices: 'i64[2,2] 1 2 0 1' },
    {
      x: 'i64[3,2] 5 1 3 2 4 0',
      k: 'i64[1] 2',
      attrs: { axis: 0, largest: false },
      values: 'i64[2,2] 3 0 4 1',
      indices: 'i64[2,2] 1 2 2 0',
    },
    { x: 'f32[4] 1 nan inf -1', k: 'i64[1] 4', values: 'f32[4] nan inf 1 -1', indices: 'i64[4] 1 2 0 3' },
    { x: 'f32[3] 1 2 3', k: 'i64[1] 0', values: 'f32[0]', indices: 'i64[0]' },
  ],
});

function topKWork(x: OperandInfo, size: number, shape: readonly number[], wanted: readonly boolean[]): Work {
  const results = sizeOf(shape);
  const lines = size === 0 ? 0 : sizeOf(x.shape) / size;
  const outs = [['values', x.format] as const, ['indices', i64] as const].filter((_, i) => wanted[i] !== false);
  return {
    operands: {
      x: operandOf(x),
      ...Object.fromEntries(outs.map(([name, format]) => [name, operandOf({ format, shape }, 'output')])),
    },
    steps: [
      {
        kind: 'procedure',
        why: 'the best k of n are kept in order while the line is read: n log2(k) comparisons; which are kept depends on the data',
        counts: { compare: lines * sortSteps(size, lines === 0 ? 0 : results / lines), move: outs.length * results },
        reads: { x: sizeOf(x.shape) },
        writes: Object.fromEntries(outs.map(([name]) => [name, results])),
      },
    ],
  };
}
