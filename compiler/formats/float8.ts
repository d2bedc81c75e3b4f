import type { Format } from './format.ts';
import { exponentOf, narrowFloat } from './float.ts';

/** FP8 formats for deep learning (Micikevicius et al. 2022, arXiv:2209.05433) and their `uz` variants (arXiv:2206.02915). */
export const f8e4m3fn: Format = narrowFloat('f8e4m3fn', 17, { exponentBits: 4, mantissaBits: 3, top: 'nan' });
export const f8e4m3fnuz: Format = narrowFloat('f8e4m3fnuz', 18, {
  exponentBits: 4,
  mantissaBits: 3,
  bias: 8,
  top: 'finite',
  negativeZero: false,
});
export const f8e5m2: Format = narrowFloat('f8e5m2', 19, { exponentBits: 5, mantissaBits: 2, top: 'ieee' });
export const f8e5m2fnuz: Format = narrowFloat('f8e5m2fnuz', 20, {
  exponentBits: 5,
  mantissaBits: 2,
  bias: 16,
  top: 'finite',
  negativeZero: false,
});

/** FP4 of the OCP microscaling specification: no infinity, no NaN. */
export const f4e2m1: Format = narrowFloat('f4e2m1', 23, { exponentBits: 2, mantissaBits: 1, bias: 1, top: 'finite' });

/** E8M0, the shared scale of the OCP microscaling formats: powers of two from 2^-127 to 2^127, and NaN. */
export const f8e8m0: Format = {
  name: 'f8e8m0',
  kind: 'float',
  bits: 8,
  signed: false,
  storage: 'f32',
  onnx: 24,
  min: 2 ** -127,
  max: 2 ** 127,
  round: (x) => powerOfTwo(x),
  cast: (x) => powerOfTwo(x),
};

function powerOfTwo(x: number): number {
  const size = Math.abs(x);
  if (!(size < Infinity)) return NaN;
  if (size < 2 ** -127) return 2 ** -127;
  const e = exponentOf(x);
  const up = Math.abs(x) >= 1.5 * 2 ** e ? 1 : 0;
  return 2 ** Math.min(127, Math.max(-127, e + up));
}
