import { isMacNest, loopsIn, pointsOf } from './count.ts';
import type { Access, Nest, Operand } from './types.ts';

/** A loop of a contraction, by which of the three operands it moves. */
export type LoopRole =
  /** moves both factors and the result: groups, batches of products */
  | 'batch'
  /** moves the streamed factor and the result: pixels, rows */
  | 'row'
  /** moves the stationary factor and the result: filters, columns */
  | 'column'
  /** moves both factors, not the result: summed over */
  | 'sum';

/**
 * A nest that is a sum of products, seen as a batch of matrix products of `rows` x `sums` by `sums` x `columns`.
 * A convolution is one too: its rows are output pixels and its sums run over the window.
 */
export interface Contraction {
  readonly nest: Nest;
  /** Streamed factor (activations), stationary factor (weights when one is constant), result. */
  readonly streamed: Access;
  readonly stationary: Access;
  readonly roles: Readonly<Record<string, LoopRole>>;
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly sums: number;
  /** True when streamed positions overlap between rows: a window slides (convolution). */
  readonly sliding: boolean;
}

/**
 * Sees a nest as a contraction, or undefined when it is none. The stationary factor is a weight if one factor is,
 * else the one that more of the result's loops leave in place.
 */
export function asContraction(nest: Nest, operands: Readonly<Record<string, Operand>>): Contraction | undefined {
  const known = seen.get(nest);
  if (known?.operands === operands) return known.contraction;
  const contraction = contractionOf(nest, operands);
  seen.set(nest, { operands, contraction });
  return contraction;
}

/** Searches over mappings ask again and again; a nest never changes. */
const seen = new WeakMap<Nest, { readonly operands: object; readonly contraction: Contraction | undefined }>();

function contractionOf(nest: Nest, operands: Readonly<Record<string, Operand>>): Contraction | undefined {
  if (!isMacNest(nest) || nest.reads.length < 2) return undefined;
  const [first, second] = [nest.reads[0]!, nest.reads[1]!];
  const written = loopsIn(nest.write);
  const isWeight = (a: Access): boolean => operands[a.operand]?.role === 'weight';
  const moved = [loopsIn(first), loopsIn(second)] as const;
  const freeOf = (own: Set<string>, other: Set<string>): number =>
    nest.loops.reduce((n, l) => (written.has(l.name) && !own.has(l.name) && other.has(l.name) ? n * l.size : n), 1);
  const firstStays =
    isWeight(first) !== isWeight(second) ? isWeight(first) : freeOf(moved[0], moved[1]) > freeOf(moved[1], moved[0]);
  const [streamed, stationary] = firstStays ? [second, first] : [first, second];
  const [streamedLoops, stationaryLoops] = firstStays ? [moved[1], moved[0]] : [moved[0], moved[1]];

  const roles: Record<string, LoopRole> = {};
  const sizes: Record<LoopRole, number> = { batch: 1, row: 1, column: 1, sum: 1 };
  for (const { name, size } of nest.loops) {
    const role: LoopRole = !written.has(name)
      ? 'sum'
      : streamedLoops.has(name) && stationaryLoops.has(name)
        ? 'batch'
        : stationaryLoops.has(name)
          ? 'column'
          : 'row';
    roles[name] = role;
    sizes[role] *= size;
  }
  if (sizes.sum === 1 && sizes.column === 1 && sizes.row === pointsOf(nest)) return undefined; // a plain product, not a contraction
  const sliding = streamed.at.some((i) => {
    const parts = i.terms.filter((t) => 'loop' in t);
    return parts.some((t) => roles[t.loop] === 'row') && parts.some((t) => roles[t.loop] === 'sum');
  });
  return {
    nest,
    streamed,
    stationary,
    roles,
    batch: sizes.batch,
    rows: sizes.row,
    columns: sizes.column,
    sums: sizes.sum,
    sliding,
  };
}
