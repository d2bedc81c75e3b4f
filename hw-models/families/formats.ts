import type { NumberFormat } from '../work/types.ts';
import { formatBits } from './energy.ts';

const floatRange: Readonly<Record<string, readonly [exponent: number, mantissa: number]>> = {
  f64: [11, 52],
  f32: [8, 23],
  tf32: [8, 10],
  bf16: [8, 7],
  f16: [5, 10],
  f8e5m2: [5, 2],
  f8e5m2fnuz: [5, 2],
  f8e4m3fn: [4, 3],
  f8e4m3fnuz: [4, 3],
  f4e2m1: [2, 1],
  f8e8m0: [8, 0],
};

const isFloat = (name: string): boolean => name in floatRange;

/** Whether every number of `format` is also one of the machine format `held` (integers in a float: up to its mantissa). */
export function holds(held: string, format: NumberFormat): boolean {
  if (held === format.name) return true;
  const bits = format.kind === 'bool' ? 1 : format.kind === 'bipolar' ? 2 : format.kind === 'ternary' ? 2 : format.bits;
  if (isFloat(held)) {
    const [exponent, mantissa] = floatRange[held]!;
    if (format.kind !== 'float') return bits <= mantissa + 1;
    const own = floatRange[format.name];
    return own !== undefined && own[0] <= exponent && own[1] <= mantissa;
  }
  if (held === 'bipolar' || format.kind === 'float' || format.kind === 'text' || format.kind === 'complex')
    return false;
  if (held === 'ternary') return format.kind === 'bipolar';
  // Unsigned 8-bit activations run on 8-bit multipliers: all listed machines take either signedness.
  return bits <= formatBits(held);
}

/**
 * The narrowest of the machine's formats in which both factors can be held, and of equally narrow ones the fastest;
 * undefined when there is none. A wider format is not taken where the narrow one is listed, even at a higher rate: the
 * rate of the narrow one already tells what widening costs.
 */
export function nativeFormat(
  rates: Readonly<Record<string, number>>,
  factors: readonly NumberFormat[],
): string | undefined {
  const fits = Object.keys(rates).filter((held) => factors.every((f) => holds(held, f)));
  if (fits.length === 0) return undefined;
  const isBetter = (a: string, b: string): boolean =>
    formatBits(a) < formatBits(b) || (formatBits(a) === formatBits(b) && rates[a]! > rates[b]!);
  return fits.reduce((best, f) => (isBetter(f, best) ? f : best));
}
