import { at, index } from '../../../hw-models/work/build.ts';
import type { Access, Index, Loop } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import type { TensorType } from '../../ir/types.ts';
import { broadcast, broadcastSteps, showShape, walk } from '../../tensor/shape.ts';
import { numbers, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { nameIf, type IntegerProduct } from './integer-product.ts';
import { matrixNest, matrixShape, matrixSizes, multiply, type MatrixSizes } from './matrix.ts';
import type { Part } from './requantise.ts';

export interface IntegerMatmulOperands<T> {
  readonly a: T;
  readonly b: T;
  readonly aZero?: T | undefined;
  readonly bZero?: T | undefined;
}

/** The shape of all matrices of the result, with rows and columns also where a factor is a vector. */
export const fullShape = (s: MatrixSizes): number[] => [...s.batch, s.m, s.n];

/** A list of one number per row, as an operand that stretches over [..., m, n]. */
const rowShape = (shape: readonly number[]): readonly number[] =>
  shape.length === 1 && shape[0] !== 1 ? [shape[0]!, 1] : shape;

export const rowPart = (tensor: Tensor): Part => ({ tensor, shape: rowShape(tensor.shape) });
export const columnPart = (tensor: Tensor): Part => ({ tensor, shape: tensor.shape });

/** @throws NetloomError NL1014 when a scale or zero point is neither one number nor one per row (or column) */
export function mustStretch(
  what: string,
  part: TensorType | undefined,
  s: MatrixSizes,
  along: 'rows' | 'columns',
): void {
  if (!part || sizeOf(part.shape) === 1) return;
  const [batch, has] = along === 'rows' ? [s.aBatch, s.hasRows] : [s.bBatch, s.hasColumns];
  const target = [...batch, ...(along === 'rows' ? [s.m, 1] : [1, s.n])];
  const shape = along === 'rows' ? rowShape(part.shape) : part.shape;
  if (has && shape.length <= target.length && broadcast(shape, target).every((d, axis) => d === target[axis])) return;
  fail('NL1014', {
    message: `the ${what} does not fit`,
    cause: `it has shape ${showShape(part.shape)}; it must be one number, or one for each of the ${along === 'rows' ? `${s.m} rows` : `${s.n} columns`}`,
    fix: 'correct the model',
  });
}

function centred(t: Tensor, zero: Part | undefined, shape: readonly number[]): ArrayLike<number> {
  if (!zero) return numbers(t);
  const out = Float64Array.from(numbers(t));
  const zeros = numbers(zero.tensor);
  walk(shape, [broadcastSteps(zero.shape, shape)], (i, [p]) => (out[i]! -= zeros[p!]!));
  return out;
}

/** Exact sums of (a - za)(b - zb), as [..., m, n]. */
export function integerMatmulSums({ a, b, aZero, bZero }: IntegerMatmulOperands<Tensor>, s: MatrixSizes): Float64Array {
  const left = centred(a, aZero && rowPart(aZero), [...s.aBatch, s.m, s.k]);
  const right = centred(b, bZero && columnPart(bZero), [...s.bBatch, s.k, s.n]);
  return multiply(left, right, s);
}

/** A matrix product of codes as a sum of products. */
export function integerMatmul({ a, b, aZero, bZero }: IntegerMatmulOperands<OperandInfo>): IntegerProduct {
  const s = matrixSizes(a, b);
  const p = matrixNest(s);
  const named = (name: string): Loop[] => p.outer.filter((l) => l.name === name);
  const batchOf = (own: readonly number[]): Loop[] =>
    p.batch.slice(s.batch.length - own.length).filter((_, i) => own[i] !== 1);
  const leading = (own: readonly number[]): Index[] =>
    own.map((size, i) => index(size === 1 ? 0 : p.batch[s.batch.length - own.length + i]!.name));
  const [rows, columns] = [named('m'), named('n')];
  // Axes of scales and zero points count from the end of [..., m, n]; a list of one per row leaves the columns out.
  const names = [...p.batch.map((l) => l.name), 'm', 'n'];
  const part = (name: string, { shape }: TensorType, end: number): Access => ({
    operand: name,
    at: shape.map((size, axis) => index(size === 1 ? 0 : names[end - shape.length + axis]!)),
  });
  return {
    x: { name: 'a', info: a },
    w: { name: 'b', info: b },
    xZero: nameIf('aZero', aZero),
    wZero: nameIf('bZero', bZero),
    outer: p.outer,
    sums: p.sums,
    xAt: p.a,
    wAt: p.b,
    shape: matrixShape(s),
    result: p.result,
    rows: {
      loops: [...batchOf(s.aBatch), ...rows],
      shape: [...s.aBatch, ...rows.map((l) => l.size)],
      at: (operand) => at(operand, ...leading(s.aBatch), ...rows.map((l) => l.name)),
    },
    columns: {
      loops: [...batchOf(s.bBatch), ...columns],
      shape: [...s.bBatch, ...columns.map((l) => l.size)],
      at: (operand) => at(operand, ...leading(s.bBatch), ...columns.map((l) => l.name)),
    },
    columnSums: (weights) => columnSums(numbers(weights), s),
    xPart: (name, info) => part(name, info, names.length - (info.shape.length === 1 ? 1 : 0)),
    wPart: (name, info) => part(name, info, names.length),
  };
}

function columnSums(values: ArrayLike<number>, { bBatch, k, n }: MatrixSizes): Float64Array {
  const sums = new Float64Array(sizeOf(bBatch) * n);
  for (let i = 0; i < values.length; i++) sums[Math.floor(i / (k * n)) * n + (i % n)]! += values[i]!;
  return sums;
}
