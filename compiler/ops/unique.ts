import type { Work } from '../../hw-models/work/types.ts';
import { i64 } from '../formats/index.ts';
import type { TensorType } from '../ir/types.ts';
import { normalAxis } from '../tensor/shape.ts';
import { fromNumbers, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { flag, optionalInt } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { takeBlocks } from './kit/moves.ts';
import { orderOf, sortSteps } from './kit/order.ts';

/** x as `count` slices along an axis: slice i consists of `outer` runs of `inner` elements. Without an axis, elements. */
interface Slices {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
  readonly shapeOf: (n: number) => number[];
}

function slicesOf(x: TensorType, axisGiven: number | undefined): Slices {
  if (axisGiven === undefined) return { outer: 1, count: sizeOf(x.shape), inner: 1, shapeOf: (n) => [n] };
  const axis = normalAxis(axisGiven, x.shape.length);
  return {
    outer: sizeOf(x.shape.slice(0, axis)),
    count: x.shape[axis]!,
    inner: sizeOf(x.shape.slice(axis + 1)),
    shapeOf: (n) => x.shape.map((d, i) => (i === axis ? n : d)),
  };
}

interface Groups {
  /** First slice of each group, in the order of the result. */
  readonly first: number[];
  readonly count: number[];
  /** The group of each slice. */
  readonly groupOf: Int32Array;
}

/** Groups equal slices, by their elements in row-major order. Sorts once; without `sorted`, groups stand as first met. */
function groupsOf(x: Tensor, s: Slices, sorted: boolean): Groups {
  const compare = orderOf(x.data);
  const bySlice = (a: number, b: number): number => {
    for (let o = 0; o < s.outer; o++) {
      for (let i = 0; i < s.inner; i++) {
        const c = compare((o * s.count + a) * s.inner + i, (o * s.count + b) * s.inner + i);
        if (c !== 0) return c;
      }
    }
    return 0;
  };
  const order = Uint32Array.from({ length: s.count }, (_, i) => i).sort((a, b) => bySlice(a, b) || a - b);
  const groups: { first: number; members: number[] }[] = [];
  order.forEach((slice, i) => {
    if (i > 0 && bySlice(order[i - 1]!, slice) === 0) groups.at(-1)!.members.push(slice);
    else groups.push({ first: slice, members: [slice] });
  });
  if (!sorted) groups.sort((a, b) => a.first - b.first);
  const groupOf = new Int32Array(s.count);
  groups.forEach((g, k) => g.members.forEach((m) => (groupOf[m] = k)));
  return { first: groups.map((g) => g.first), count: groups.map((g) => g.members.length), groupOf };
}

/** The different elements (or slices) of a tensor: sorted, or in the order in which they are met. */
export const unique = defineOp('unique', {
  doc: 'The different elements of a tensor, or slices along an axis, with their places and counts.',
  onnx: { type: 'Unique', since: 11 },
  operands: ['x'],
  outputs: ['out', 'indices?', 'inverse?', 'counts?'],
  attrs: {
    axis: optionalInt('axis of the slices; without it x counts as one row of elements'),
    sorted: flag('ascending; else as first met', true),
  },
  infer: ({ x }, { axis, sorted }) => {
    const s = slicesOf(x, axis);
    const n = x.value ? groupsOf(x.value, s, sorted).first.length : s.count;
    const assumed = x.value ? {} : ({ assumed: true } as const);
    const list = (length: number): TensorType => ({ format: i64, shape: [length] });
    return [
      { format: x.format, shape: s.shapeOf(n), ...assumed },
      { ...list(n), ...assumed },
      list(s.count),
      { ...list(n), ...assumed },
    ];
  },
  evaluate: ({ x }, { axis, sorted }) => {
    const s = slicesOf(x, axis);
    const g = groupsOf(x, s, sorted);
    const n = g.first.length;
    const list = (values: ArrayLike<number>): Tensor => fromNumbers(i64, [values.length], values);
    const out = takeBlocks(x, s.shapeOf(n), s.inner, (i) => (Math.floor(i / n) * s.count + g.first[i % n]!) * s.inner);
    return [out, list(g.first), list(g.groupOf), list(g.count)];
  },
  work: ({ x }, { axis }, { out, wanted }) => uniqueWork(x, slicesOf(x, axis), out, wanted),
  examples: [
    {
      x: 'f32[6] 2 1 1 3 4 3',
      out: 'f32[4] 1 2 3 4',
      indices: 'i64[4] 1 0 3 4',
      inverse: 'i64[6] 1 0 0 2 3 2',
      counts: 'i64[4] 2 1 2 1',
    },
    {
      x: 'f32[6] 2 1 1 3 4 3',
      attrs: { sorted: false },
      out: 'f32[4] 2 1 3 4',
      indices: 'i64[4] 0 1 3 4',
      inverse: 'i64[6] 0 1 1 2 3 2',
      counts: 'i64[4] 1 2 2 1',
    },
    {
      x: 'i64[3,3] 1 0 0 1 0 0 2 3 4',
      attrs: { axis: 0 },
      out: 'i64[2,3] 1 0 0 2 3 4',
      indices: 'i64[2] 0 2',
      inverse: 'i64[3] 0 0 1',
      counts: 'i64[2] 2 1',
    },
    {
      x: 'u8[2,3] 2 1 2 0 5 0',
      attrs: { axis: -1 },
      out: 'u8[2,2] 1 2 5 0',
      indices: 'i64[2] 1 0',
      inverse: 'i64[3] 1 0 1',
      counts: 'i64[2] 1 2',
    },
  ],
});

function uniqueWork(x: OperandInfo, s: Slices, out: readonly TensorType[], wanted: readonly boolean[]): Work {
  const names = ['out', 'indices', 'inverse', 'counts'];
  const given = names.flatMap((name, i) => (wanted[i] && out[i] ? [[name, out[i]] as const] : []));
  const steps = sortSteps(s.count);
  return {
    operands: {
      x: operandOf(x),
      ...Object.fromEntries(given.map(([name, type]) => [name, operandOf(type, 'output')])),
    },
    steps: [
      {
        kind: 'procedure',
        why: 'slices are sorted, n log2(n) comparisons of one element each; which memory they touch depends on the data',
        counts: { compare: steps + s.count, move: steps + given.reduce((n, [, type]) => n + sizeOf(type.shape), 0) },
        reads: { x: sizeOf(x.shape) },
        writes: Object.fromEntries(given.map(([name, type]) => [name, sizeOf(type.shape)])),
      },
    ],
  };
}
