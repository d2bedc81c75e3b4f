import { at, axisLoops, index, nest, read, work } from '../../../hw-models/work/build.ts';
import type { IndexForm } from '../../../hw-models/work/build.ts';
import type { Access, Index, Loop, Nest, Work } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import type { TensorType } from '../../ir/types.ts';
import { numbers, type Tensor } from '../../tensor/tensor.ts';
import { showShape } from '../../tensor/shape.ts';
import type { OperandInfo } from '../define.ts';
import { operandOf } from './elementwise.ts';

/** @throws NetloomError NL1014: sizes, axes or positions of an op that moves elements do not fit */
export const misfit = (message: string, cause: string): never =>
  fail('NL1014', { message, cause, fix: 'correct the node in the model, or give the right input shape with --shape' });

/** @throws NetloomError NL1014 when the operand is no list (one axis) */
export function mustBeList(operand: TensorType, what: string): void {
  if (operand.shape.length > 1) misfit(`${what} must be a list`, `it has shape ${showShape(operand.shape)}`);
}

/** One copied element per point of the result; `at` says where in `x` each comes from, one index per axis of x. */
export function copyWork(
  x: OperandInfo,
  out: TensorType,
  from: (loops: readonly Loop[]) => readonly IndexForm[],
): Work {
  const loops = axisLoops('i', out.shape);
  return work(
    { x: operandOf(x), out: operandOf(out, 'output') },
    nest({ loops, reads: [at('x', ...from(loops))], write: at('out', ...loops.map((l) => l.name)), compute: read(0) }),
  );
}

/** A copy of a whole operand into another of the same shape. */
export function copyNest(from: string, to: string, shape: readonly number[]): Nest {
  const loops = axisLoops('i', shape);
  const names = loops.map((l) => l.name);
  return nest({ loops, reads: [at(from, ...names)], write: at(to, ...names), compute: read(0) });
}

/** A position fetched from an operand; negative ones count from the end of an axis of `size`. */
export const fetched = (access: Access, size: number): Index => ({
  offset: 0,
  terms: [{ read: access.operand, at: access.at, by: 1, wrap: size }],
});

/** The access to an operand of one element, whatever its rank. */
export const single = (name: string, operand: TensorType): Access => ({
  operand: name,
  at: operand.shape.map(() => index(0)),
});

/**
 * Positions along an axis of `size`, with negative ones counted from the end.
 * @throws NetloomError NL1014 for a position outside the axis
 */
export function positionsIn(indices: Tensor, size: number, what: string): Int32Array {
  const given = numbers(indices);
  const positions = new Int32Array(given.length);
  for (let i = 0; i < given.length; i++) {
    const p = given[i]!;
    if (!(p >= -size && p < size)) misfit(`${what} holds ${p}`, `the axis it points into has ${size} elements`);
    positions[i] = p < 0 ? p + size : p;
  }
  return positions;
}
