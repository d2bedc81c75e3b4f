import { call } from '../../../hw-models/work/build.ts';
import type { Scalar } from '../../../hw-models/work/types.ts';

/** 1 / (1 + e^-x) */
export const sigmoidOf = (x: Scalar): Scalar => call('div', 1, call('add', 1, call('exp', call('neg', x))));
export const sigmoidValue = (x: number): number => 1 / (1 + Math.exp(-x));

/** ln(1 + e^x) as max(x, 0) + ln(1 + e^-|x|), which does not overflow. */
export const softplusOf = (x: Scalar): Scalar =>
  call('add', call('max', x, 0), call('log', call('add', 1, call('exp', call('neg', call('abs', x))))));
export const softplusValue = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** x brought into [low, high]; `high` wins where they cross, as in ONNX Clip. */
export const clampOf = (x: Scalar, low: Scalar | number, high: Scalar | number): Scalar =>
  call('min', call('max', x, low), high);

/** `x` where it is positive, else `other`. NaN takes `other`, so `other` must hand it on. */
export const positiveOr = (x: Scalar, other: Scalar): Scalar => call('select', call('gt', x, 0), x, other);

/** alpha * (e^x - 1) */
export const expMinusOne = (x: Scalar, alpha: number): Scalar => call('mul', alpha, call('sub', call('exp', x), 1));

const rootHalf = Math.SQRT1_2;
/** sqrt(2 / pi) of the tanh form of GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
const rootTwoOverPi = Math.sqrt(2 / Math.PI);

/** x * Phi(x), with the normal distribution function Phi by erf, or by its tanh approximation. */
export function geluOf(x: Scalar, tanh: boolean): Scalar {
  const cubic = call('add', x, call('mul', 0.044715, call('mul', x, call('mul', x, x))));
  const inner = tanh ? call('tanh', call('mul', rootTwoOverPi, cubic)) : call('erf', call('mul', x, rootHalf));
  return call('mul', call('mul', 0.5, x), call('add', 1, inner));
}

export function geluValue(x: number, erf: (x: number) => number, tanh: boolean): number {
  const inner = tanh ? Math.tanh(rootTwoOverPi * (x + 0.044715 * x * x * x)) : erf(x * rootHalf);
  return 0.5 * x * (1 + inner);
}
