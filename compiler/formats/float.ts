import { roundHalfEven, type Format } from './format.ts';

export interface FloatShape {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias?: number;
  /** What the all-ones exponent holds: infinities and NaN (IEEE), NaN only in its last code (fn), or numbers. */
  readonly top: 'ieee' | 'nan' | 'finite';
  /** 'fnuz': no negative zero, NaN in its place. */
  readonly negativeZero?: boolean;
  /** Only powers of two, no sign, no zero (e8m0). */
}

/**
 * A binary floating-point format narrower than 32 bits, with gradual underflow.
 * Overflow: to infinity where the format has one; else to NaN, or to the largest value when `saturate` is set
 * (ONNX Cast's default, following the FP8 table of the operator's page).
 */
export function narrowFloat(name: string, onnx: number, shape: FloatShape): Format {
  const { exponentBits, mantissaBits, top } = shape;
  const bias = shape.bias ?? 2 ** (exponentBits - 1) - 1;
  const topExponent = 2 ** exponentBits - 1 - bias - (top === 'ieee' ? 1 : 0);
  const topMantissa = top === 'nan' && mantissaBits > 0 ? 2 - 2 * 2 ** -mantissaBits : 2 - 2 ** -mantissaBits;
  const max = topMantissa * 2 ** topExponent;
  const leastExponent = 1 - bias;
  const hasInfinity = top === 'ieee';
  const zero = (x: number): number => (shape.negativeZero === false ? 0 : x * 0);

  /** Nearest value as if the exponent had no upper end. */
  const nearest = (x: number): number => {
    const exponent = Math.max(exponentOf(x), leastExponent);
    const step = 2 ** (exponent - mantissaBits);
    const y = roundHalfEven(x / step) * step;
    return y === 0 ? zero(x) : y;
  };
  const cast = (x: number, saturate = true): number => {
    if (Number.isNaN(x) || x === 0) return x === 0 ? zero(x) : x;
    const y = Number.isFinite(x) ? nearest(x) : x;
    if (Math.abs(y) <= max) return y;
    if (hasInfinity && (!saturate || exponentBits + mantissaBits > 7)) return Math.sign(y) * Infinity;
    return saturate && !Number.isNaN(y) ? Math.sign(y) * max : NaN;
  };
  return {
    name,
    kind: 'float',
    bits: 1 + exponentBits + mantissaBits,
    signed: true,
    storage: 'f32',
    onnx,
    min: -max,
    max,
    round: (x) => cast(x, true),
    cast,
  };
}

/** floor(log2 |x|), exact also for subnormal doubles. */
export function exponentOf(x: number): number {
  const size = Math.abs(x);
  if (size === 0 || !Number.isFinite(size)) return 0;
  let e = Math.floor(Math.log2(size));
  if (2 ** e > size) e--;
  else if (2 ** (e + 1) <= size) e++;
  return e;
}

export const f64: Format = {
  name: 'f64',
  kind: 'float',
  bits: 64,
  signed: true,
  storage: 'f64',
  onnx: 11,
  min: -Number.MAX_VALUE,
  max: Number.MAX_VALUE,
  round: (x) => x,
  cast: (x) => x,
};

const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

export const f32: Format = {
  name: 'f32',
  kind: 'float',
  bits: 32,
  signed: true,
  storage: 'f32',
  onnx: 1,
  min: -largestFloat32,
  max: largestFloat32,
  round: Math.fround,
  cast: Math.fround,
};

export const f16: Format = narrowFloat('f16', 10, { exponentBits: 5, mantissaBits: 10, top: 'ieee' });
export const bf16: Format = narrowFloat('bf16', 16, { exponentBits: 8, mantissaBits: 7, top: 'ieee' });
