import { invariant } from '../../src/base/diagnostics.ts';
import type { Format } from '../formats/index.ts';
import { narrowDecoder } from '../onnx/tensors.ts';
import { allocate, tensor, type NumberData, type Tensor } from './tensor.ts';

/** The bit patterns of elements, lowest bits of each entry. */
export type Codes = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

type AnyBuffer = { readonly buffer: ArrayBuffer; readonly byteOffset: number; readonly length: number };

/** Narrow floats are held as numbers whose NaN carries no pattern: these stand for it. */
const nanCodes: Record<string, number> = {
  f16: 0x7e00,
  bf16: 0x7fc0,
  f8e4m3fn: 0x7f,
  f8e4m3fnuz: 0x80,
  f8e5m2: 0x7e,
  f8e5m2fnuz: 0x80,
  f8e8m0: 0xff,
};

const encoders = new Map<string, Map<number, number>>();

/** Code of each positive and negative value of a float format of at most 16 bits; -0 is not told from 0 here. */
function encoderOf(format: Format): Map<number, number> {
  const known = encoders.get(format.name);
  if (known) return known;
  const decode = narrowDecoder(format)!;
  const codes = new Map<number, number>();
  for (let code = 2 ** format.bits - 1; code >= 0; code--) codes.set(decode(code), code);
  encoders.set(format.name, codes);
  return codes;
}

function encodeNarrow(t: Tensor): Codes {
  const { format } = t;
  const data = t.data as Float32Array;
  const codes = format.bits <= 8 ? new Uint8Array(data.length) : new Uint16Array(data.length);
  const encoder = encoderOf(format);
  const signBit = 2 ** (format.bits - 1);
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    codes[i] = Number.isNaN(x) ? (nanCodes[format.name] ?? signBit) : Object.is(x, -0) ? signBit : encoder.get(x)!;
  }
  return codes;
}

const arrays = { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array, 64: BigUint64Array } as const;

/** The bit patterns of the elements of a tensor. */
export function codesOf(t: Tensor): Codes {
  const { format } = t;
  invariant(!Array.isArray(t.data), 'strings have no bit pattern');
  if (narrowDecoder(format)) return encodeNarrow(t);
  if (format.bits < 8) return Uint8Array.from(t.data as NumberData, (x) => x & (2 ** format.bits - 1));
  const { buffer, byteOffset, length } = t.data as unknown as AnyBuffer;
  return new arrays[format.bits as 8 | 16 | 32 | 64](buffer, byteOffset, length);
}

/** A tensor from bit patterns as wide as the format. */
export function tensorOfCodes(format: Format, shape: readonly number[], codes: Codes): Tensor {
  const decode = narrowDecoder(format);
  if (decode) return tensor(format, shape, Float32Array.from(codes as Uint8Array, decode));
  const data = allocate(format, codes.length);
  if (format.bits < 8 || format.kind === 'bool') {
    const out = data as NumberData;
    for (let i = 0; i < codes.length; i++) out[i] = format.cast(Number(codes[i]));
    return tensor(format, shape, data);
  }
  const { buffer, byteOffset, length } = data as unknown as AnyBuffer;
  (new arrays[format.bits as 8 | 16 | 32 | 64](buffer, byteOffset, length) as Uint8Array).set(codes as Uint8Array);
  return tensor(format, shape, data);
}
