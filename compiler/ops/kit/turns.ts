import { isNetloomError } from '../../../src/base/diagnostics.ts';
import { wantedOutputs } from '../../ir/infer.ts';
import { absent, isConst, type Graph, type Op, type ValueId } from '../../ir/types.ts';
import { bool, i64 } from '../../formats/index.ts';
import { sizeOf, tensor, type Tensor } from '../../tensor/tensor.ts';
import type { OpRegistry } from '../registry.ts';

/** What is known of a Loop before it runs. */
export interface LoopFacts {
  readonly body: Graph;
  /** Greatest number of turns; undefined when the loop has no such operand, or only a run knows it. */
  readonly limit: number | undefined;
  /** Whether the first turn is taken; undefined when only a run knows. */
  readonly starts: boolean | undefined;
  /** Values of the body's inputs after iteration number and condition: first states, then what is captured. */
  readonly values: readonly (Tensor | undefined)[];
  /** How many of them are states that the body hands on. */
  readonly carried: number;
}

/** Turns are not played through beyond this: a count that takes longer to find is left to the user. */
const mostTurns = 100_000;
/** Nor are tensors larger than this computed for it. */
const mostElements = 4096;

/**
 * How many turns a Loop takes, where that follows from what is known: the part of the body that its condition hangs on
 * is played through, turn by turn. Undefined where it hangs on data.
 */
export function turnsOf(facts: LoopFacts, registry: Pick<OpRegistry, 'of'> | undefined): number | undefined {
  const { limit, body } = facts;
  if (limit !== undefined && limit <= 0) return 0;
  if (facts.starts === false) return 0;
  if (facts.starts === undefined) return undefined;
  const slice = sliceOf(body, facts.carried);
  if (!slice.turns) return endless(body, slice, facts, registry) ? limit : undefined;
  try {
    return played(facts, slice, registry);
  } catch (e) {
    if (!isNetloomError(e)) throw e;
    return undefined;
  }
}

/** The ops that the next condition hangs on, over all turns. */
interface Slice {
  readonly ops: readonly Op[];
  /** Inputs of the body among them, by position. */
  readonly inputs: ReadonlySet<number>;
  /** True when anything in it changes from turn to turn. */
  readonly turns: boolean;
}

function sliceOf(body: Graph, carried: number): Slice {
  const makers = new Map<ValueId, Op>();
  for (const op of body.ops) for (const id of op.outputs) makers.set(id, op);
  const place = new Map(body.inputs.map((id, i) => [id, i]));
  const ops = new Set<Op>();
  const inputs = new Set<number>();
  const seen = new Set<ValueId>();
  const open: ValueId[] = [body.outputs[0]!];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === absent || seen.has(id)) continue;
    seen.add(id);
    const position = place.get(id);
    if (position !== undefined) {
      inputs.add(position);
      // A state is what the turn before made of it.
      if (position >= 2 && position < 2 + carried) open.push(body.outputs[position - 1]!);
    }
    const op = makers.get(id);
    if (!op || ops.has(op)) continue;
    ops.add(op);
    open.push(...op.inputs);
  }
  return {
    ops: body.ops.filter((op) => ops.has(op)),
    inputs,
    turns: [...inputs].some((i) => i === 0 || (i >= 2 && i < 2 + carried)),
  };
}

/** Whether a condition that is the same in all turns is true. */
function endless(body: Graph, slice: Slice, facts: LoopFacts, registry: Pick<OpRegistry, 'of'> | undefined): boolean {
  if (body.outputs[0] === body.inputs[1]) return true;
  try {
    return turn(facts, slice, firstValues(facts), registry)?.get(body.outputs[0]!)?.data[0] === 1;
  } catch (e) {
    if (!isNetloomError(e)) throw e;
    return false;
  }
}

const single = (facts: LoopFacts, position: number): readonly number[] =>
  facts.body.types.get(facts.body.inputs[position]!)?.shape ?? [];

const turnNumber = (facts: LoopFacts, i: number): Tensor => tensor(i64, single(facts, 0), BigInt64Array.of(BigInt(i)));

function firstValues(facts: LoopFacts): (Tensor | undefined)[] {
  return [turnNumber(facts, 0), tensor(bool, single(facts, 1), Uint8Array.of(1)), ...facts.values];
}

function played(facts: LoopFacts, slice: Slice, registry: Pick<OpRegistry, 'of'> | undefined): number | undefined {
  const { body, carried, limit } = facts;
  const inputs = firstValues(facts);
  for (let i = 0; i < mostTurns; i++) {
    if (limit !== undefined && i >= limit) return limit;
    inputs[0] = turnNumber(facts, i);
    const values = turn(facts, slice, inputs, registry);
    const next = values?.get(body.outputs[0]!);
    if (!values || next?.data.length !== 1) return undefined;
    if (!Number(next.data[0])) return i + 1;
    for (let k = 0; k < carried; k++) if (slice.inputs.has(k + 2)) inputs[k + 2] = values.get(body.outputs[k + 1]!);
  }
  return undefined;
}

/** Values of the slice in one turn; undefined when one of them cannot be told. */
function turn(
  { body }: LoopFacts,
  slice: Slice,
  inputs: readonly (Tensor | undefined)[],
  registry: Pick<OpRegistry, 'of'> | undefined,
): Map<ValueId, Tensor> | undefined {
  const values = new Map<ValueId, Tensor>();
  for (const i of slice.inputs) {
    const value = inputs[i];
    if (value) values.set(body.inputs[i]!, value);
  }
  for (const op of slice.ops) {
    const results = resultsOf(body, op, values, registry);
    if (!results) return undefined;
    op.outputs.forEach((id, k) => id !== absent && results[k] && values.set(id, results[k]));
  }
  return values;
}

function resultsOf(
  body: Graph,
  op: Op,
  values: ReadonlyMap<ValueId, Tensor>,
  registry: Pick<OpRegistry, 'of'> | undefined,
): readonly (Tensor | undefined)[] | undefined {
  if (isConst(op)) return [body.consts.get(op.outputs[0]!)];
  if (!registry || op.bodies?.length) return undefined;
  const def = registry.of(op);
  if (def.impure) return undefined;
  const types = op.inputs.map((id) => (id === absent ? undefined : body.types.get(id)));
  const settled = types.every((t) => !t?.unknown && !t?.assumed);
  const told = settled ? def.fromTypes?.(types, op.attrs) : undefined;
  if (told) return [told];
  const operands = op.inputs.map((id) => (id === absent ? undefined : values.get(id)));
  if (operands.some((t, i) => !t && op.inputs[i] !== absent)) return undefined;
  if (operands.some((t) => t && sizeOf(t.shape) > mostElements)) return undefined;
  return def.evaluate(operands, op.attrs, { wanted: wantedOutputs(def, op), bodies: [], run: () => [] });
}
