import { rulePass, type RuleContext } from '../ir/rewrite.ts';
import { absent, type Op, type ValueId } from '../ir/types.ts';
import { isInt } from '../formats/index.ts';
import { areAlike, splatOf, wholesOf } from './kit/known.ts';

/** Answers whether the op only passes its first operand on; types are checked by the pass. */
type Test = (op: Op, context: RuleContext) => boolean;

const always: Test = () => true;

/** A binary op whose right operand is `neutral` everywhere. */
const rightIs =
  (neutral: (x: number, isWhole: boolean) => boolean): Test =>
  (op, { typeOf, constOf }) => {
    const x = splatOf(constOf(op.inputs[1]));
    return x !== undefined && neutral(x, isInt(typeOf(op.inputs[0]!).format));
  };

/** -0 + 0 is +0, so that only -0 changes no float when it is added, and only +0 when it is subtracted. */
const addsNothing = rightIs((x, isWhole) => (isWhole ? x === 0 : Object.is(x, -0)));
const subtractsNothing = rightIs((x, isWhole) => (isWhole ? x === 0 : Object.is(x, 0)));
const isOne = rightIs((x) => x === 1);

const isSwappable = new Set(['add', 'mul']);

const tests: Readonly<Record<string, Test>> = {
  identity: always,
  cast: always,
  'cast-like': always,
  reshape: always,
  flatten: always,
  squeeze: always,
  unsqueeze: always,
  expand: always,
  tile: always,
  concat: (op) => op.inputs.length === 1,
  split: (op) => op.outputs.length === 1,
  sum: (op) => op.inputs.length === 1,
  max: (op) => op.inputs.length === 1,
  min: (op) => op.inputs.length === 1,
  mean: (op) => op.inputs.length === 1,
  transpose: (op, { typeOf }) => isInOrder(op, typeOf(op.inputs[0]!).shape.length),
  pad: (op, context) => wholesOf(context, op.inputs[1])?.every((n) => n === 0) ?? false,
  slice: takesAll,
  dropout: isInference,
  relu: (op, { producer }) => producer(op.inputs[0])?.kind === 'relu',
  add: addsNothing,
  sub: subtractsNothing,
  mul: isOne,
  div: isOne,
  pow: isOne,
};

function isInOrder(op: Op, rank: number): boolean {
  const perm = op.attrs.perm as readonly number[] | undefined;
  return perm ? perm.every((p, i) => p === i) : rank <= 1;
}

/** Of equal shape and forward: a slice that takes every element in its place. */
function takesAll(op: Op, context: RuleContext): boolean {
  if (!op.inputs[4]) return true;
  const steps = wholesOf(context, op.inputs[4]);
  return steps?.every((s) => s === 1) ?? false;
}

/** Without a mask that is read, and not told to train, a dropout passes its input on. */
function isInference(op: Op, context: RuleContext): boolean {
  const [, mask] = op.outputs;
  if (mask && (context.isOutput(mask) || context.users(mask).length > 0)) return false;
  const training = op.inputs[2];
  return !training || splatOf(context.constOf(training)) === 0;
}

/** Ops that give back what they got, to the bit. */
export const dropNoOps = rulePass({
  name: 'drop-no-ops',
  doc: 'Ops that give back their operand unchanged are removed: identity, dropout at inference, casts to the same type, paddings by nothing, slices of everything, products with 1, ...',
  rule(op, context) {
    const test = tests[op.kind];
    if (!test) return;
    return (
      passesOn(op, op.inputs[0], test, context) ??
      (isSwappable.has(op.kind) ? passesOn(swapped(op), op.inputs[1], test, context) : undefined)
    );
  },
});

const swapped = (op: Op): Op => ({ ...op, inputs: [op.inputs[1]!, op.inputs[0]!] });

function passesOn(
  op: Op,
  x: ValueId | undefined,
  test: Test,
  context: RuleContext,
): ReturnType<RuleContext['alias']> | undefined {
  const out = op.outputs[0];
  if (!x || x === absent || !out || out === absent) return undefined;
  // A copy of unknown shape is still a copy; all other claims rest on shapes.
  if (op.kind !== 'identity' && op.kind !== 'dropout' && !areAlike(context, x, out)) return undefined;
  return test(op, context) ? context.alias(out, x) : undefined;
}
