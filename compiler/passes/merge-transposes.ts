import { i64 } from '../formats/index.ts';
import { rulePass, type NewOp, type Rewrite, type RuleContext } from '../ir/rewrite.ts';
import { absent, isConst, type Op, type ValueId } from '../ir/types.ts';
import { permutation, transpose } from '../ops/transpose.ts';
import { fromNumbers, reshaped, type Tensor } from '../tensor/tensor.ts';
import { isSettled } from './kit/known.ts';
import { isElementwise } from './kit/pointwise.ts';

/** Ops between two transposes that are looked at together. */
const regionLimit = 64;

/** Transposes that follow each other become one; those that undo each other vanish, also around element-wise ops. */
export const mergeTransposes = rulePass({
  name: 'merge-transposes',
  doc: 'Transposes in a row become one, or nothing when they undo each other, also with element-wise ops between them. One of quantised weights goes into the weights. One that only moves axes of size 1 becomes a reshape.',
  rule(last, context) {
    if (!transpose.is(last) || context.typeOf(last.inputs[0]!).unknown) return;
    const perm = permOf(last, context);
    const first = context.producer(last.inputs[0]);
    if (first && transpose.is(first)) {
      // Axis k of the result is axis perm[k] of what the first one gives, which is its input's axis firstPerm[perm[k]].
      const firstPerm = permOf(first, context);
      const both = perm.map((p) => firstPerm[p]!);
      if (both.every((p, i) => p === i)) return context.alias(last.outputs[0]!, first.inputs[0]!);
      return context.replace(
        [last],
        [{ kind: 'transpose', inputs: [first.inputs[0]!], outputs: last.outputs, attrs: { perm: both } }],
      );
    }
    return asReshape(last, perm, context) ?? aroundElementwise(last, perm, context);
  },
});

const permOf = (op: Op, { typeOf }: RuleContext): readonly number[] =>
  permutation(transpose.attrsOf(op).perm, typeOf(op.inputs[0]!).shape.length);

/** Elements keep their order when the axes longer than 1 do. */
function asReshape(op: Op, perm: readonly number[], { typeOf, constant, replace }: RuleContext): Rewrite | undefined {
  const [from, to] = [typeOf(op.inputs[0]!), typeOf(op.outputs[0]!)];
  if (!isSettled(from) || from.shape.includes(0)) return undefined;
  const long = perm.filter((p) => from.shape[p] !== 1);
  if (long.some((p, i) => i > 0 && p < long[i - 1]!) || perm.every((p, i) => p === i)) return undefined;
  const target = constant(`${op.outputs[0]!}/shape`, fromNumbers(i64, [to.shape.length], to.shape), []);
  return replace(
    [op],
    [{ kind: 'reshape', inputs: [op.inputs[0]!, target], outputs: op.outputs, attrs: { allowZero: false } }],
  );
}

/** Element-wise ops between transposes that undo each other work on the untransposed values as well. */
function aroundElementwise(last: Op, perm: readonly number[], context: RuleContext): Rewrite | undefined {
  const region = regionBefore(last, perm, context);
  if (!region) return undefined;
  const renamed = new Map<ValueId, ValueId>();
  const rank = perm.length;
  const mapped = (id: ValueId, isSmall: boolean): ValueId => {
    if (id === absent) return id;
    const known = renamed.get(id);
    if (known !== undefined) return known;
    const source = context.producer(id)!;
    const value = isConst(source) ? context.constOf(id)! : undefined;
    const now = !value
      ? source.inputs[0]!
      : isSmall
        ? id
        : context.constant(`${id}/permuted`, permuted(value, perm, rank), [id]);
    renamed.set(id, now);
    return now;
  };
  const ops = region.map((op): NewOp => {
    const [out] = op.outputs as readonly [ValueId];
    const inputs = op.inputs.map((id) => mapped(id, id === absent || context.constOf(id)?.data.length === 1));
    const isLast = out === last.inputs[0];
    renamed.set(out, isLast ? last.outputs[0]! : context.fresh(`${out}/permuted`));
    return { kind: op.kind, inputs, outputs: [renamed.get(out)!], attrs: op.attrs, origins: op.origins };
  });
  // The node of the transpose that goes is lost from here on, and is recorded as removed.
  return context.replace([...region, last], ops);
}

/**
 * The element-wise ops, in run order, between `last` and transposes that it undoes; undefined when there are none, or
 * when something else reads a value between them, or enters without a transpose and is no constant.
 */
function regionBefore(last: Op, perm: readonly number[], context: RuleContext): readonly Op[] | undefined {
  const found = new Set<Op>();
  const order: Op[] = [];
  const end = context.producer(last.inputs[0]);
  if (!end || context.isOutput(last.inputs[0]!)) return undefined;
  const open = [end];
  let entries = 0;
  for (let op = open.pop(); op; op = open.pop()) {
    if (found.has(op)) continue;
    if (found.size >= regionLimit || !isElementwise(op, context)) return undefined;
    found.add(op);
    order.push(op);
    for (const id of op.inputs) {
      if (id === absent || context.constOf(id)) continue;
      const source = context.producer(id);
      if (!source || context.typeOf(id).shape.length !== perm.length) return undefined;
      if (!transpose.is(source)) {
        if (context.isOutput(id)) return undefined;
        open.push(source);
      } else if (undoes(permOf(source, context), perm)) entries++;
      else return undefined;
    }
  }
  const isClosed = order.every((op) => context.users(op.outputs[0]!).every((user) => found.has(user) || user === last));
  // Without an entry all comes from constants (quantised weights), which can be stored in the other order.
  const isMovable =
    entries > 0 ||
    order.every((op) => op.inputs.every((id) => !isLarge(context.constOf(id)) || context.soleUser(id) === op));
  return isMovable && isClosed ? inOrder(order, found, context) : undefined;
}

const isLarge = (value: Tensor | undefined): boolean => value !== undefined && value.data.length > 1;

const undoes = (first: readonly number[], second: readonly number[]): boolean => second.every((p, i) => first[p] === i);

/** Producers before users, among at most `regionLimit` ops. */
function inOrder(ops: readonly Op[], among: ReadonlySet<Op>, context: RuleContext): Op[] {
  const placed = new Set<Op>();
  const sorted: Op[] = [];
  while (sorted.length < ops.length) {
    for (const op of ops) {
      const waits = op.inputs.some((id) => {
        const source = context.producer(id);
        return source !== undefined && among.has(source) && !placed.has(source);
      });
      if (placed.has(op) || waits) continue;
      placed.add(op);
      sorted.push(op);
    }
  }
  return sorted;
}

/** A constant that was broadcast to the transposed value, as it must be for the untransposed one. */
function permuted(value: Tensor, perm: readonly number[], rank: number): Tensor {
  const full = reshaped(value, [...new Array<number>(rank - value.shape.length).fill(1), ...value.shape]);
  return transpose.evaluate([full], { perm }, { wanted: [true], bodies: [], run: () => [] })[0]!;
}
