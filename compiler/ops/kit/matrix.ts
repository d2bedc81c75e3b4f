import { at, axisLoops, index, loops } from '../../../hw-models/work/build.ts';
import type { Access, Loop } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { is64, isInt, type Format } from '../../formats/index.ts';
import { broadcast, broadcastSteps, showShape, walk } from '../../tensor/shape.ts';
import { allocate, numbers, sizeOf, tensor, type Tensor } from '../../tensor/tensor.ts';
import { buildWrapped } from './elementwise.ts';

/** Sizes of a product of a[...batch, m, k] and b[...batch, k, n]; a vector counts as one row, or one column. */
export interface MatrixSizes {
  /** Leading axes of each factor, and of the result. */
  readonly aBatch: readonly number[];
  readonly bBatch: readonly number[];
  readonly batch: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** False for a factor that is a vector: the result then lacks that axis. */
  readonly hasRows: boolean;
  readonly hasColumns: boolean;
}

interface Shaped {
  readonly shape: readonly number[];
}

/** @throws NetloomError NL1014 when the sizes do not fit, or a factor is a scalar */
export function matrixSizes(a: Shaped, b: Shaped): MatrixSizes {
  const wrong = (cause: string): never =>
    fail('NL1014', {
      message: `${showShape(a.shape)} and ${showShape(b.shape)} cannot be multiplied as matrices`,
      cause,
      fix: 'correct the model, or give the right input shape with --shape',
    });
  if (a.shape.length === 0 || b.shape.length === 0) wrong('a factor is a scalar; both need at least one axis');
  const [hasRows, hasColumns] = [a.shape.length > 1, b.shape.length > 1];
  const [left, right] = [hasRows ? a.shape : [1, ...a.shape], hasColumns ? b.shape : [...b.shape, 1]];
  const [m, k] = left.slice(-2) as [number, number];
  const [depth, n] = right.slice(-2) as [number, number];
  if (k !== depth) wrong(`rows of the first have ${k} elements, columns of the second have ${depth}`);
  const [aBatch, bBatch] = [left.slice(0, -2), right.slice(0, -2)];
  return { aBatch, bBatch, batch: broadcast(aBatch, bBatch), m, k, n, hasRows, hasColumns };
}

export const matrixShape = (s: MatrixSizes): number[] => [
  ...s.batch,
  ...(s.hasRows ? [s.m] : []),
  ...(s.hasColumns ? [s.n] : []),
];

/** A matrix inside an array: element [row, column] is at start + row * rowStep + column * columnStep. */
interface Placed {
  readonly data: Float64Array;
  readonly start: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** out[row, column] += sum over k of a[row, k] * b[k, column], in doubles. */
function addProduct(out: Float64Array, first: number, a: Placed, b: Placed, m: number, k: number, n: number): void {
  for (let row = 0; row < m; row++) {
    const to = first + row * n;
    const from = a.start + row * a.rowStep;
    if (b.columnStep === 1) {
      for (let i = 0; i < k; i++) {
        const factor = a.data[from + i * a.columnStep]!;
        const line = b.start + i * b.rowStep;
        for (let j = 0; j < n; j++) out[to + j]! += factor * b.data[line + j]!;
      }
    } else {
      for (let j = 0; j < n; j++) {
        const line = b.start + j * b.columnStep;
        let sum = 0;
        for (let i = 0; i < k; i++) sum += a.data[from + i * a.columnStep]! * b.data[line + i * b.rowStep]!;
        out[to + j]! += sum;
      }
    }
  }
}

/** Products of all matrices of a batch in doubles, row-major as [...batch, m, n]. */
export function multiply(as: ArrayLike<number>, bs: ArrayLike<number>, s: MatrixSizes): Float64Array {
  const { m, k, n } = s;
  const out = new Float64Array(sizeOf(s.batch) * m * n);
  const [a, b] = [Float64Array.from(as), Float64Array.from(bs)];
  walk(s.batch, [broadcastSteps(s.aBatch, s.batch), broadcastSteps(s.bBatch, s.batch)], (i, [p, q]) =>
    addProduct(
      out,
      i * m * n,
      { data: a, start: p! * m * k, rowStep: k, columnStep: 1 },
      { data: b, start: q! * k * n, rowStep: n, columnStep: 1 },
      m,
      k,
      n,
    ),
  );
  return out;
}

/** The product of a[m, k] and b[k, n], either of them stored transposed, in doubles. */
export function multiplyStored(
  as: ArrayLike<number>,
  bs: ArrayLike<number>,
  m: number,
  k: number,
  n: number,
  transA: boolean,
  transB: boolean,
): Float64Array {
  const out = new Float64Array(m * n);
  const a = { data: Float64Array.from(as), start: 0, rowStep: transA ? 1 : k, columnStep: transA ? m : 1 };
  const b = { data: Float64Array.from(bs), start: 0, rowStep: transB ? 1 : n, columnStep: transB ? k : 1 };
  addProduct(out, 0, a, b, m, k, n);
  return out;
}

/** Whether products of this format can pass 2^53, where doubles stop being exact. */
export const isWide = (format: Format): boolean => isInt(format) && format.bits > 24;

/** Whole products of a batch, exact to the low bits that the format keeps. */
export function multiplyWide(a: Tensor, b: Tensor, s: MatrixSizes): Tensor {
  const { m, k, n } = s;
  const out = allocate(a.format, sizeOf(s.batch) * m * n);
  const dot = is64(a.format) ? bigDot(a, b, out as BigInt64Array) : smallDot(a, b, out as Int32Array);
  walk(s.batch, [broadcastSteps(s.aBatch, s.batch), broadcastSteps(s.bBatch, s.batch)], (i, [p, q]) => {
    for (let row = 0; row < m; row++)
      for (let j = 0; j < n; j++) dot((i * m + row) * n + j, p! * m * k + row * k, q! * k * n + j, k, n);
  });
  const exact = tensor(a.format, [...s.batch, m, n], out);
  const native = a.format.bits === 32 || a.format.bits === 64;
  return native ? exact : buildWrapped(a.format, exact.shape, (i) => Number(exact.data[i]));
}

type Dot = (to: number, a: number, b: number, count: number, step: number) => void;

/** Products that keep their low 32 bits at each step keep the low 32 bits of the sum. */
function smallDot(a: Tensor, b: Tensor, out: Int32Array): Dot {
  const [left, right] = [a.data as Int32Array, b.data as Int32Array];
  return (to, p, q, count, step) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum = (sum + Math.imul(left[p + i]!, right[q + i * step]!)) | 0;
    out[to] = sum;
  };
}

function bigDot(a: Tensor, b: Tensor, out: BigInt64Array): Dot {
  const [left, right] = [a.data as BigInt64Array, b.data as BigInt64Array];
  return (to, p, q, count, step) => {
    let sum = 0n;
    for (let i = 0; i < count; i++) sum += left[p + i]! * right[q + i * step]!;
    out[to] = sum; // the array keeps the low 64 bits
  };
}

/** The product of two tensors as numpy's matmul gives it, in their format. */
export function matrixProduct(a: Tensor, b: Tensor): Tensor {
  const s = matrixSizes(a, b);
  if (isWide(a.format)) return tensor(a.format, matrixShape(s), multiplyWide(a, b, s).data);
  const sums = multiply(numbers(a), numbers(b), s);
  return buildWrapped(a.format, matrixShape(s), (i) => sums[i]!);
}

/** The loops of a matrix product and where they point. */
export interface MatrixNest {
  /** Leading axes, then m and n where the result has them. */
  readonly outer: readonly Loop[];
  readonly batch: readonly Loop[];
  readonly sums: readonly Loop[];
  readonly a: Access;
  readonly b: Access;
  readonly result: (operand: string) => Access;
}

export function matrixNest(s: MatrixSizes): MatrixNest {
  const batch = axisLoops('i', s.batch);
  const m = s.hasRows ? loops({ m: s.m }) : [];
  const n = s.hasColumns ? loops({ n: s.n }) : [];
  const leading = (own: readonly number[]) =>
    own.map((size, axis) => (size === 1 ? index(0) : index(batch[axis + s.batch.length - own.length]!.name)));
  return {
    outer: [...batch, ...m, ...n],
    batch,
    sums: loops({ k: s.k }),
    a: at('a', ...leading(s.aBatch), ...(s.hasRows ? ['m'] : []), 'k'),
    b: at('b', ...leading(s.bBatch), 'k', ...(s.hasColumns ? ['n'] : [])),
    result: (operand) => at(operand, ...batch.map((l) => l.name), ...[...m, ...n].map((l) => l.name)),
  };
}
