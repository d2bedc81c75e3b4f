/** Where the nodes of a graph lie and how its edges run. Ranks go down a column, and columns go to the right. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Centre of each node. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly edges: string;
}

export const nodeWidth = 176;
export const nodeHeight = 38;
const across = nodeWidth + 18;
const down = nodeHeight + 20;
const gutter = 46;

type Edge = readonly [from: number, to: number];

/** A layered drawing: nodes by longest path, ordered to cross little, cut into columns so that it fills `aspect`. */
export function layOut(count: number, given: readonly Edge[], aspect: number): Layout {
  const edges = given.filter(([a, b]) => a < b && b < count);
  const ranks = orderedRanks(ranksOf(count, edges), edges);
  const columns = cut(ranks, edges, aspect);
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  let left = gutter;
  let tallest = 0;
  const columnOf = new Int32Array(count);
  const gutters: number[] = [];
  columns.forEach((column, c) => {
    gutters.push(left - gutter / 2);
    const wide = place(column, edges, x);
    column.forEach((rank, r) => {
      for (const node of rank) {
        x[node]! += left + wide / 2;
        y[node] = gutter + r * down + nodeHeight / 2;
        columnOf[node] = c;
      }
    });
    left += wide + gutter;
    tallest = Math.max(tallest, column.length);
  });
  gutters.push(left - gutter / 2);
  return {
    width: left,
    height: 2 * gutter + tallest * down - 20,
    x,
    y,
    edges: routes(edges, ranks, x, y, columnOf, gutters),
  };
}

/** Longest path from the sources; sources stand just above what reads them first. */
function ranksOf(count: number, edges: readonly Edge[]): number[][] {
  const rank = new Int32Array(count);
  const hasInput = new Uint8Array(count);
  const sorted = [...edges].sort((a, b) => a[0] - b[0]);
  for (const [a, b] of sorted) {
    rank[b] = Math.max(rank[b]!, rank[a]! + 1);
    hasInput[b] = 1;
  }
  const first = new Int32Array(count).fill(-1);
  for (const [a, b] of edges) if (first[a]! < 0 || rank[b]! < first[a]!) first[a] = rank[b]!;
  const ranks: number[][] = [];
  for (let i = 0; i < count; i++) {
    const r = !hasInput[i] && first[i]! > 0 ? first[i]! - 1 : rank[i]!;
    (ranks[r] ??= []).push(i);
  }
  return Array.from(ranks, (r) => r ?? []).filter((r) => r.length > 0);
}

/** Sorts each rank by the mean place of its neighbours, down and up in turn. */
function orderedRanks(ranks: number[][], edges: readonly Edge[]): number[][] {
  const [above, below] = neighbours(ranks, edges);
  const place = new Map<number, number>();
  const number = (rank: readonly number[]): void =>
    rank.forEach((node, i) => place.set(node, i - (rank.length - 1) / 2));
  ranks.forEach(number);
  const sweep = (order: readonly number[][], near: ReadonlyMap<number, readonly number[]>): void => {
    for (const rank of order) {
      if (rank.length < 2) continue;
      const mean = new Map(rank.map((node) => [node, average(near.get(node), place)]));
      rank.sort((a, b) => (mean.get(a) ?? place.get(a)!) - (mean.get(b) ?? place.get(b)!));
      number(rank);
    }
  };
  for (let i = 0; i < 4; i++) {
    sweep(ranks, above);
    sweep([...ranks].reverse(), below);
  }
  return ranks;
}

function average(nodes: readonly number[] | undefined, place: ReadonlyMap<number, number>): number | undefined {
  return nodes && nodes.length > 0 ? nodes.reduce((n, i) => n + place.get(i)!, 0) / nodes.length : undefined;
}

function neighbours(
  ranks: readonly number[][],
  edges: readonly Edge[],
): [Map<number, number[]>, Map<number, number[]>] {
  const known = new Set(ranks.flat());
  const [above, below] = [new Map<number, number[]>(), new Map<number, number[]>()];
  for (const [a, b] of edges) {
    if (!known.has(a) || !known.has(b)) continue;
    above.set(b, [...(above.get(b) ?? []), a]);
    below.set(a, [...(below.get(a) ?? []), b]);
  }
  return [above, below];
}

/** Cuts the ranks into columns of about equal height, where few edges pass. */
function cut(ranks: readonly number[][], edges: readonly Edge[], aspect: number): number[][][] {
  const rankOf = new Map(ranks.flatMap((rank, r) => rank.map((node): [number, number] => [node, r])));
  const passing = new Int32Array(ranks.length + 2);
  for (const [a, b] of edges) {
    passing[rankOf.get(a)! + 1]!++;
    passing[rankOf.get(b)! + 1]!--;
  }
  for (let r = 1; r < passing.length; r++) passing[r]! += passing[r - 1]!;
  const widest = (from: number, to: number): number =>
    ranks.slice(from, to).reduce((m, r) => Math.max(m, r.length), 1) * across + gutter;
  const meanWide = ranks.reduce((n, r) => n + r.length, 0) / Math.max(1, ranks.length) + 0.6;
  const count = Math.max(
    1,
    Math.min(ranks.length, Math.round(Math.sqrt((aspect * ranks.length * down) / (meanWide * across + gutter)))),
  );
  const height = Math.ceil(ranks.length / count);
  const slack = Math.floor(height / 6);
  const columns: number[][][] = [];
  for (let from = 0; from < ranks.length;) {
    let to = Math.min(ranks.length, from + height);
    if (to < ranks.length) {
      const choices = Array.from({ length: 2 * slack + 1 }, (_, i) => to - slack + i).filter(
        (r) => r > from && r < ranks.length,
      );
      to = choices.reduce(
        (best, r) => (passing[r]! * 1e6 + widest(from, r) < passing[best]! * 1e6 + widest(from, best) ? r : best),
        to,
      );
    }
    // A stub of a last column is not worth its width.
    if (ranks.length - to < height / 3) to = ranks.length;
    columns.push(ranks.slice(from, to));
    from = to;
  }
  return columns;
}

/** Fills x about 0 for the nodes of a column, each near its neighbours; returns the width. */
function place(column: readonly number[][], edges: readonly Edge[], x: Float64Array): number {
  const known = new Set(column.flat());
  const inside = edges.filter(([a, b]) => known.has(a) && known.has(b));
  const [above, below] = neighbours(column, inside);
  for (const rank of column) rank.forEach((node, i) => (x[node] = (i - (rank.length - 1) / 2) * across));
  for (let sweep = 0; sweep < 6; sweep++) {
    const order = sweep % 2 === 0 ? column : [...column].reverse();
    const near = sweep % 2 === 0 ? above : below;
    for (const rank of order)
      settle(
        rank,
        rank.map((node) => meanX(near.get(node), x) ?? x[node]!),
        x,
      );
  }
  const all = column.flat().map((node) => x[node]!);
  const [low, high] = all.reduce(([l, h], v) => [Math.min(l, v), Math.max(h, v)], [Infinity, -Infinity]);
  for (const node of known) x[node]! -= (low + high) / 2;
  return high - low + nodeWidth;
}

const meanX = (nodes: readonly number[] | undefined, x: Float64Array): number | undefined =>
  nodes && nodes.length > 0 ? nodes.reduce((n, i) => n + x[i]!, 0) / nodes.length : undefined;

/** Places as wished, in order and without overlap, shifted as little as possible in all. */
function settle(rank: readonly number[], wished: readonly number[], x: Float64Array): void {
  let last = -Infinity;
  rank.forEach((node, i) => (last = x[node] = Math.max(wished[i]!, last + across)));
  const shift = rank.reduce((n, node, i) => n + (wished[i]! - x[node]!), 0) / rank.length;
  for (const node of rank) x[node]! += shift;
}

function routes(
  edges: readonly Edge[],
  ranks: readonly number[][],
  x: Float64Array,
  y: Float64Array,
  columnOf: Int32Array,
  gutters: readonly number[],
): string {
  const rankOf = new Map(ranks.flatMap((rank, r) => rank.map((node): [number, number] => [node, r])));
  const half = nodeHeight / 2;
  return edges
    .map(([a, b], i) => {
      const [x0, y0, x1, y1] = [x[a]!, y[a]! + half, x[b]!, y[b]! - half];
      const lane = (i % 4) * 5 - 7;
      if (columnOf[a] === columnOf[b]) {
        const side = passedNodes(ranks, rankOf.get(a)!, rankOf.get(b)!, x, x0, x1);
        return side === undefined ? curve(x0, y0, x1, y1) : detour(x0, y0, side + 12 + (i % 3) * 4, x1, y1);
      }
      const out = gutters[columnOf[a]! + 1]! + lane;
      if (columnOf[b] === columnOf[a]! + 1)
        return `M${line([
          [x0, y0],
          [x0, y0 + 9],
          [out, y0 + 9],
          [out, y1 - 9],
          [x1, y1 - 9],
          [x1, y1],
        ])}`;
      const top = gutter / 2 + lane;
      const back = gutters[columnOf[b]!]! + lane;
      return `M${line([
        [x0, y0],
        [x0, y0 + 9],
        [out, y0 + 9],
        [out, top],
        [back, top],
        [back, y1 - 9],
        [x1, y1 - 9],
        [x1, y1],
      ])}`;
    })
    .join('');
}

const line = (points: readonly (readonly [number, number])[]): string =>
  points.map(([a, b]) => `${Math.round(a)},${Math.round(b)}`).join('L');

function curve(x0: number, y0: number, x1: number, y1: number): string {
  const bend = Math.max(8, (y1 - y0) / 2);
  return `M${line([[x0, y0]])}C${[x0, y0 + bend, x1, y1 - bend, x1, y1].map(Math.round).join(',')}`;
}

/** Right end of the nodes that a straight line from rank to rank would cross. */
function passedNodes(
  ranks: readonly number[][],
  from: number,
  to: number,
  x: Float64Array,
  x0: number,
  x1: number,
): number | undefined {
  let side: number | undefined;
  for (let r = from + 1; r < to; r++) {
    const at = x0 + ((x1 - x0) * (r - from)) / (to - from);
    if (!ranks[r]!.some((node) => Math.abs(x[node]! - at) < nodeWidth / 2 + 8)) continue;
    const right = Math.max(
      ...ranks[r]!.filter((node) => Math.abs(x[node]! - at) < nodeWidth * 1.2).map((node) => x[node]! + nodeWidth / 2),
    );
    side = Math.max(side ?? -Infinity, right);
  }
  return side;
}

function detour(x0: number, y0: number, side: number, x1: number, y1: number): string {
  const n = Math.round;
  return `M${n(x0)},${n(y0)}C${n(x0)},${n(y0 + 14)},${n(side)},${n(y0)},${n(side)},${n(y0 + 26)}V${n(y1 - 26)}C${n(side)},${n(y1)},${n(x1)},${n(y1 - 14)},${n(x1)},${n(y1)}`;
}
