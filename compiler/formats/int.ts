import { roundHalfEven, type Format, type Storage } from './format.ts';

const storageOf = (bits: number, signed: boolean): Storage => {
  const held = bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 32 ? 32 : 64;
  return `${signed ? 'i' : 'u'}${held}` as Storage;
};

const onnxCodes: Record<string, number> = {
  u8: 2,
  i8: 3,
  u16: 4,
  i16: 5,
  i32: 6,
  i64: 7,
  u32: 12,
  u64: 13,
  u4: 21,
  i4: 22,
  u2: 25,
  i2: 26,
};

/** Two's complement wrap of a whole number to `bits`. Exact up to 2^53. */
export function wrap(x: number, bits: number, signed: boolean): number {
  const span = 2 ** bits;
  const low = x - Math.floor(x / span) * span;
  return signed && low >= span / 2 ? low - span : low;
}

/** An integer of `bits` bits, two's complement when signed. At most 64. */
export function int(bits: number, signed = true): Format {
  const name = `${signed ? 'i' : 'u'}${bits}`;
  const min = signed ? -(2 ** (bits - 1)) : 0;
  const max = 2 ** (signed ? bits - 1 : bits) - 1;
  const onnx = onnxCodes[name];
  return {
    name,
    kind: 'int',
    bits,
    signed,
    storage: storageOf(bits, signed),
    min,
    max,
    ...(onnx === undefined ? {} : { onnx }),
    round: (x) => (Number.isNaN(x) ? 0 : Math.min(max, Math.max(min, roundHalfEven(x)))),
    cast: (x) => (Number.isFinite(x) ? wrap(Math.trunc(x), bits, signed) : x > 0 && bits <= 32 ? max : min),
  };
}

export const i8: Format = int(8);
export const u8: Format = int(8, false);
export const i16: Format = int(16);
export const u16: Format = int(16, false);
export const i32: Format = int(32);
export const u32: Format = int(32, false);
export const i64: Format = int(64);
export const u64: Format = int(64, false);
export const i4: Format = int(4);
export const u4: Format = int(4, false);
export const i2: Format = int(2);
export const u2: Format = int(2, false);
