/** How a number is known, from weakest to strongest. */
export const bases = ['analytical', 'simulated', 'synthesised', 'measured'] as const;
export type Basis = (typeof bases)[number];

/** A number with the range it may lie in, and how it is known. The unit stands in the name of the field. */
export interface Quantity {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly basis: Basis;
}

export const quantity = (value: number, low: number, high: number, basis: Basis = 'analytical'): Quantity => ({
  value,
  low,
  high,
  basis,
});

export const exactly = (value: number, basis: Basis = 'analytical'): Quantity => ({
  value,
  low: value,
  high: value,
  basis,
});

const weaker = (a: Basis, b: Basis): Basis => (bases.indexOf(a) <= bases.indexOf(b) ? a : b);

/** Sums in the order given; ranges add (fully correlated: the cautious choice); the basis is the weakest. */
export function sum(parts: readonly Quantity[]): Quantity {
  return parts.reduce(
    (total, q) => ({
      value: total.value + q.value,
      low: total.low + q.low,
      high: total.high + q.high,
      basis: weaker(total.basis, q.basis),
    }),
    exactly(0, parts[0]?.basis ?? 'analytical'),
  );
}

export const scaled = (q: Quantity, by: number): Quantity => ({
  ...q,
  value: q.value * by,
  low: q.low * by,
  high: q.high * by,
});
