import { allocate, sizeOf, tensor, type Tensor, type TensorData } from '../../tensor/tensor.ts';
import type { Format } from '../../formats/index.ts';

/**
 * Elements as unsigned words: copies then meet three array types instead of ten (which keeps them fast), and never
 * change the bits of a NaN. 64-bit elements are two words each. Strings stand for themselves.
 */
interface Words {
  readonly words: Uint32Array;
  readonly each: 1 | 2;
}

function wordsOf(data: TensorData): Words {
  // Narrower words and strings are used through the same indexing, so one type serves for all.
  if (Array.isArray(data)) return { words: data as unknown as Uint32Array, each: 1 };
  const width = data.BYTES_PER_ELEMENT;
  const place = [data.buffer, data.byteOffset] as const;
  if (width === 1) return { words: new Uint8Array(...place, data.length) as unknown as Uint32Array, each: 1 };
  if (width === 2) return { words: new Uint16Array(...place, data.length) as unknown as Uint32Array, each: 1 };
  return { words: new Uint32Array(...place, (data.length * width) / 4), each: width === 8 ? 2 : 1 };
}

/** Below this many elements a loop beats a call of `set`. */
const longRun = 24;

function copyRun(from: Uint32Array, start: number, to: Uint32Array, target: number, n: number): void {
  if (n >= longRun && !Array.isArray(from)) to.set(from.subarray(start, start + n), target);
  else for (let i = 0; i < n; i++) to[target + i] = from[start + i]!;
}

interface Axis {
  readonly size: number;
  readonly step: number;
}

/** Axes of size 1 dropped, and neighbours that run on as one joined: fewer and longer runs. */
function joined(shape: readonly number[], steps: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  shape.forEach((size, i) => {
    if (size === 1) return;
    const last = axes.at(-1);
    const step = steps[i]!;
    if (last && last.step === step * size) axes[axes.length - 1] = { size: last.size * size, step };
    else axes.push({ size, step });
  });
  return axes;
}

/** Side of the tiles in which a transposition is walked, so that reads and writes both stay within a few cache lines. */
const tile = 32;

/** Copies a plane whose first axis is dense in `from` and whose second is dense in `to`. */
function copyPlane(from: Uint32Array, start: number, to: Uint32Array, target: number, rows: Axis, columns: Axis): void {
  for (let r0 = 0; r0 < rows.size; r0 += tile) {
    const r1 = Math.min(rows.size, r0 + tile);
    for (let c0 = 0; c0 < columns.size; c0 += tile) {
      const c1 = Math.min(columns.size, c0 + tile);
      for (let r = r0; r < r1; r++) {
        const base = start + r * rows.step;
        const out = target + r * columns.size;
        for (let c = c0; c < c1; c++) to[out + c] = from[base + c * columns.step]!;
      }
    }
  }
}

/** Fills `to` from `target` on, row by row, with the elements of `from` that the axes step through from `start`. */
function copyAxes(from: Uint32Array, start: number, to: Uint32Array, target: number, axes: readonly Axis[]): void {
  const inner = axes.reduce((n, a) => n * a.size, 1);
  const descend = (depth: number, base: number, out: number, rest: number): void => {
    const axis = axes[depth];
    if (!axis) to[out] = from[base]!;
    else if (depth === axes.length - 1) {
      if (axis.step === 1) copyRun(from, base, to, out, axis.size);
      else for (let i = 0; i < axis.size; i++) to[out + i] = from[base + i * axis.step]!;
    } else if (depth === axes.length - 2 && axis.step === 1 && axes[depth + 1]!.step !== 1) {
      copyPlane(from, base, to, out, axis, axes[depth + 1]!);
    } else {
      const part = rest / axis.size;
      for (let i = 0; i < axis.size; i++) descend(depth + 1, base + i * axis.step, out + i * part, part);
    }
  };
  if (inner > 0) descend(0, start, target, inner);
}

/**
 * A tensor of `shape` that reads `t` from element `offset` on, `steps[axis]` elements apart along each axis (0 repeats,
 * negative runs backwards): transposition, slices, expansion and tiling are all of this form.
 */
export function strided(t: Tensor, shape: readonly number[], steps: readonly number[], offset = 0): Tensor {
  const data = allocate(t.format, sizeOf(shape));
  const { words, each } = wordsOf(t.data);
  const axes = each === 1 ? joined(shape, steps) : joined([...shape, each], [...steps.map((s) => s * each), 1]);
  copyAxes(words, offset * each, wordsOf(data).words, 0, axes);
  return tensor(t.format, shape, data);
}

/**
 * A tensor made of runs of `block` elements of `t`; the i-th starts at element `startAt(i)`. What gathers, selections
 * and sorted results have in common.
 */
export function takeBlocks(t: Tensor, shape: readonly number[], block: number, startAt: (i: number) => number): Tensor {
  const n = sizeOf(shape);
  const data = allocate(t.format, n);
  const { words: from, each } = wordsOf(t.data);
  const { words: to } = wordsOf(data);
  const run = block * each;
  const count = block === 0 ? 0 : n / block;
  if (run === 1) for (let i = 0; i < count; i++) to[i] = from[startAt(i)]!;
  else for (let i = 0; i < count; i++) copyRun(from, startAt(i) * each, to, i * run, run);
  return tensor(t.format, shape, data);
}

/** Fills elements with the first of `source`, which has the same format. */
export function fillWith(data: TensorData, source: TensorData): void {
  // Bigints and strings are filled alike; one type stands for all.
  (data as Float32Array).fill((source as Float32Array)[0]!);
}

/**
 * A tensor whose element at (i, j, ...) is that of `t` at (tables[0][i], tables[1][j], ...), or the one of `fill` where
 * a table says -1 (padding).
 */
export function lookedUp(t: Tensor, tables: readonly ArrayLike<number>[], fill?: TensorData): Tensor {
  const shape = tables.map((table) => table.length);
  const n = sizeOf(shape);
  const data = allocate(t.format, n);
  if (fill) fillWith(data, fill);
  const { words: from, each } = wordsOf(t.data);
  const { words: to } = wordsOf(data);
  const all = each === 1 ? tables : [...tables, [0, 1]];
  const sizes = each === 1 ? t.shape : [...t.shape, 2];
  const descend = (axis: number, base: number, out: number): void => {
    const table = all[axis]!;
    const size = sizes[axis]!;
    for (let i = 0; i < table.length; i++) {
      const p = table[i]!;
      if (p < 0) continue;
      if (axis === all.length - 1) to[out * table.length + i] = from[base * size + p]!;
      else descend(axis + 1, base * size + p, out * table.length + i);
    }
  };
  if (all.length === 0) to[0] = from[0]!;
  else if (n > 0) descend(0, 0, 0);
  return tensor(t.format, shape, data);
}

/** Several tensors beside each other along an axis: runs of each in turn. */
export function concatenated(format: Format, shape: readonly number[], axis: number, parts: readonly Tensor[]): Tensor {
  const data = allocate(format, sizeOf(shape));
  const { words: to } = wordsOf(data);
  const outer = sizeOf(shape.slice(0, axis));
  const row = outer === 0 ? 0 : data.length / outer;
  let before = 0;
  for (const part of parts) {
    const { words: from, each } = wordsOf(part.data);
    const run = outer === 0 ? 0 : part.data.length / outer;
    for (let o = 0; o < outer; o++) copyRun(from, o * run * each, to, (o * row + before) * each, run * each);
    before += run;
  }
  return tensor(format, shape, data);
}
