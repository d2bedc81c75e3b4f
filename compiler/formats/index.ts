import { bool } from './bool.ts';
import { bf16, f16, f32, f64 } from './float.ts';
import { f4e2m1, f8e4m3fn, f8e4m3fnuz, f8e5m2, f8e5m2fnuz, f8e8m0 } from './float8.ts';
import type { Format } from './format.ts';
import { i16, i2, i32, i4, i64, i8, int, u16, u2, u32, u4, u64, u8 } from './int.ts';
import { bipolar, ternary } from './sign.ts';
import { text } from './text.ts';

export type { Format, Storage } from './format.ts';
export { is64, isFloat, isInt, roundHalfEven } from './format.ts';
export { bool, bf16, f16, f32, f64, f4e2m1, f8e4m3fn, f8e4m3fnuz, f8e5m2, f8e5m2fnuz, f8e8m0 };
export { i16, i2, i32, i4, i64, i8, int, u16, u2, u32, u4, u64, u8, bipolar, ternary, text };

/** Every format with a fixed name. Integers of other widths are made by `int`. */
export const formats: readonly Format[] = [
  f64,
  f32,
  f16,
  bf16,
  f8e4m3fn,
  f8e4m3fnuz,
  f8e5m2,
  f8e5m2fnuz,
  f4e2m1,
  f8e8m0,
  i64,
  i32,
  i16,
  i8,
  i4,
  i2,
  u64,
  u32,
  u16,
  u8,
  u4,
  u2,
  bool,
  bipolar,
  ternary,
  text,
];

const byName = new Map(formats.map((f) => [f.name, f]));
const byCode = new Map(formats.filter((f) => f.onnx !== undefined).map((f) => [f.onnx!, f]));

/** The format that prints as `name`, such as `f32`, `bf16`, `u4`, `i17`; undefined when there is none. */
export function formatNamed(name: string): Format | undefined {
  const known = byName.get(name);
  if (known) return known;
  const match = /^([iu])([1-9][0-9]?)$/.exec(name);
  const bits = match ? Number(match[2]) : 0;
  return bits >= 1 && bits <= 64 ? intern(int(bits, match![1] === 'i')) : undefined;
}

/** The format of an ONNX TensorProto.DataType code; undefined for complex numbers and codes that do not exist. */
export const formatOfCode = (code: number): Format | undefined => byCode.get(code);

function intern(format: Format): Format {
  byName.set(format.name, format);
  return format;
}

export const sameFormat = (a: Format, b: Format): boolean => a.name === b.name;
