import { fail, type Location } from '../../src/base/diagnostics.ts';
import { formatOfCode, type Format } from '../formats/index.ts';
import { allocate, sizeOf, tensor, type NumberData, type Tensor } from '../tensor/tensor.ts';
import { toBigInt, toNumber, type SparseTensorProto, type TensorProto } from './decode.ts';

/** Where a tensor's bytes are when they are not in the model file. */
export interface ExternalReference {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/** Gives the bytes of external data, or throws NL1011/NL1012. The core has no files: the shell passes this in. */
export type ReadExternal = (reference: ExternalReference, at: Location) => Uint8Array;

/** ROBUSTNESS.md section 2. */
export const rankLimit = 64;

const typeNames: Record<number, string> = { 0: 'undefined', 14: 'complex64', 15: 'complex128' };

/** @throws NetloomError NL1102 for element types netloom does not compute with */
export function formatFor(code: number, at: Location): Format {
  const format = formatOfCode(code);
  if (format) return format;
  return fail('NL1102', {
    message: `element type ${typeNames[code] ?? `#${code}`} is not supported`,
    at,
    cause: code in typeNames ? 'netloom has no format for it' : 'ONNX 1.18 defines no element type of that number',
    fix: 'export the model with another element type',
  });
}

/** The dims as exact whole numbers. @throws NetloomError NL1005 */
export function checkedDims(dims: readonly (number | Long)[], at: Location): number[] {
  const bad = (cause: string): never =>
    fail('NL1005', { message: 'the dims of a tensor make no sense', at, cause, fix: 'export the model again' });
  if (dims.length > rankLimit) bad(`it has ${dims.length} axes; at most ${rankLimit} are allowed`);
  let product = 1n;
  const sizes = dims.map((d) => {
    const size = toBigInt(d);
    if (size < 0n) bad(`a dimension is ${size}`);
    product *= size;
    if (size > BigInt(Number.MAX_SAFE_INTEGER) || product > BigInt(Number.MAX_SAFE_INTEGER))
      bad('the number of elements exceeds 2^53 - 1');
    return Number(size);
  });
  return sizes;
}

/**
 * A TensorProto as a tensor. Exactly one data field may be filled, and it must fit the dims.
 * @throws NetloomError NL1005 (data does not fit), NL1102 (element type), and what `readExternal` throws
 */
export function readTensor(proto: TensorProto, at: Location, readExternal: ReadExternal): Tensor {
  const place: Location = proto.name ? { ...at, tensor: `"${proto.name}"` } : at;
  const format = formatFor(proto.dataType ?? 0, place);
  const shape = checkedDims(proto.dims ?? [], place);
  const n = sizeOf(shape);
  const bad = (cause: string): never =>
    fail('NL1005', {
      message: `the data of a tensor does not fit its dims`,
      at: { ...place, tensor: `"${proto.name ?? ''}" ${format.name}[${shape.join(',')}]` },
      cause,
      fix: 'export the model again',
    });

  const filled = (
    ['floatData', 'int32Data', 'stringData', 'int64Data', 'doubleData', 'uint64Data', 'rawData'] as const
  ).filter((name) => (proto[name]?.length ?? 0) > 0);
  if (proto.segment) bad('it is stored in segments, which ONNX readers do not join');
  const external = Number(proto.dataLocation ?? 0) === 1; // TensorProto.EXTERNAL
  if (filled.length > (external ? 0 : 1))
    bad(
      `its data stands in ${external ? 'an external file and in ' : ''}${filled.join(' and ')}; one place is allowed`,
    );

  if (external) {
    const reference = referenceOf(proto, place);
    const needed = Math.ceil((n * format.bits) / 8);
    const { length = needed } = reference;
    if (length !== needed) bad(`external data of ${length} bytes is named where ${needed} are needed`);
    return fromRaw(format, shape, n, readExternal({ ...reference, length }, place), bad);
  }
  const field = filled[0];
  if (field === undefined) {
    if (n > 0) bad(`${n} elements are declared, but there is no data`);
    return tensor(format, shape, allocate(format, 0));
  }
  if (field === 'rawData') return fromRaw(format, shape, n, proto.rawData!, bad);
  if (field !== typedField(format))
    bad(`${format.name} elements stand in ${field}; they belong in ${typedField(format)} or raw_data`);
  return fromTyped(format, shape, n, proto, field, bad);
}

/** Which typed field holds a format (comments of onnx.proto3 on TensorProto). */
function typedField(
  format: Format,
): 'floatData' | 'int32Data' | 'stringData' | 'int64Data' | 'doubleData' | 'uint64Data' {
  switch (format.name) {
    case 'f32':
      return 'floatData';
    case 'f64':
      return 'doubleData';
    case 'i64':
      return 'int64Data';
    case 'u64':
    case 'u32':
      return 'uint64Data';
    case 'str':
      return 'stringData';
    default:
      return 'int32Data';
  }
}

function fromTyped(
  format: Format,
  shape: readonly number[],
  n: number,
  proto: TensorProto,
  field: ReturnType<typeof typedField>,
  bad: (cause: string) => never,
): Tensor {
  const values = proto[field]!;
  // Elements of 4 and 2 bits share a byte, two or four to each entry.
  const perEntry = format.bits < 8 ? 8 / format.bits : 1;
  if (values.length !== Math.ceil(n / perEntry))
    bad(`${field} has ${values.length} entries where ${Math.ceil(n / perEntry)} are needed`);
  if (field === 'stringData')
    return tensor(
      format,
      shape,
      (values as Uint8Array[]).map((b) => new TextDecoder().decode(b)),
    );
  if (format.bits < 8) return unpacked(format, shape, n, Uint8Array.from(values as number[]));
  const data = allocate(format, n);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < n; i++) data[i] = toBigInt(values[i] as Long);
  } else {
    const decode = narrowDecoder(format);
    const out = data as NumberData;
    for (let i = 0; i < n; i++) {
      const x = toNumber(values[i] as number | Long);
      out[i] = decode ? decode(x & 0xffff) : x;
    }
  }
  return tensor(format, shape, data);
}

/** Bits of a float narrower than 32 as the number they stand for; undefined for other formats. */
export function narrowDecoder(format: Format): ((bits: number) => number) | undefined {
  if (format.kind !== 'float' || format.bits >= 32) return undefined;
  if (format.name === 'bf16') {
    const word = new Uint32Array(1);
    const float = new Float32Array(word.buffer);
    return (bits) => ((word[0] = bits << 16), float[0]!);
  }
  const table = decodeTable(format);
  return (bits) => table[bits]!;
}

const tables = new Map<string, Float32Array>();

/** All values of a float format of at most 16 bits, by code: built once, by the rules of the format itself. */
function decodeTable(format: Format): Float32Array {
  const known = tables.get(format.name);
  if (known) return known;
  const codes = 2 ** format.bits;
  const table = new Float32Array(codes);
  for (let code = 0; code < codes; code++) table[code] = decodeFloat(format, code);
  tables.set(format.name, table);
  return table;
}

/** exponent bits, bias, and what the codes at the top mean. */
const layouts: Record<string, { exponent: number; bias: number; nan: (code: number) => boolean; infinity?: number }> = {
  f16: { exponent: 5, bias: 15, nan: (c) => (c & 0x7fff) > 0x7c00, infinity: 0x7c00 },
  f8e4m3fn: { exponent: 4, bias: 7, nan: (c) => (c & 0x7f) === 0x7f },
  f8e4m3fnuz: { exponent: 4, bias: 8, nan: (c) => c === 0x80 },
  f8e5m2: { exponent: 5, bias: 15, nan: (c) => (c & 0x7f) > 0x7c, infinity: 0x7c },
  f8e5m2fnuz: { exponent: 5, bias: 16, nan: (c) => c === 0x80 },
  f4e2m1: { exponent: 2, bias: 1, nan: () => false },
};

function decodeFloat(format: Format, code: number): number {
  if (format.name === 'f8e8m0') return code === 255 ? NaN : 2 ** (code - 127);
  const layout = layouts[format.name]!;
  const mantissaBits = format.bits - 1 - layout.exponent;
  const sign = code >> (format.bits - 1) ? -1 : 1;
  const body = code & (2 ** (format.bits - 1) - 1);
  if (layout.nan(code)) return NaN;
  if (body === layout.infinity) return sign * Infinity;
  const exponent = body >> mantissaBits;
  const mantissa = (body & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
  return sign * (exponent === 0 ? mantissa * 2 ** (1 - layout.bias) : (1 + mantissa) * 2 ** (exponent - layout.bias));
}

function fromRaw(
  format: Format,
  shape: readonly number[],
  n: number,
  raw: Uint8Array,
  bad: (cause: string) => never,
): Tensor {
  if (format.storage === 'text') return bad('strings cannot stand in raw_data');
  const needed = Math.ceil((n * format.bits) / 8);
  if (raw.byteLength !== needed) bad(`raw_data has ${raw.byteLength} bytes where ${needed} are needed`);
  if (format.bits < 8) return unpacked(format, shape, n, raw);
  const decode = narrowDecoder(format);
  if (decode) {
    const data = new Float32Array(n);
    const codes = format.bits === 8 ? raw : aligned(raw, Uint16Array, n);
    for (let i = 0; i < n; i++) data[i] = decode(codes[i]!);
    return tensor(format, shape, data);
  }
  const blank = allocate(format, 0) as NumberData | BigInt64Array | BigUint64Array;
  return tensor(format, shape, aligned(raw, blank.constructor as TypedArrayConstructor, n));
}

type AnyTyped = NumberData | BigInt64Array | BigUint64Array;
type TypedArrayConstructor = {
  new (buffer: ArrayBufferLike, offset: number, length: number): AnyTyped;
  readonly BYTES_PER_ELEMENT: number;
};

/** A view of the bytes where their alignment allows it, else of a copy. ONNX data and all supported hosts are little-endian. */
function aligned<
  C extends {
    new (buffer: ArrayBufferLike, offset: number, length: number): AnyTyped;
    readonly BYTES_PER_ELEMENT: number;
  },
>(raw: Uint8Array, type: C, n: number): InstanceType<C> {
  const width = type.BYTES_PER_ELEMENT;
  if (raw.byteOffset % width === 0) return new type(raw.buffer, raw.byteOffset, n) as InstanceType<C>;
  return new type(new Uint8Array(raw).buffer, 0, n) as InstanceType<C>;
}

/** Elements of less than 8 bits, lowest bits first. */
function unpacked(format: Format, shape: readonly number[], n: number, packed: Uint8Array): Tensor {
  const { bits, signed } = format;
  const data = allocate(format, n) as NumberData;
  const mask = 2 ** bits - 1;
  const decode = narrowDecoder(format);
  for (let i = 0; i < n; i++) {
    const at = i * bits;
    const code = (packed[at >> 3]! >> (at & 7)) & mask;
    data[i] = decode ? decode(code) : signed && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
  }
  return tensor(format, shape, data);
}

function referenceOf(proto: TensorProto, at: Location): ExternalReference {
  const entries = new Map((proto.externalData ?? []).map((e) => [e.key ?? '', e.value ?? '']));
  const whole = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (!/^[0-9]{1,15}$/.test(text)) {
      fail('NL1011', {
        message: `external data has a bad ${key}`,
        at,
        cause: `"${text}" is no decimal whole number`,
        fix: 'export the model again',
      });
    }
    return Number(text);
  };
  const location = entries.get('location');
  if (!location)
    fail('NL1011', {
      message: 'external data has no location',
      at,
      cause: 'the tensor says that its data is elsewhere, but not where',
      fix: 'export the model again',
    });
  return { location: location, offset: whole('offset') ?? 0, length: whole('length') };
}

/** ROBUSTNESS.md section 2, constants made by folding: bytes of one sparse tensor when it is written out. */
const denseLimit = 64 * 2 ** 20;

/** A sparse tensor made dense. @throws NetloomError NL1005 when an index is out of range or out of order */
export function readSparse(proto: SparseTensorProto, place: Location, readExternal: ReadExternal): Tensor {
  const at = proto.values?.name ? { ...place, tensor: `"${proto.values.name}"` } : place;
  const values = readTensor(proto.values ?? {}, at, readExternal);
  const indices = readTensor(proto.indices ?? {}, at, readExternal);
  const shape = checkedDims(proto.dims ?? [], at);
  const n = sizeOf(shape);
  const bad = (cause: string): never =>
    fail('NL1005', { message: 'a sparse tensor makes no sense', at, cause, fix: 'export the model again' });
  const count = values.data.length;
  const coordinates = indices.shape.length === 2;
  if (indices.data.length !== count * (coordinates ? shape.length : 1))
    bad(`${indices.data.length} indices for ${count} values`);
  if (indices.format.name !== 'i64') bad(`its indices are ${indices.format.name}; they must be i64`);
  // A few bytes may stand for any size: the size written out is limited, not that in the file.
  if ((n * values.format.bits) / 8 > denseLimit)
    bad(`written out it has ${n} elements; at most ${denseLimit} bytes are made dense`);
  const dense = allocate(values.format, n);
  const position = (i: number): number => {
    if (!coordinates) return Number(indices.data[i]);
    return shape.reduce((p, size, axis) => {
      const k = Number(indices.data[i * shape.length + axis]);
      if (k < 0 || k >= size) bad(`index ${k} on an axis of ${size}`);
      return p * size + k;
    }, 0);
  };
  for (let i = 0; i < count; i++) {
    const p = position(i);
    if (p < 0 || p >= n) bad(`index ${p} of ${n} elements`);
    (dense as unknown[])[p] = values.data[i];
  }
  return tensor(values.format, shape, dense);
}
