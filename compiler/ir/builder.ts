import { fail, invariant, isNetloomError, NetloomError, type Diagnostic, type Location } from '../../src/base/diagnostics.ts';
import { isOptional, isVariadic, type OpDef, type OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { f32 } from '../formats/index.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { showShape } from '../tensor/shape.ts';
import { absent, valueId, type Attrs, type Graph, type Op, type Origin, type Removed, type TensorType, type ValueId } from './types.ts';

export interface OpDraft {
  readonly kind: string;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly attrs?: Attrs;
  readonly origins: readonly Origin[];
  readonly bodies?: readonly Graph[];
}

/** Results of at most this many elements are worked out while a graph is built, since shapes may depend on them. */
const knownLimit = 65_536;

/**
 * Builds a graph op by op, in order. Types are inferred as ops are added, and small values that follow from constants
 * and shapes are kept beside the graph, so that a Reshape whose target was computed still has a known shape.
 */
export class GraphBuilder {
  readonly registry: OpRegistry;
  readonly #name: string;
  readonly #types = new Map<ValueId, TensorType>();
  readonly #consts = new Map<ValueId, Tensor>();
  readonly #known = new Map<ValueId, Tensor>();
  readonly #inputs: ValueId[] = [];
  readonly #outputs: ValueId[] = [];
  readonly #ops: Op[] = [];
  readonly #removed: Removed[] = [];
  /** Why shapes of this graph cannot be told before the run: what stops an estimate, but no simulation. */
  readonly unknowns: Diagnostic[] = [];
  #fresh = 0;

  constructor(registry: OpRegistry, name: string) {
    this.registry = registry;
    this.#name = name;
  }

  has(id: ValueId): boolean {
    return this.#types.has(id);
  }

  /** A name that no value has yet. */
  fresh(hint: string): ValueId {
    if (hint !== '' && !this.has(valueId(hint))) return valueId(hint);
    for (;;) {
      const id = valueId(`${hint}~${++this.#fresh}`);
      if (!this.has(id)) return id;
    }
  }

  type(id: ValueId): TensorType {
    const type = this.#types.get(id);
    invariant(type, `value "${id}" has no type`);
    return type;
  }

  info(id: ValueId): OperandInfo {
    const value = this.#known.get(id);
    return value ? { ...this.type(id), value } : this.type(id);
  }

  /** The elements of a constant of this graph; undefined for values that are computed, however well they are known. */
  constOf(id: ValueId): Tensor | undefined {
    return this.#consts.get(id);
  }

  input(id: ValueId, type: TensorType, value?: Tensor): ValueId {
    this.#define(id, type);
    this.#inputs.push(id);
    // A body's input whose value is known outside: used for shapes, not folded.
    if (value) this.#known.set(id, value);
    return id;
  }

  constant(id: ValueId, value: Tensor, origin: Origin): ValueId {
    this.#define(id, { format: value.format, shape: value.shape });
    this.#consts.set(id, value);
    this.#known.set(id, value);
    this.#ops.push({ kind: 'const', inputs: [], outputs: [id], attrs: {}, origins: [origin] });
    return id;
  }

  output(id: ValueId): void {
    this.#outputs.push(id);
  }

  /** Records an ONNX node that left nothing behind. */
  remove(origin: Origin, by: string): void {
    this.#removed.push({ origin, by });
  }

  /**
   * Adds an op and infers its outputs.
   * @throws NetloomError NL1013 (operand count) and what `infer` throws, each with the place `at`
   */
  op(draft: OpDraft, at: Location = {}): Op {
    const def = this.registry.of(draft);
    const op: Op = { ...draft, attrs: draft.attrs ?? {} };
    checkCounts(def, op, at);
    const infos = op.inputs.map((id) => (id === absent ? undefined : this.info(id)));
    const context = { wanted: wantedOutputs(def, op), bodies: op.bodies ?? [] };
    this.#ops.push(op);
    const types = infos.some((i) => i?.unknown) ? undefined : this.#tryInfer(at, op, infos, () => def.infer(infos, op.attrs, context));
    const assumed = infos.some((i) => i?.assumed);
    op.outputs.forEach((id, i) => {
      if (id === absent) return;
      if (!types) return this.#define(id, { format: infos.find((x) => x)?.format ?? f32, shape: [], unknown: true });
      const type = types[i];
      invariant(type, `${op.kind} gave no type for output ${i}`);
      this.#define(id, assumed && !type.assumed ? { ...type, assumed: true } : type);
    });
    if (types && !types.some((t) => t.unknown)) this.#learn(def, op, infos, types);
    return op;
  }

  build(): Graph {
    return {
      name: this.#name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      types: this.#types,
      consts: this.#consts,
      ops: this.#ops,
      removed: this.#removed,
    };
  }

  /** Types of the outputs, or undefined when they depend on values that only a run knows. */
  #tryInfer(at: Location, op: Op, infos: readonly (TensorType | undefined)[], run: () => readonly TensorType[]): readonly TensorType[] | undefined {
    try {
      return located(at, op, infos, run);
    } catch (e) {
      if (!isNetloomError(e) || !e.diagnostics.every((d) => d.code === 'NL1107')) throw e;
      this.unknowns.push(...e.diagnostics);
      return undefined;
    }
  }

  #define(id: ValueId, type: TensorType): void {
    invariant(id !== absent && !this.#types.has(id), `value "${id}" is defined twice`);
    this.#types.set(id, type);
  }

  /** Keeps the value of an op whose inputs are all known, when it is small. */
  #learn(def: OpDef, op: Op, infos: readonly (OperandInfo | undefined)[], types: readonly TensorType[]): void {
    if (def.impure || op.bodies?.length || types.reduce((n, t) => n + sizeOf(t.shape), 0) > knownLimit) return;
    const fromTypes = def.fromTypes?.(infos, op.attrs);
    if (!fromTypes && infos.some((i) => i && !i.value)) return;
    const results = fromTypes
      ? [fromTypes]
      : def.evaluate(infos.map((i) => i?.value), op.attrs, { wanted: wantedOutputs(def, op), bodies: [], run: () => [] });
    op.outputs.forEach((id, i) => {
      if (id !== absent && results[i]) this.#known.set(id, results[i]);
    });
  }
}

export function wantedOutputs(def: OpDef, op: Pick<Op, 'outputs'>): boolean[] {
  const n = Math.max(op.outputs.length, def.outputs.some(isVariadic) ? 0 : def.outputs.length);
  return Array.from({ length: n }, (_, i) => op.outputs[i] !== undefined && op.outputs[i] !== absent);
}

/** @throws NetloomError NL1013 when an operand is missing or there are too many */
function checkCounts(def: OpDef, op: Op, at: Location): void {
  const check = (what: 'input' | 'output', declared: readonly string[], given: readonly ValueId[]): void => {
    const needed = declared.filter((d) => !isOptional(d) && !isVariadic(d)).length;
    const open = declared.some(isVariadic);
    const missing = what === 'input' ? declared.findIndex((d, i) => !isOptional(d) && !isVariadic(d) && !given[i]) : -1;
    if (missing < 0 && (open || given.length <= declared.length)) return;
    fail('NL1013', {
      message: `${op.kind} has the wrong number of ${what}s`,
      at,
      cause: missing >= 0 ? `${what} ${missing} ("${declared[missing]}") is missing` : `it has ${given.length}; at most ${declared.length} are allowed, ${needed} are needed`,
      fix: 'correct the node in the model, or export it again',
    });
  };
  check('input', def.operands, op.inputs);
  check('output', def.outputs, op.outputs);
}

/** Runs a shape rule, and gives what it throws the place of the node and the types of its operands. */
function located<T>(at: Location, op: Op, infos: readonly (TensorType | undefined)[], run: () => T): T {
  try {
    return run();
  } catch (e) {
    if (!isNetloomError(e)) throw e;
    const tensors = infos.flatMap((t, i): Location[] => (t ? [{ tensor: `"${op.inputs[i]}" ${t.format.name}${showShape(t.shape)}` }] : []));
    throw new NetloomError(e.diagnostics.map((d): Diagnostic => (d.locations.length > 0 ? d : { ...d, locations: [at, ...tensors.slice(0, 4)] })));
  }
}
