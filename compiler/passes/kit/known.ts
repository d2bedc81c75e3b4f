import type { RuleContext } from '../../ir/rewrite.ts';
import type { Op, TensorType, ValueId } from '../../ir/types.ts';
import { numbers, wholes, type Tensor } from '../../tensor/tensor.ts';

/** Whether the shape is known, and not by assumption: only then may a rule reason with it. */
export const isSettled = (type: TensorType): boolean => !type.unknown && !type.assumed;

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** Whether both values have one format and one known shape: the one can then stand for the other. */
export function areAlike(context: RuleContext, a: ValueId, b: ValueId): boolean {
  const [x, y] = [context.typeOf(a), context.typeOf(b)];
  return isSettled(x) && isSettled(y) && x.format.name === y.format.name && sameShape(x.shape, y.shape);
}

/** The whole numbers of an index operand that is known; undefined when it is absent or computed. */
export function wholesOf(context: RuleContext, id: ValueId | undefined): number[] | undefined {
  const value = id ? context.infoOf(id).value : undefined;
  return value && wholes(value);
}

/** The number that all elements of a known value are; undefined when they differ or are not known. */
export function splatOf(value: Tensor | undefined): number | undefined {
  if (!value || value.data.length === 0 || value.format.kind === 'text') return undefined;
  const all = numbers(value);
  for (let i = 1; i < all.length; i++) if (!Object.is(all[i], all[0])) return undefined;
  return all[0];
}

/**
 * The number per channel that a constant adds or multiplies a value of shape `target` with, when it does not vary along
 * any other axis.
 */
export function perChannel(
  constant: Tensor | undefined,
  target: readonly number[],
  axis: number,
): Float64Array | undefined {
  if (!constant || constant.format.kind !== 'float' || constant.shape.length > target.length) return undefined;
  const lead = target.length - constant.shape.length;
  if (constant.shape.some((d, i) => d !== 1 && i + lead !== axis)) return undefined;
  const channels = target[axis]!;
  const given = numbers(constant);
  if (given.length !== 1 && given.length !== channels) return undefined;
  return Float64Array.from({ length: channels }, (_, c) => given[given.length === 1 ? 0 : c]!);
}

/** The constant operand of a two-operand op, and the other one. */
export function constantSide(
  context: RuleContext,
  op: Op,
): { value: Tensor; constant: ValueId; other: ValueId; isRight: boolean } | undefined {
  const [a, b] = op.inputs as readonly [ValueId, ValueId];
  const [left, right] = [context.constOf(a), context.constOf(b)];
  if (right) return { value: right, constant: b, other: a, isRight: true };
  return left && { value: left, constant: a, other: b, isRight: false };
}
