import type { Random } from '../../src/base/random.ts';
import {
  encodeModel,
  ModelBuilder,
  tensorOf,
  type AttrText,
  type ElementType,
  type NodeOptions,
  type TensorText,
} from '../models/onnx-builder.ts';

/** A value of a graph in the making. */
export interface Value {
  readonly id: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** True where every runtime must agree to the last bit: only such values go into steps, ties and roundings. */
  readonly exact: boolean;
}

export interface Want {
  readonly types?: readonly ElementType[];
  readonly rank?: readonly [least: number, most: number];
  readonly exact?: boolean;
}

export interface Applied extends NodeOptions {
  /** That the result is exact where the inputs are. */
  readonly keepsExact?: boolean;
}

/** Tells the types of all values of a model so far. */
export type TypesOf = (
  model: Uint8Array,
) => ReadonlyMap<string, { readonly type: ElementType; readonly shape: readonly number[] }>;

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Builds a random graph step by step over one seed, and keeps what its inputs hold. */
export class GraphMaker {
  readonly builder: ModelBuilder;
  readonly random: Random;
  readonly opset: number;
  readonly values: Value[] = [];
  readonly inputs = new Map<string, TensorText>();
  readonly outputs: string[] = [];
  readonly ops: string[] = [];
  readonly #typesOf: TypesOf;

  constructor(seed: number, random: Random, opset: number, typesOf: TypesOf) {
    this.builder = new ModelBuilder('random', { opset, irVersion: 8, seed, domains: { 'com.microsoft': 1 } });
    this.random = random;
    this.opset = opset;
    this.#typesOf = typesOf;
  }

  whole(least: number, most: number): number {
    return this.random.whole(least, most);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.random.whole(0, list.length - 1)]!;
  }

  chance(p: number): boolean {
    return this.random.next() < p;
  }

  shape(rank: number, most = 5): number[] {
    return Array.from({ length: rank }, () => this.whole(1, most));
  }

  shuffled<T>(list: readonly T[]): T[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.whole(0, i);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }

  /** Elements that sums and products keep exact: eighths for floats, small whole numbers else. */
  elements(type: ElementType, shape: readonly number[], least = -24, most = 24): TensorText {
    const at = (): number => {
      if (type === 'bool') return this.whole(0, 1);
      if (type === 'f32' || type === 'f64' || type === 'f16') return this.whole(least, most) / 8;
      return type.startsWith('u') ? this.whole(0, most) : this.whole(least, most);
    };
    return tensorOf(type, shape, Array.from({ length: size(shape) }, at));
  }

  /** A new input of the graph, or now and then an initializer. */
  fresh(type: ElementType, shape: readonly number[], made: TensorText = this.elements(type, shape)): Value {
    const id = this.builder.fresh('x');
    if (this.chance(0.3)) this.builder.constant(made, id);
    else {
      this.builder.input(id, shape, type);
      this.inputs.set(id, made);
    }
    const value: Value = { id, type, shape, exact: true };
    this.values.push(value);
    return value;
  }

  constant(type: ElementType, shape: readonly number[], values: readonly number[]): string {
    return this.builder.constant(tensorOf(type, shape, values));
  }

  wholes(values: readonly number[]): string {
    return this.builder.wholes(values);
  }

  /** A weight of eighths, as an initializer. */
  weight(shape: readonly number[], type: ElementType = 'f32', least = -24, most = 24): string {
    return this.builder.constant(this.elements(type, shape, least, most));
  }

  /** A value that stands already and fits, or a new one. */
  value({ types = ['f32'], rank = [0, 5], exact = false }: Want = {}): Value {
    const fits = this.values.filter(
      (v) => types.includes(v.type) && v.shape.length >= rank[0] && v.shape.length <= rank[1] && (v.exact || !exact),
    );
    if (fits.length > 0 && this.chance(0.75)) return this.chance(0.6) ? fits.at(-1)! : this.pick(fits);
    return this.fresh(this.pick(types), this.shape(this.whole(Math.max(rank[0], 1), Math.min(rank[1], 4))));
  }

  /** A shape that broadcasts with the given one. */
  broadcastable(shape: readonly number[]): number[] {
    return shape.slice(this.whole(0, shape.length)).map((d) => (this.chance(0.3) ? 1 : d));
  }

  /** Adds a node; its outputs become outputs of the graph and values to go on with. */
  apply(
    op: string,
    inputs: readonly (Value | string)[],
    attrs: Readonly<Record<string, AttrText>> = {},
    options: Applied = {},
  ): Value[] {
    const ids = inputs.map((v) => (typeof v === 'string' ? v : v.id));
    const made = this.builder.nodes(op, ids, attrs, options);
    this.ops.push(`${op}(${ids.join(', ')}) ${JSON.stringify(attrs)}`);
    const exact = (options.keepsExact ?? false) && inputs.every((v) => typeof v === 'string' || v.exact);
    const model = this.builder.model();
    const types = this.#typesOf(
      encodeModel({ ...model, graph: { ...model.graph, output: made.filter(Boolean).map((name) => ({ name })) } }),
    );
    const values = made.flatMap((id): Value[] => {
      if (id === '') return [];
      const t = types.get(id);
      if (!t) throw new Error(`${op} gave no type for ${id}`);
      this.outputs.push(id);
      this.builder.output(id, t.type, t.shape);
      return [{ id, type: t.type, shape: t.shape, exact }];
    });
    this.values.push(...values.filter((v) => size(v.shape) > 0 && size(v.shape) <= 4000));
    return values;
  }
}
