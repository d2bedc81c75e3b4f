import type { ScalarOp } from '../../hw-models/work/types.ts';
import { exponentOf } from '../formats/float.ts';
import { bf16, f16, roundHalfEven } from '../formats/index.ts';

/** The error function, within 1.2e-16 relative of the true value: series for small, continued fraction for large x. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    // erf(x) = 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!!   (DLMF 7.6.2)
    let term = size;
    let sum = size;
    for (let n = 1; term > sum * 1e-17 && n < 200; n++) {
      term *= (2 * size * size) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-size * size) * sum;
  }
  // erfc(x) = e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...))))   (DLMF 7.9.1)
  let tail = size;
  for (let k = 60; k >= 1; k--) tail = size + k / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / tail);
}

/** Remainder with the sign of the divisor, as Python's `%`. */
export const floorMod = (a: number, b: number): number => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};

/** a to the power of b as IEEE 754 has it: 1 to any power is 1, also to NaN, and (-1) to an infinite one is 1. */
export const power = (a: number, b: number): number =>
  a === 1 || (a === -1 && (b === Infinity || b === -Infinity)) ? 1 : Math.pow(a, b);

const truth = (x: boolean): number => (x ? 1 : 0);

/** What each scalar operation of a Work means. */
export const scalarFunctions: Record<ScalarOp, (...x: number[]) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  abs: (a) => Math.abs(a),
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  sign: (a) => Math.sign(a),
  lt: (a, b) => truth(a < b),
  le: (a, b) => truth(a <= b),
  gt: (a, b) => truth(a > b),
  ge: (a, b) => truth(a >= b),
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  and: (a, b) => truth(a !== 0 && b !== 0),
  or: (a, b) => truth(a !== 0 || b !== 0),
  xor: (a, b) => truth((a !== 0) !== (b !== 0)),
  not: (a) => truth(a === 0),
  select: (c, a, b) => (c !== 0 ? a : b),
  isnan: (a) => truth(Number.isNaN(a)),
  isinf: (a) => truth(a === Infinity || a === -Infinity),
  floor: (a) => Math.floor(a),
  ceil: (a) => Math.ceil(a),
  round: (a) => roundHalfEven(a),
  trunc: (a) => Math.trunc(a),
  mod: (a, b) => floorMod(a, b),
  fmod: (a, b) => a % b,
  bitand: (a, b) => Number(BigInt(a) & BigInt(b)),
  bitor: (a, b) => Number(BigInt(a) | BigInt(b)),
  bitxor: (a, b) => Number(BigInt(a) ^ BigInt(b)),
  bitnot: (a) => Number(~BigInt(a)),
  shiftleft: (a, b) => a * 2 ** b,
  shiftright: (a, b) => Math.floor(a / 2 ** b),
  exp: (a) => Math.exp(a),
  log: (a) => Math.log(a),
  sqrt: (a) => Math.sqrt(a),
  pow: (a, b) => power(a, b),
  sin: (a) => Math.sin(a),
  cos: (a) => Math.cos(a),
  tan: (a) => Math.tan(a),
  asin: (a) => Math.asin(a),
  acos: (a) => Math.acos(a),
  atan: (a) => Math.atan(a),
  sinh: (a) => Math.sinh(a),
  cosh: (a) => Math.cosh(a),
  tanh: (a) => Math.tanh(a),
  asinh: (a) => Math.asinh(a),
  acosh: (a) => Math.acosh(a),
  atanh: (a) => Math.atanh(a),
  erf: (a) => erf(a),
  exponent: (a) => exponentOf(a),
  tof32: (a) => Math.fround(a),
  tof16: (a) => f16.round(a),
  tobf16: (a) => bf16.round(a),
};
