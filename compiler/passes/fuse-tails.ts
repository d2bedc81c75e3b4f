import { GraphBuilder } from '../ir/builder.ts';
import { joinOrigins } from '../ir/origins.ts';
import { rulePass, type RuleContext } from '../ir/rewrite.ts';
import { absent, isConst, type Graph, type Op, type ValueId } from '../ir/types.ts';
import { computes, isPointwise, readsInPlace, type Surroundings } from './kit/pointwise.ts';

/** Ops in one kernel. */
const mostOps = 32;

/** Ops that become one kernel, and whether the first of them is more than element-wise. */
interface Group {
  readonly ops: Set<Op>;
  hasHead: boolean;
}

/** A contraction, pooling or normalisation takes over what is done to each element of its result. */
export const fuseTails = rulePass({
  name: 'fuse-tails',
  doc: 'Element-wise ops (activation, bias, residual sum, requantisation, clip, ...) join the op whose result they work on, as one fused op. A value that is read elsewhere, or is an output, ends the kernel.',
  gives: ['fused'],
  rule(last, context) {
    if (!isTail(last, context) || isTakenLater(last, context)) return;
    const group: Group = { ops: new Set([last]), hasHead: false };
    grow(group, context);
    if (group.ops.size < 2) return;
    const primitives = inOrder(group.ops, context).flatMap((op) => expanded(op, context));
    if (primitives.length > mostOps) return;
    const [out] = last.outputs as readonly [ValueId];
    const { body, operands } = bodyOf(primitives, out, context);
    const origins = joinOrigins(primitives.map((op) => op.origins));
    return context.replace(
      [...group.ops],
      [{ kind: 'fused', inputs: operands, outputs: [out], bodies: [body], origins }],
    );
  },
});

/** Whether the op that reads the result will take this one in: kernels are made at once, from their last op. */
function isTakenLater(op: Op, context: RuleContext): boolean {
  const [out] = op.outputs as readonly [ValueId];
  if (context.isOutput(out)) return false;
  const users = context.users(out);
  const [user] = users;
  return users.length === 1 && user!.kind !== 'fused' && isTail(user!, context) && readsInPlace(user!, out, context);
}

/** Takes in the ops before the group whose results only the group reads, each element at its own place. */
function grow(group: Group, context: RuleContext): void {
  const open = new Set([...group.ops].flatMap((op) => op.inputs));
  let size = [...group.ops].reduce((n, op) => n + sizeOf(op), 0);
  // An input of the group is looked at again when the group has taken in another of its readers.
  for (const id of open) {
    open.delete(id);
    const op = context.producer(id);
    if (!op || group.ops.has(op) || !isOnlyReadIn(group, id, context)) continue;
    const tail = isTail(op, context);
    if (!tail && (group.hasHead || !isHead(op, context))) continue;
    size += sizeOf(op);
    if (size > mostOps) return;
    group.ops.add(op);
    // What the head reads stays outside.
    if (tail) for (const input of op.inputs) open.add(input);
    else group.hasHead = true;
  }
}

const sizeOf = (op: Op): number => op.bodies?.[0]?.ops.length ?? 1;

function isOnlyReadIn(group: Group, id: ValueId, context: RuleContext): boolean {
  if (context.isOutput(id)) return false;
  return context
    .users(id)
    .every(
      (user) =>
        group.ops.has(user) && placesOf(user, id, context).every(({ op, as, around }) => readsInPlace(op, as, around)),
    );
}

/** The primitive ops that read a value: the user itself, or those inside it when it is fused. */
function placesOf(user: Op, id: ValueId, context: RuleContext): { op: Op; as: ValueId; around: Surroundings }[] {
  const [body] = user.bodies ?? [];
  if (!body) return [{ op: user, as: id, around: context }];
  const around = inside(user, body, context);
  const formals = body.inputs.filter((_, i) => user.inputs[i] === id);
  return formals.flatMap((as) => body.ops.filter((op) => op.inputs.includes(as)).map((op) => ({ op, as, around })));
}

/** Types in a body, with the values that are known outside. */
function inside(op: Op, body: Graph, context: RuleContext): Surroundings {
  const outer = new Map(body.inputs.map((id, i) => [id, op.inputs[i]!]));
  return {
    registry: context.registry,
    infoOf: (id) => (outer.has(id) ? context.infoOf(outer.get(id)!) : body.types.get(id)!),
  };
}

/** An op, or fused ops, that only work element by element on some operand. */
function isTail(op: Op, context: RuleContext): boolean {
  if (op.kind !== 'fused') return isPointwise(op, context);
  const [body] = op.bodies as readonly [Graph];
  return body.ops.every((o) => isPointwise(o, inside(op, body, context)));
}

const isHead = (op: Op, context: RuleContext): boolean => op.kind === 'fused' || computes(op, context);

/** Producers before users. */
function inOrder(ops: ReadonlySet<Op>, context: RuleContext): Op[] {
  const sorted = new Set<Op>();
  while (sorted.size < ops.size) {
    for (const op of ops) {
      const waits = op.inputs.some((id) => {
        const source = context.producer(id);
        return source !== undefined && ops.has(source) && !sorted.has(source);
      });
      if (!waits) sorted.add(op);
    }
  }
  return [...sorted];
}

/** The ops of a fused op under the names of the graph around it. */
function expanded(op: Op, context: RuleContext): Op[] {
  if (op.kind !== 'fused') return [op];
  const [body] = op.bodies as readonly [Graph];
  const names = new Map<ValueId, ValueId>();
  body.inputs.forEach((id, i) => names.set(id, op.inputs[i]!));
  names.set(body.outputs[0]!, op.outputs[0]!);
  const nameOf = (id: ValueId): ValueId => {
    if (id === absent) return id;
    const known = names.get(id) ?? context.fresh(id);
    names.set(id, known);
    return known;
  };
  return body.ops.map((inner) => ({ ...inner, inputs: inner.inputs.map(nameOf), outputs: inner.outputs.map(nameOf) }));
}

/** A closed body: whatever its ops read from outside, constants too, are its inputs. */
function bodyOf(ops: readonly Op[], out: ValueId, context: RuleContext): { body: Graph; operands: ValueId[] } {
  const made = new Set(ops.flatMap((op) => op.outputs));
  const operands = [...new Set(ops.flatMap((op) => op.inputs))].filter((id) => id !== absent && !made.has(id));
  // Activations first, then weights, as a reader expects.
  operands.sort((a, b) => Number(isWeight(a, context)) - Number(isWeight(b, context)));
  const builder = new GraphBuilder(context.registry, 'kernel');
  for (const id of operands) {
    const { value, ...type } = context.infoOf(id);
    builder.input(id, type, value);
  }
  for (const op of ops) builder.op(op);
  builder.output(out);
  return { body: builder.build(), operands };
}

function isWeight(id: ValueId, context: RuleContext): boolean {
  const source = context.producer(id);
  return source !== undefined && isConst(source);
}
