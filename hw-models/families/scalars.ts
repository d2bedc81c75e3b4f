import type { OpCounts, OpKind } from '../work/types.ts';

/** Operations that `counts` come to when one exp or division costs as much as `special` simple ones. */
export function simpleOps(counts: OpCounts, special: number): number {
  return (Object.entries(counts) as [OpKind, number][]).reduce(
    (n, [kind, count]) => n + count * (kind === 'exp' || kind === 'div' ? special : 1),
    0,
  );
}

/** Share of `size` in the next multiple of `step`. */
export const packed = (size: number, step: number): number => size / (Math.ceil(size / step) * step);
