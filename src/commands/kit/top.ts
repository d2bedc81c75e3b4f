import type { Flag } from './flags.ts';
import { usage } from './session.ts';

/** Reads --top: a number of rows, or all of them. */
export function readTop(given: Flag, fallback: number | 'all' = 10): number | 'all' {
  if (given === undefined) return fallback;
  if (given === 'all') return 'all';
  if (typeof given === 'string' && /^[0-9]{1,9}$/.test(given)) return Number(given);
  throw usage(`--top is "${String(given).slice(0, 40)}"`, 'it takes a whole number, or "all"', '--top 20');
}
