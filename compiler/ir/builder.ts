import { invariant, type Diagnostic, type Location } from '../../src/base/diagnostics.ts';
import type { OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { settle } from './infer.ts';
import {
  absent,
  valueId,
  type Attrs,
  type Graph,
  type Op,
  type Origin,
  type Removed,
  type TensorType,
  type ValueId,
} from './types.ts';

export { wantedOutputs } from './infer.ts';

export interface OpDraft {
  readonly kind: string;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly attrs?: Attrs;
  readonly origins: readonly Origin[];
  readonly bodies?: readonly Graph[];
}

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

  /** Takes over a `const` op as it is; one that is only known by its hash has no elements. */
  adopt(op: Op, type: TensorType, value: Tensor | undefined): void {
    const [id] = op.outputs;
    invariant(op.kind === 'const' && id !== undefined, 'only a const op is taken over');
    this.#define(id, type);
    if (value) {
      this.#consts.set(id, value);
      this.#known.set(id, value);
    }
    this.#ops.push(op);
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
    const op: Op = { ...draft, attrs: draft.attrs ?? {} };
    const settled = settle(this.registry, op, (id) => this.info(id), at);
    this.#ops.push(op);
    this.unknowns.push(...settled.unknowns);
    op.outputs.forEach((id, i) => {
      if (id === absent) return;
      const type = settled.types[i];
      invariant(type, `${op.kind} gave no type for output ${i}`);
      this.#define(id, type);
      const value = settled.values[i];
      if (value) this.#known.set(id, value);
    });
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

  #define(id: ValueId, type: TensorType): void {
    invariant(id !== absent && !this.#types.has(id), `value "${id}" is defined twice`);
    this.#types.set(id, type);
  }
}
