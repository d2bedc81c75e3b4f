import type { AxisResize } from './resize-sizes.ts';
import { tableLength, tableLimit } from './table-limit.ts';

export const coordinateModes = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_crop_and_resize',
  'tf_half_pixel_for_nn',
] as const;

/** `simple` is that of Resize 10 and Upsample, which had no choice: down, or up where the axis shrinks. */
export const nearestModes = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil', 'simple'] as const;

export interface TapAttrs {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinateTransformationMode: (typeof coordinateModes)[number];
  readonly nearestMode: (typeof nearestModes)[number];
  readonly cubicCoeffA: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** Which elements of an axis each output element is made of: `taps` neighbours from `start` on, each with a weight. */
export interface AxisTaps {
  readonly size: number;
  readonly out: number;
  readonly taps: number;
  /** First neighbour; -1 where the output lies outside the roi. */
  readonly start: Int32Array;
  /** out x taps. */
  readonly weights: Float64Array;
  readonly isIdentity: boolean;
}

/** Where output element `o` lies on the axis of the input (the table of coordinate_transformation_mode). */
export function sourceOf(
  mode: TapAttrs['coordinateTransformationMode'],
  { size, out, scale, length, roi }: AxisResize,
): (o: number) => number {
  switch (mode) {
    case 'half_pixel':
      return (o) => (o + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return (o) => (length === 1 ? -0.5 : (o + 0.5) / scale - 0.5);
    case 'half_pixel_symmetric': {
      // Keeps the centre of the input in the centre of the output when sizes were cut to whole numbers.
      const offset = (size / 2) * (1 - out / length);
      return (o) => offset + (o + 0.5) / scale - 0.5;
    }
    case 'align_corners':
      return (o) => (length === 1 ? 0 : (o * (size - 1)) / (length - 1));
    case 'asymmetric':
      return (o) => o / scale;
    case 'tf_half_pixel_for_nn':
      return (o) => (o + 0.5) / scale;
    case 'tf_crop_and_resize': {
      const [start, end] = roi;
      const step = length === 1 ? 0 : ((end - start) * (size - 1)) / (length - 1);
      const first = start * (size - 1) + (length === 1 ? ((end - start) * (size - 1)) / 2 : 0);
      return (o) => first + o * step;
    }
  }
}

/** The taps of an axis. Positions beyond its ends stand for the outermost element, whose weight they add to. */
export function tapsAlong(axis: AxisResize, attrs: TapAttrs): AxisTaps {
  const source = sourceOf(attrs.coordinateTransformationMode, axis);
  const crops = attrs.coordinateTransformationMode === 'tf_crop_and_resize';
  // A row is an object of its own.
  const length = tableLength(axis.out, 'the table of a resized axis', tableLimit / 8);
  const rows = Array.from({ length }, (_, o): Row => {
    const x = source(o);
    if (crops && (x < 0 || x > axis.size - 1)) return outside;
    return attrs.mode === 'nearest'
      ? { first: nearest(x, axis, attrs.nearestMode), weights: [1] }
      : gathered(weightsAt(x, axis, attrs), axis.size);
  });
  const taps = rows.reduce((n, r) => Math.max(n, r.weights.length), 1);
  const start = new Int32Array(axis.out);
  const weights = new Float64Array(axis.out * taps);
  rows.forEach((row, o) => {
    const first = row.first < 0 ? -1 : Math.min(row.first, axis.size - taps);
    start[o] = first;
    row.weights.forEach((w, i) => (weights[o * taps + row.first - first + i] = w));
  });
  const isIdentity = axis.size === axis.out && taps === 1 && start.every((p, o) => p === o);
  return { size: axis.size, out: axis.out, taps, start, weights, isIdentity };
}

/** Weights of neighbours from `first` on. */
interface Row {
  readonly first: number;
  readonly weights: readonly number[];
}

const outside: Row = { first: -1, weights: [0] };

function nearest(x: number, { size, scale }: AxisResize, mode: TapAttrs['nearestMode']): number {
  const up = mode === 'ceil' || (mode === 'simple' && scale < 1);
  const p =
    mode === 'round_prefer_floor'
      ? Math.ceil(x - 0.5)
      : mode === 'round_prefer_ceil'
        ? Math.floor(x + 0.5)
        : up
          ? Math.ceil(x)
          : Math.floor(x);
  return Math.min(size - 1, Math.max(0, p));
}

function weightsAt(x: number, axis: AxisResize, { mode, cubicCoeffA, antialias, excludeOutside }: TapAttrs): Row {
  const base = Math.floor(x);
  const ratio = x - base;
  const kernel = mode === 'linear' ? triangle : cubic(cubicCoeffA);
  // A shrinking axis is low-pass filtered: the kernel is as wide as the elements it stands for.
  const width = antialias ? Math.min(axis.scale, 1) : 1;
  const reach = Math.ceil((mode === 'linear' ? 1 : 2) / width);
  const first = base - reach + 1;
  const weights = Array.from({ length: 2 * reach }, (_, i) => kernel((first + i - base - ratio) * width));
  if (excludeOutside) weights.forEach((_, i) => (first + i >= 0 && first + i < axis.size) || (weights[i] = 0));
  const sum = antialias || excludeOutside ? weights.reduce((a, b) => a + b, 0) : 1;
  return { first, weights: weights.map((w) => w / sum) };
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

/** Keys' cubic convolution kernel. */
const cubic =
  (a: number) =>
  (x: number): number => {
    const d = Math.abs(x);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  };

/** The same on positions of the axis only, without zeros at the ends. */
function gathered({ first, weights }: Row, size: number): Row {
  const sums = new Map<number, number>();
  weights.forEach((w, i) => {
    const p = Math.min(size - 1, Math.max(0, first + i));
    if (w !== 0) sums.set(p, (sums.get(p) ?? 0) + w);
  });
  if (sums.size === 0) return { first: 0, weights: [0] };
  const [low, high] = [Math.min(...sums.keys()), Math.max(...sums.keys())];
  return { first: low, weights: Array.from({ length: high - low + 1 }, (_, i) => sums.get(low + i) ?? 0) };
}
