/** Bytes of the operands of one product of matrices (of one group), and its sizes. */
export interface ProductBytes {
  readonly streamed: number;
  readonly stationary: number;
  readonly result: number;
  readonly rows: number;
  readonly columns: number;
  readonly sums: number;
}

export interface ProductTraffic {
  readonly streamed: number;
  readonly stationary: number;
  readonly result: number;
}

const equalCosts: ProductTraffic = { streamed: 1, stationary: 1, result: 1 };

const times = (n: number, tile: number): number => Math.ceil(n / Math.max(1, Math.min(n, Math.floor(tile))));

/**
 * Least bytes that must pass into a memory of `capacity` bytes so that the product can be worked out from it: the best
 * of keeping everything, keeping a panel of one factor while the other streams by, and keeping a square tile of the
 * result while both stream by (Hong and Kung, STOC 1981, gives the same order of growth).
 * @param cost of a byte of each operand: what comes from a slow memory is better kept than what comes from a fast one
 */
export function productTraffic(p: ProductBytes, capacity: number, cost: ProductTraffic = equalCosts): ProductTraffic {
  const { streamed, stationary, result, rows, columns } = p;
  if (streamed + stationary + result <= capacity) return { streamed, stationary, result };
  const once = { streamed, stationary, result };
  const options: ProductTraffic[] = [];
  // A few rows of the other operands pass through beside the panel; half the memory is left for them.
  const room = capacity / 2;
  if (stationary / columns <= room)
    options.push({ ...once, streamed: streamed * times(columns, room / (stationary / columns)) });
  if (streamed / rows <= room)
    options.push({ ...once, stationary: stationary * times(rows, room / (streamed / rows)) });
  const element = result / (rows * columns);
  const side = Math.sqrt(room / Math.max(element, 1e-9));
  const tileRows = Math.min(rows, Math.max(1, side, room / Math.max(element * columns, 1e-9)));
  const tileColumns = Math.min(columns, Math.max(1, room / (element * tileRows)));
  options.push({
    streamed: streamed * times(columns, tileColumns),
    stationary: stationary * times(rows, tileRows),
    result,
  });
  const total = (t: ProductTraffic): number =>
    t.streamed * cost.streamed + t.stationary * cost.stationary + t.result * cost.result;
  return options.reduce((best, t) => (total(t) < total(best) ? t : best));
}
