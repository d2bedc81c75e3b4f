import { invariant } from '../../src/base/diagnostics.ts';
import { is64, type Format, type Storage } from '../formats/index.ts';

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** Elements that are plain numbers: everything but 64-bit integers and strings. */
export type NumberData = Exclude<TensorData, BigInt64Array | BigUint64Array | string[]>;

/** A value: format, shape, and elements in row-major order. Never changed once it is made. */
export interface Tensor {
  readonly format: Format;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

const allocators: Record<Storage, (n: number) => TensorData> = {
  f32: (n) => new Float32Array(n),
  f64: (n) => new Float64Array(n),
  i8: (n) => new Int8Array(n),
  u8: (n) => new Uint8Array(n),
  i16: (n) => new Int16Array(n),
  u16: (n) => new Uint16Array(n),
  i32: (n) => new Int32Array(n),
  u32: (n) => new Uint32Array(n),
  i64: (n) => new BigInt64Array(n),
  u64: (n) => new BigUint64Array(n),
  text: (n) => new Array<string>(n).fill(''),
};

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** Zeroed elements of a format. */
export const allocate = (format: Format, n: number): TensorData => allocators[format.storage](n);

export const tensor = (format: Format, shape: readonly number[], data: TensorData): Tensor => {
  invariant(data.length === sizeOf(shape), `${data.length} elements for ${format.name}[${shape.join(',')}]`);
  return { format, shape, data };
};

export const zeros = (format: Format, shape: readonly number[]): Tensor =>
  tensor(format, shape, allocate(format, sizeOf(shape)));

/** The same elements under another shape. */
export const reshaped = (t: Tensor, shape: readonly number[]): Tensor => tensor(t.format, shape, t.data);

/** A tensor of 64-bit integers. */
export interface BigTensor {
  readonly format: Format;
  readonly shape: readonly number[];
  readonly data: BigInt64Array | BigUint64Array;
}

export const isBig = (t: Tensor): t is BigTensor => is64(t.format);

/** The elements as numbers: 64-bit integers become doubles (exact up to 2^53). */
export function numbers(t: Tensor): ArrayLike<number> {
  if (t.data instanceof BigInt64Array || t.data instanceof BigUint64Array) {
    const values = new Float64Array(t.data.length);
    for (let i = 0; i < values.length; i++) values[i] = Number(t.data[i]!); // ten times as fast as Float64Array.from
    return values;
  }
  invariant(!Array.isArray(t.data), 'strings are not numbers');
  return t.data;
}

/** Whole numbers of an index operand (axes, shapes, pads), as a plain list. */
export const wholes = (t: Tensor): number[] => Array.from(numbers(t));

/** The single element of a scalar or one-element tensor. */
export const scalarOf = (t: Tensor): number => Number(t.data[0]);

/**
 * A tensor from numbers, each brought into the format by its `round` (nearest; saturating for integers).
 * Where wrapping or truncation is meant, use `castTensor`.
 */
export function fromNumbers(format: Format, shape: readonly number[], values: ArrayLike<number>): Tensor {
  const n = sizeOf(shape);
  invariant(values.length === n, `${values.length} values for ${format.name}[${shape.join(',')}]`);
  const data = allocate(format, n);
  store(format, data, n, (i) => values[i]!);
  return tensor(format, shape, data);
}

/** Fills `data` with `at(i)` brought into the format. The one place where computed values enter a format. */
export function store(format: Format, data: TensorData, n: number, at: (i: number) => number): void {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const { min, max } = bigRange(format.signed);
    for (let i = 0; i < n; i++) {
      const x = toBig(at(i));
      data[i] = x < min ? min : x > max ? max : x;
    }
  } else if (data instanceof Float64Array || (data instanceof Float32Array && format.bits === 32)) {
    for (let i = 0; i < n; i++) data[i] = at(i); // the array itself rounds to nearest even
  } else {
    const { round } = format;
    const numbersOut = data as NumberData;
    for (let i = 0; i < n; i++) numbersOut[i] = round(at(i));
  }
}

const bigRange = (signed: boolean): { min: bigint; max: bigint } =>
  signed ? { min: -(2n ** 63n), max: 2n ** 63n - 1n } : { min: 0n, max: 2n ** 64n - 1n };

export const toBig = (x: number): bigint => (Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n);

/** A tensor computed element by element. */
export function build(format: Format, shape: readonly number[], at: (i: number) => number): Tensor {
  const n = sizeOf(shape);
  const data = allocate(format, n);
  store(format, data, n, at);
  return tensor(format, shape, data);
}

/** True when both hold the same format, shape and elements (NaN equals NaN). */
export function equalTensors(a: Tensor, b: Tensor): boolean {
  if (a.format.name !== b.format.name || a.shape.length !== b.shape.length) return false;
  if (!a.shape.every((d, i) => d === b.shape[i])) return false;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i]) && a.data[i] !== b.data[i]) return false;
  return true;
}
