import { InternalError, invariant, isNetloomError } from '../../src/base/diagnostics.ts';
import type { OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { GraphEditor, type NewOp, type Rewrite, type Slot } from './edit.ts';
import { joinOrigins } from './origins.ts';
import { absent, type Graph, type Op, type Origin, type TensorType, type ValueId } from './types.ts';
import { bodyKnown, checkGraph, factsOf } from './verify.ts';

export type { NewOp, Rewrite } from './edit.ts';

/** Something that holds of a graph after some pass and that later passes may rely on. */
export type Fact = 'shapes' | 'folded' | 'fused' | 'quantised' | 'integer-only' | (string & {});

/** A step from graph to graph. It never changes what a graph computes, unless it says so in its doc. */
export interface Pass {
  readonly name: string;
  readonly doc: string;
  readonly needs: readonly Fact[];
  readonly gives: readonly Fact[];
  run(graph: Graph, registry: OpRegistry): Graph;
}

/** What a rule may ask of the graph around an op, and the answers it may give. */
export interface RuleContext {
  readonly registry: OpRegistry;
  /** The op that makes a value; undefined for inputs of the graph and absent operands. */
  readonly producer: (id: ValueId | undefined) => Op | undefined;
  /** The ops that read a value, each once. */
  readonly users: (id: ValueId) => readonly Op[];
  /** The op that alone reads a value, in one place; undefined too when the value is an output of the graph. */
  readonly soleUser: (id: ValueId) => Op | undefined;
  readonly isOutput: (id: ValueId) => boolean;
  readonly isInput: (id: ValueId) => boolean;
  readonly typeOf: (id: ValueId) => TensorType;
  /** The type, and the elements where they are known: constants, and small values that follow from shapes. */
  readonly infoOf: (id: ValueId) => OperandInfo;
  /** The elements of a const op; undefined for every other value. */
  readonly constOf: (id: ValueId | undefined) => Tensor | undefined;
  /** A name that no value has yet. */
  readonly fresh: (hint: string) => ValueId;
  /** A new constant, made if the rewrite uses it. The ONNX nodes behind it are those behind the values `from`. */
  readonly constant: (hint: string, value: Tensor, from: readonly ValueId[]) => ValueId;
  /** Counts bytes of new constants; false once the run of the pass has made more than 64 MiB of them (ROBUSTNESS.md 2). */
  readonly spend: (bytes: number) => boolean;
  /** The users of `output` read `input` instead. */
  readonly alias: (output: ValueId, input: ValueId) => Rewrite;
  /** New ops stand in the place of others, whose origins they take over. */
  readonly replace: (consumed: readonly Op[], ops: readonly NewOp[]) => Rewrite;
}

export interface RuleSpec {
  /** A verb and what it acts on, as it prints: `fold-bn`. */
  readonly name: string;
  readonly doc: string;
  readonly needs?: readonly Fact[];
  readonly gives?: readonly Fact[];
  /** Asked of every op, again when something near it changed. Undefined: nothing to do here. */
  readonly rule: (op: Op, context: RuleContext) => Rewrite | undefined;
}

/** Bytes of constants that one run of a pass may make. */
export const constantLimit = 64 * 2 ** 20;

/** A pass that is a rule; the driver walks the graph, keeps origins, sweeps what became dead and repeats. */
export const rulePass = (spec: RuleSpec): Pass => ({
  name: spec.name,
  doc: spec.doc,
  needs: spec.needs ?? [],
  gives: spec.gives ?? [],
  run: (graph, registry) => runRule(graph, registry, spec, { bytes: constantLimit }),
});

/** A pass that sees the whole graph at once. What it drops it must put in `removed`. */
export const graphPass = (spec: {
  name: string;
  doc: string;
  needs?: readonly Fact[];
  gives?: readonly Fact[];
  run: Pass['run'];
}): Pass => ({
  needs: [],
  gives: [],
  ...spec,
});

interface Budget {
  bytes: number;
}

function runRule(
  graph: Graph,
  registry: OpRegistry,
  spec: RuleSpec,
  budget: Budget,
  known?: readonly (Tensor | undefined)[],
): Graph {
  const fault = (message: string): never => {
    throw new InternalError(`${spec.name}: ${message}`);
  };
  const facts = known ? checkGraph(graph, registry, fault, known) : factsOf(graph, registry, fault);
  const info = (id: ValueId): OperandInfo | undefined => (id === absent ? undefined : facts.info(id));
  let changed = false;
  const ops = graph.ops.map((op): Op => {
    // A fused op is one kernel: what is inside was settled when it was made.
    if (!op.bodies || op.kind === 'fused') return op;
    const infos = op.inputs.map(info);
    const bodies = op.bodies.map((body) =>
      runRule(body, registry, spec, budget, bodyKnown(registry.of(op), op, body, infos)),
    );
    if (bodies.every((body, i) => body === op.bodies![i])) return op;
    changed = true;
    return { ...op, bodies };
  });
  const editor = new GraphEditor(changed ? { ...graph, ops } : graph, registry, facts, known !== undefined);
  try {
    return applyEverywhere(editor, spec, budget) || changed ? editor.finish(spec.name) : graph;
  } catch (e) {
    // The rule made something that does not fit; the user's model is not at fault.
    if (isNetloomError(e)) fault(e.message);
    throw e;
  }
}

/** Asks the rule of every op until it has nothing more to say. Answers whether anything changed. */
function applyEverywhere(editor: GraphEditor, spec: RuleSpec, budget: Budget): boolean {
  const queue: Slot[] = [];
  const enqueue = (slot: Slot): void => {
    if (slot.isQueued || !slot.isAlive) return;
    slot.isQueued = true;
    queue.push(slot);
  };
  editor.onTouched = enqueue;
  // Constants that the rule at hand has asked for; those that its rewrite does not use are forgotten.
  const pending = new Map<ValueId, NewOp>();
  const context = contextOf(editor, budget, pending);
  const most = 16 * editor.graph.ops.length + 1024;
  let rewrites = 0;
  for (let before = -1; before < rewrites;) {
    before = rewrites;
    for (const slot of editor.slots) enqueue(slot);
    for (let at = 0; at < queue.length; at++) {
      const slot = queue[at]!;
      slot.isQueued = false;
      if (!slot.isAlive) continue;
      pending.clear();
      const wanted = spec.rule(editor.current(slot), context);
      if (!wanted || !editor.apply(withConstants(wanted, pending))) continue;
      invariant(
        ++rewrites <= most,
        `${spec.name} does not come to an end: ${rewrites} rewrites in a graph of ${editor.graph.ops.length} ops`,
      );
    }
    queue.length = 0;
  }
  return rewrites > 0;
}

/** Adds the constants that the new ops read. */
function withConstants(rewrite: Rewrite, pending: ReadonlyMap<ValueId, NewOp>): Rewrite {
  const read = new Set(rewrite.ops.flatMap((op) => op.inputs));
  const used = [...pending.values()].filter((draft) => read.has(draft.outputs[0]!));
  return used.length === 0 ? rewrite : { ...rewrite, ops: [...used, ...rewrite.ops] };
}

function contextOf(editor: GraphEditor, budget: Budget, pending: Map<ValueId, NewOp>): RuleContext {
  const producer = (id: ValueId | undefined): Op | undefined =>
    id === undefined || id === absent ? undefined : editor.producer(id);
  const originsBehind = (ids: readonly ValueId[]): Origin[] =>
    joinOrigins(ids.map((id) => producer(id)?.origins ?? []));
  return {
    registry: editor.registry,
    producer,
    users: (id) => editor.users(id),
    soleUser: (id) => {
      if (editor.userCount(id) !== 1 || editor.isOutput(id)) return undefined;
      const [user] = editor.users(id);
      return user!.inputs.indexOf(id) === user!.inputs.lastIndexOf(id) ? user : undefined;
    },
    isOutput: (id) => editor.isOutput(id),
    isInput: (id) => editor.isInput(id),
    typeOf: (id) => editor.info(id),
    infoOf: (id) => editor.info(id),
    constOf: (id) => (id === undefined || id === absent ? undefined : editor.constOf(id)),
    fresh: (hint) => editor.fresh(hint),
    constant: (hint, value, from) => {
      const id = editor.fresh(hint);
      const origins = originsBehind(from);
      pending.set(id, { kind: 'const', inputs: [], outputs: [id], value, ...(origins.length > 0 ? { origins } : {}) });
      return id;
    },
    spend: (bytes) => {
      if (bytes > budget.bytes) return false;
      budget.bytes -= Math.max(0, bytes);
      return true;
    },
    alias: (output, input) => ({ consumed: [], ops: [], aliases: [[output, input]] }),
    replace: (consumed, ops) => ({ consumed, ops, aliases: [] }),
  };
}
