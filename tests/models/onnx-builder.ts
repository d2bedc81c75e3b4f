import onnxProto from 'onnx-proto';
import type { onnx as Onnx } from 'onnx-proto';
import type { ReadExternal } from '../../compiler/onnx/tensors.ts';
import { seededRandom, type Random } from '../../src/base/random.ts';

const { onnx } = onnxProto;

/** Element types by the names that netloom prints, with their code in TensorProto.DataType. */
const codes = {
  f32: 1,
  u8: 2,
  i8: 3,
  u16: 4,
  i16: 5,
  i32: 6,
  i64: 7,
  str: 8,
  bool: 9,
  f16: 10,
  f64: 11,
  u32: 12,
  u64: 13,
} as const;
export type ElementType = keyof typeof codes;

type Plain =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

const arrays = {
  f32: Float32Array,
  f64: Float64Array,
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f16: Uint16Array,
  bool: Uint8Array,
} as const;

/** A tensor as a test writes it down: its numbers in row-major order, in any list. */
export interface TensorText {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export const tensorOf = (type: ElementType, shape: readonly number[], values: ArrayLike<number>): TensorText => ({
  type,
  shape,
  values,
});

/** A number that is a FLOAT attribute also when it is whole. */
export class FloatAttr {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}
export const float = (value: number): FloatAttr => new FloatAttr(value);

/** A list of FLOATS. */
export class FloatsAttr {
  readonly values: readonly number[];
  constructor(values: readonly number[]) {
    this.values = values;
  }
}

export type AttrText =
  number | string | readonly number[] | readonly string[] | FloatAttr | FloatsAttr | TensorText | ModelBuilder;

export interface NodeOptions {
  readonly outputs?: number | readonly string[];
  readonly domain?: string;
  readonly name?: string;
}

export interface BuilderOptions {
  readonly opset?: number;
  readonly irVersion?: number;
  /** Opsets of domains beside the standard one. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly seed?: number;
}

/** Bytes of elements, little-endian, as raw_data wants them. */
export function rawBytes(type: ElementType, values: ArrayLike<number>): Uint8Array {
  if (type === 'i64' || type === 'u64')
    return new Uint8Array(BigInt64Array.from(Array.from(values, (v) => BigInt(v))).buffer);
  if (type === 'str') throw new Error('strings have no raw form');
  const made: Plain = arrays[type].from(values);
  return new Uint8Array(made.buffer, made.byteOffset, made.byteLength);
}

/** Writes ONNX models node by node. Values are known by their names; weights come from the seed. */
export class ModelBuilder {
  readonly random: Random;
  readonly #name: string;
  readonly #options: BuilderOptions;
  readonly #nodes: Onnx.INodeProto[] = [];
  readonly #initializers: Onnx.ITensorProto[] = [];
  readonly #inputs: Onnx.IValueInfoProto[] = [];
  readonly #outputs: Onnx.IValueInfoProto[] = [];
  #fresh = 0;

  constructor(name: string, options: BuilderOptions = {}) {
    this.#name = name;
    this.#options = options;
    this.random = seededRandom(options.seed ?? 1);
  }

  fresh(hint: string): string {
    return `${hint}_${this.#fresh++}`;
  }

  input(name: string, shape: readonly (number | string)[], type: ElementType = 'f32'): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** An output; the shape may be left to the reader. */
  output(name: string, type: ElementType = 'f32', shape?: readonly (number | string)[]): string {
    this.#outputs.push(valueInfo(name, type, shape));
    return name;
  }

  constant(value: TensorText, name = this.fresh('c')): string {
    this.#initializers.push(tensorProto(value, name));
    return name;
  }

  wholes(values: readonly number[], name?: string): string {
    return this.constant(tensorOf('i64', [values.length], values), name);
  }

  /** A float scalar by a Constant node, as exporters write the bounds of a Clip. */
  scalar(value: number): string {
    return this.node('Constant', [], { value: tensorOf('f32', [], [value]) });
  }

  /** An initializer of normal random numbers, scaled. */
  randomWeight(shape: readonly number[], scale = 1, name?: string): string {
    const n = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: n }, () => this.random.normal() * scale);
    return this.constant(tensorOf('f32', shape, values), name);
  }

  /** An initializer whose data lies outside of the file: `externalFloats` answers for it. */
  outsideWeight(shape: readonly number[], name = this.fresh('w')): string {
    const length = 4 * shape.reduce((a, b) => a * b, 1);
    this.#initializers.push({
      name,
      dims: [...shape],
      dataType: codes.f32,
      dataLocation: 1,
      externalData: [
        { key: 'location', value: 'weights.bin' },
        { key: 'length', value: String(length) },
      ],
    });
    return name;
  }

  /** Adds a node and answers its first output. */
  node(
    op: string,
    inputs: readonly string[],
    attrs: Readonly<Record<string, AttrText>> = {},
    options: NodeOptions = {},
  ): string {
    return this.nodes(op, inputs, attrs, options)[0]!;
  }

  /** Adds a node and answers all of its outputs. */
  nodes(
    op: string,
    inputs: readonly string[],
    attrs: Readonly<Record<string, AttrText>> = {},
    options: NodeOptions = {},
  ): string[] {
    const { outputs = 1 } = options;
    const name = options.name ?? this.fresh(op.toLowerCase());
    const made =
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, (_, i) => (i === 0 ? name : `${name}.${i}`))
        : [...outputs];
    this.#nodes.push({
      opType: op,
      name,
      domain: options.domain ?? '',
      input: [...inputs],
      output: made,
      attribute: Object.entries(attrs).map(([key, value]) => attributeProto(key, value)),
    });
    return made;
  }

  graph(): Onnx.IGraphProto {
    return {
      name: this.#name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: this.#inputs,
      output: this.#outputs,
    };
  }

  model(): Onnx.IModelProto {
    const { irVersion = 8, opset = 17, domains = {} } = this.#options;
    const more = Object.entries(domains).map(([domain, version]) => ({ domain, version }));
    return {
      irVersion,
      producerName: 'netloom tests',
      opsetImport: [{ domain: '', version: opset }, ...more],
      graph: this.graph(),
    };
  }

  bytes(): Uint8Array {
    return encodeModel(this.model());
  }
}

/** A buffer of its own: protobufjs hands out views of a pool. */
export const encodeModel = (model: Onnx.IModelProto): Uint8Array =>
  new Uint8Array(onnx.ModelProto.encode(model).finish());

function valueInfo(
  name: string,
  type: ElementType,
  shape: readonly (number | string)[] | undefined,
): Onnx.IValueInfoProto {
  const dim = shape?.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: codes[type], ...(dim ? { shape: { dim } } : {}) } } };
}

export function tensorProto({ type, shape, values }: TensorText, name = ''): Onnx.ITensorProto {
  return { name, dims: [...shape], dataType: codes[type], rawData: rawBytes(type, values) };
}

/** Numbers of AttributeProto.AttributeType. */
const attrTypes = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

function attributeProto(name: string, value: AttrText): Onnx.IAttributeProto {
  if (value instanceof FloatAttr) return { name, type: attrTypes.float, f: value.value };
  if (value instanceof FloatsAttr) return { name, type: attrTypes.floats, floats: [...value.values] };
  if (value instanceof ModelBuilder) return { name, type: attrTypes.graph, g: value.graph() };
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? { name, type: attrTypes.int, i: value }
      : { name, type: attrTypes.float, f: value };
  if (typeof value === 'string') return { name, type: attrTypes.string, s: text(value) };
  if (isTensorText(value)) return { name, type: attrTypes.tensor, t: tensorProto(value) };
  if (value.length > 0 && typeof value[0] === 'string')
    return { name, type: attrTypes.strings, strings: (value as readonly string[]).map(text) };
  return { name, type: attrTypes.ints, ints: [...(value as readonly number[])] };
}

const isTensorText = (value: object): value is TensorText => 'values' in value && 'shape' in value;

/** Answers for outside weights with views of one buffer that grows with demand: zeros unless `fill` says otherwise. */
export function externalFloats(fill?: (buffer: Float32Array) => void): ReadExternal {
  let buffer = new Float32Array(0);
  return ({ length = 0 }) => {
    if (buffer.byteLength < length) {
      buffer = new Float32Array(Math.ceil(length / 4));
      fill?.(buffer);
    }
    return new Uint8Array(buffer.buffer, 0, length);
  };
}

/** Seeded numbers, a block of them repeated: enough that no weight looks special. */
export function repeatedNormals(buffer: Float32Array): void {
  const random = seededRandom(5);
  const block = Math.min(buffer.length, 65_521);
  for (let i = 0; i < block; i++) buffer[i] = random.normal() / 16;
  for (let filled = block; filled < buffer.length; filled *= 2)
    buffer.copyWithin(filled, 0, Math.min(filled, buffer.length - filled));
}
