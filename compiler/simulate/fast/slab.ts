import { rowMajor } from '../../tensor/shape.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { paddedSize, type Axis } from './axes.ts';
import { wholePanels } from './product.ts';

/**
 * A part of a convolution's input with its padding as zeros: all channels of a group, and as much of the first
 * spatial axis as `rows` outputs along it meet. Distances are in elements.
 */
export interface Slab {
  readonly axes: readonly Axis[];
  readonly rows: number;
  readonly shape: readonly number[];
  /** Distance of neighbours along each axis. */
  readonly steps: readonly number[];
  /** Elements of one channel. */
  readonly plane: number;
}

export function slabOf(axes: readonly Axis[], rows: number): Slab {
  const shape = axes.map((a, i) => (i === 0 ? paddedSize(a, rows) : paddedSize(a)));
  return { axes, rows, shape, steps: rowMajor(shape), plane: sizeOf(shape) };
}

/** Byte distance of each (channel, tap) of a window from its first element. */
export function fillOffsets(to: Int32Array, slab: Slab, channels: number): void {
  const taps = positions(slab.axes.map((a, i) => [a.kernel, a.dilation * slab.steps[i]!]));
  for (let c = 0, k = 0; c < channels; c++) for (const tap of taps) to[k++] = (c * slab.plane + tap) * 4;
}

/** Byte distance of the first element under each output position, filled up to whole panels with the last. */
export function fillBases(to: Int32Array, slab: Slab): void {
  const bases = positions(slab.axes.map((a, i) => [i === 0 ? slab.rows : a.output, a.stride * slab.steps[i]!]));
  bases.forEach((base, p) => (to[p] = base * 4));
  to.fill(to[bases.length - 1]!, bases.length, wholePanels(bases.length));
}

/** The same for the first position of each row along the last axis. */
export function fillRowBases(to: Int32Array, slab: Slab): void {
  const last = slab.axes.length - 1;
  const rowsOf = (i: number): number => (i === last ? 1 : slab.axes[i]!.output);
  const sizes = slab.axes.map((a, i): [number, number] => [
    i === 0 && last > 0 ? slab.rows : rowsOf(i),
    a.stride * slab.steps[i]!,
  ]);
  positions(sizes).forEach((base, r) => (to[r] = base * 4));
}

/** Sums of index * step for all indices of all axes, the last axis fastest. */
function positions(axes: readonly (readonly [size: number, step: number])[]): Int32Array {
  let sums = new Int32Array(1);
  for (const [size, step] of axes) {
    const next = new Int32Array(sums.length * size);
    for (let s = 0, i = 0; s < sums.length; s++) for (let k = 0; k < size; k++) next[i++] = sums[s]! + k * step;
    sums = next;
  }
  return sums;
}

/** Copies `channels` planes of x, from element `start` on, to where outputs from `firstRow` on meet them. */
export function fillSlab(
  to: Float32Array,
  slab: Slab,
  x: Float32Array,
  start: number,
  channels: number,
  firstRow: number,
): void {
  const input = slab.axes.map((a) => a.input);
  const steps = rowMajor(input);
  const box: BoxAxis[] = [{ count: channels, from: sizeOf(input), to: slab.plane }];
  let [source, target, full] = [start, 0, true];
  slab.axes.forEach((a, i) => {
    const shift = a.before - (i === 0 ? firstRow * a.stride : 0); // where the input's first element falls in the slab
    const skipped = Math.max(0, -shift);
    const count = Math.max(0, Math.min(a.input - skipped, slab.shape[i]! - skipped - shift));
    box.push({ count, from: steps[i]!, to: slab.steps[i]! });
    source += skipped * steps[i]!;
    target += (skipped + shift) * slab.steps[i]!;
    full &&= count === slab.shape[i];
  });
  if (!full) to.fill(0, 0, channels * slab.plane);
  if (box.every((a) => a.count > 0)) copyBox(to, target, x, source, withoutSeams(box));
}

interface BoxAxis {
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/** Trailing axes that lie without gaps on both sides, as one. */
function withoutSeams(box: readonly BoxAxis[]): BoxAxis[] {
  const axes = [...box];
  for (;;) {
    const [outer, inner] = axes.slice(-2);
    if (!outer || !inner || outer.from !== inner.count || outer.to !== inner.count) return axes;
    axes.splice(-2, 2, { count: outer.count * inner.count, from: 1, to: 1 });
  }
}

function copyBox(
  to: Float32Array,
  target: number,
  x: Float32Array,
  source: number,
  box: readonly BoxAxis[],
  axis = 0,
): void {
  const { count, from, to: step } = box[axis]!;
  if (axis < box.length - 1) {
    for (let i = 0; i < count; i++) copyBox(to, target + i * step, x, source + i * from, box, axis + 1);
  } else if (count < 48) {
    for (let i = 0; i < count; i++) to[target + i] = x[source + i]!; // a call of `set` costs more than this
  } else to.set(x.subarray(source, source + count), target);
}
