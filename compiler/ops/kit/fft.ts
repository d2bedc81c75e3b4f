import { tableLength, tableLimit } from './table-limit.ts';
/**
 * Discrete Fourier transforms of lines of n complex numbers, real and imaginary parts in turn. One plan says what is
 * done, `runFft` does it, and `fftSteps` tells machines the same as loop nests:
 * - by prime factors, one stage each, after Stockham (results in order, no bit reversal);
 * - lengths with a large prime factor as a convolution of a power of two (Bluestein, 1970).
 */
export interface FftPlan {
  readonly n: number;
  /** +1 in the exponent instead of -1. The result is not divided by n. */
  readonly inverse: boolean;
  /** Factors, and what each operation of a stage gives, are rounded to 32 bits. */
  readonly single: boolean;
  readonly stages: readonly Stage[];
  readonly chirp?: Chirp;
}

const rounded = (x: number, single: boolean): number => (single ? Math.fround(x) : x);

/** One factor: n = radix * rest * stride, where `stride` is the product of the factors before it. */
export interface Stage {
  readonly radix: number;
  readonly rest: number;
  readonly stride: number;
  /** What the k-th result of a point p is turned by, as cosine and sine: [rest, radix, 2]. */
  readonly turns: Float64Array;
  /** Cosine and sine of 2 pi j k / radix for j and k from 1 to half the radix: [half, half, 2]. */
  readonly roots: Float64Array;
}

export interface Chirp {
  /** Length of the convolution. */
  readonly m: number;
  readonly forward: FftPlan;
  readonly backward: FftPlan;
  /** exp(-+ i pi k^2 / n), [n, 2]. */
  readonly factors: Float64Array;
  /** Transform of the conjugate chirp, wrapped around, divided by m, [m, 2]. */
  readonly kernel: Float64Array;
}

/** Above this prime, a sum over all of it costs more than the convolution. */
const largestRadix = 61;

/** A plan in double precision, or in single precision (all but the convolution). */
export function fftPlan(n: number, inverse = false, single = false): FftPlan {
  const factors = factorsOf(tableLength(n, 'the roots of unity of a transform', tableLimit / 4));
  if (factors.some((p) => p > largestRadix)) return { n, inverse, single, stages: [], chirp: chirpOf(n, inverse) };
  const stages: Stage[] = [];
  let stride = 1;
  for (const radix of factors) {
    const rest = n / stride / radix;
    stages.push({
      radix,
      rest,
      stride,
      turns: turnsOf(radix, rest, inverse).map((x) => rounded(x, single)),
      roots: rootsOf(radix, inverse).map((x) => rounded(x, single)),
    });
    stride *= radix;
  }
  return { n, inverse, single, stages };
}

function factorsOf(n: number): number[] {
  const factors: number[] = [];
  for (let p = 2; p * p <= n; p++) {
    while (n % p === 0) {
      factors.push(p);
      n /= p;
    }
  }
  return n > 1 ? [...factors, n] : factors;
}

/** Cosine and sine of 2 pi * turns / n with turns reduced first, which keeps large products exact. */
function setUnit(to: Float64Array, at: number, turns: number, n: number, inverse: boolean): void {
  const angle = (2 * Math.PI * (turns % n)) / n;
  to[at] = Math.cos(angle);
  to[at + 1] = (inverse ? 1 : -1) * Math.sin(angle);
}

function turnsOf(radix: number, rest: number, inverse: boolean): Float64Array {
  const table = new Float64Array(rest * radix * 2);
  for (let p = 0; p < rest; p++)
    for (let k = 0; k < radix; k++) setUnit(table, 2 * (p * radix + k), p * k, radix * rest, inverse);
  return table;
}

export const halfOf = (radix: number): number => (radix - 1) >> 1;

function rootsOf(radix: number, inverse: boolean): Float64Array {
  const half = halfOf(radix);
  const table = new Float64Array(half * half * 2);
  for (let k = 0; k < half; k++)
    for (let j = 0; j < half; j++) setUnit(table, 2 * (k * half + j), (k + 1) * (j + 1), radix, inverse);
  return table;
}

function chirpOf(n: number, inverse: boolean): Chirp {
  const m = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const factors = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) setUnit(factors, 2 * k, (k * k) % (2 * n), 2 * n, inverse);
  const forward = fftPlan(m);
  const kernel = new Float64Array(2 * m);
  for (let k = 0; k < n; k++) {
    for (const place of k === 0 ? [0] : [k, m - k]) {
      kernel[2 * place] = factors[2 * k]! / m;
      kernel[2 * place + 1] = -factors[2 * k + 1]! / m;
    }
  }
  return { m, forward, backward: fftPlan(m, true), factors, kernel: runFft(forward, kernel) };
}

/** The transform of one line; the argument may be overwritten, and is not the result. */
export function runFft(plan: FftPlan, line: Float64Array): Float64Array {
  if (plan.chirp) return runChirp(plan.n, plan.chirp, line);
  let [from, to] = [line.slice(), new Float64Array(line.length)];
  for (const stage of plan.stages) {
    (stage.radix === 2 ? runEven : runOdd)(stage, from, to, plan.single);
    [from, to] = [to, from];
  }
  return from;
}

/** The sum of two points, and their difference turned. */
function runEven({ rest, stride, turns }: Stage, from: Float64Array, to: Float64Array, single: boolean): void {
  for (let p = 0; p < rest; p++) {
    const [c, s] = [turns[4 * p + 2]!, turns[4 * p + 3]!];
    for (let q = 0; q < stride; q++) {
      const a = 2 * (q + stride * p);
      const b = a + 2 * stride * rest;
      const x = rounded(from[a]! - from[b]!, single);
      const y = rounded(from[a + 1]! - from[b + 1]!, single);
      const sum = 2 * (q + stride * 2 * p);
      to[sum] = rounded(from[a]! + from[b]!, single);
      to[sum + 1] = rounded(from[a + 1]! + from[b + 1]!, single);
      setTurned(to, sum + 2 * stride, x, y, c, s, single);
    }
  }
}

function setTurned(to: Float64Array, at: number, x: number, y: number, c: number, s: number, single: boolean): void {
  to[at] = rounded(rounded(x * c, single) - rounded(y * s, single), single);
  to[at + 1] = rounded(rounded(x * s, single) + rounded(y * c, single), single);
}

/**
 * y[p, k] = w^(p k) * sum over j of w_radix^(j k) x[j, p], where w is the unit of this stage's length. Elements j and
 * radix - j meet the same cosine and opposite sines, so that their sums and differences serve two results at once.
 */
function runOdd(
  { radix, rest, stride, turns, roots }: Stage,
  from: Float64Array,
  to: Float64Array,
  single: boolean,
): void {
  const half = halfOf(radix);
  const sums = new Float64Array(2 * half);
  const differences = new Float64Array(2 * half);
  for (let i = 0; i < rest * stride; i++) {
    const p = Math.floor(i / stride);
    const q = i % stride;
    const start = 2 * (q + stride * p);
    const hop = 2 * stride * rest;
    const target = 2 * (q + stride * radix * p);
    let [x, y] = [from[start]!, from[start + 1]!];
    for (let j = 0; j < 2 * half; j++) {
      const [a, b] = [start + ((j >> 1) + 1) * hop + (j & 1), start + (radix - 1 - (j >> 1)) * hop + (j & 1)];
      sums[j] = rounded(from[a]! + from[b]!, single);
      differences[j] = rounded(from[a]! - from[b]!, single);
    }
    for (let k = 0; k < half; k++) {
      let [ax, ay, bx, by] = [x, y, 0, 0];
      for (let j = 0; j < half; j++) {
        const [c, s] = [roots[2 * (k * half + j)]!, roots[2 * (k * half + j) + 1]!];
        ax = rounded(ax + rounded(c * sums[2 * j]!, single), single);
        ay = rounded(ay + rounded(c * sums[2 * j + 1]!, single), single);
        bx = rounded(bx + rounded(s * differences[2 * j]!, single), single);
        by = rounded(by + rounded(s * differences[2 * j + 1]!, single), single);
      }
      const [up, down] = [k + 1, radix - 1 - k];
      const turn = 2 * p * radix;
      setTurned(
        to,
        target + 2 * stride * up,
        rounded(ax - by, single),
        rounded(ay + bx, single),
        turns[turn + 2 * up]!,
        turns[turn + 2 * up + 1]!,
        single,
      );
      setTurned(
        to,
        target + 2 * stride * down,
        rounded(ax + by, single),
        rounded(ay - bx, single),
        turns[turn + 2 * down]!,
        turns[turn + 2 * down + 1]!,
        single,
      );
    }
    for (let j = 0; j < half; j++) {
      x = rounded(x + sums[2 * j]!, single);
      y = rounded(y + sums[2 * j + 1]!, single);
    }
    to[target] = x;
    to[target + 1] = y;
  }
}

function runChirp(n: number, { m, forward, backward, factors, kernel }: Chirp, line: Float64Array): Float64Array {
  const padded = new Float64Array(2 * m);
  multiply(line, factors, padded, n);
  const spectrum = runFft(forward, padded);
  multiply(spectrum, kernel, spectrum, m);
  const result = new Float64Array(2 * n);
  multiply(runFft(backward, spectrum), factors, result, n);
  return result;
}

function multiply(a: Float64Array, b: Float64Array, to: Float64Array, n: number): void {
  for (let i = 0; i < 2 * n; i += 2) {
    const [x, y] = [a[i]!, a[i + 1]!];
    to[i] = x * b[i]! - y * b[i + 1]!;
    to[i + 1] = x * b[i + 1]! + y * b[i]!;
  }
}
