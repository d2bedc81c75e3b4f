import { call, read, value } from '../../../hw-models/work/build.ts';
import type { Scalar } from '../../../hw-models/work/types.ts';
import { floorMod } from '../../tensor/scalar.ts';

/** How a tensor is read at positions between its elements and beyond its ends. */
export interface SamplingAttrs {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly paddingMode: 'zeros' | 'border' | 'reflection';
  readonly alignCorners: boolean;
}

/** Neighbours along one axis that make up a sample. */
export const tapsIn = (mode: SamplingAttrs['mode']): number => (mode === 'nearest' ? 1 : mode === 'linear' ? 2 : 4);

/** Ends of an axis: its outermost centres, or their outer edges half an element further. */
const endsOf = (size: number, alignCorners: boolean): readonly [number, number] =>
  alignCorners ? [0, size - 1] : [-0.5, size - 0.5];

/** Position on an axis of `size` for a coordinate from -1 to 1. */
function placed(coordinate: number, size: number, alignCorners: boolean): number {
  return alignCorners ? ((coordinate + 1) / 2) * (size - 1) : ((coordinate + 1) * size - 1) / 2;
}

/** A position mirrored at both ends as often as needed to lie between them. */
function reflected(x: number, low: number, high: number): number {
  if (high <= low) return low;
  const rest = floorMod(x - low, 2 * (high - low));
  return rest > high - low ? 2 * high - low - rest : low + rest;
}

function broughtInside(x: number, size: number, { paddingMode, alignCorners }: SamplingAttrs): number {
  const [low, high] = endsOf(size, alignCorners);
  if (paddingMode === 'zeros' || (x >= low && x <= high)) return x;
  return paddingMode === 'border' ? Math.min(size - 1, Math.max(0, x)) : reflected(x, low, high);
}

/** Slope of the cubic kernel, as in PyTorch. */
const a = -0.75;
const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;

/**
 * Neighbours of a coordinate along an axis and their weights, written from `at` on. A position is -1 where the
 * padding is zero. What is no number lies nowhere.
 */
export function setTaps(
  coordinate: number,
  size: number,
  attrs: SamplingAttrs,
  positions: Float64Array,
  weights: Float64Array,
  at: number,
): void {
  const raw = placed(coordinate, size, attrs.alignCorners);
  const x = broughtInside(attrs.mode === 'nearest' ? roundEven(raw) : raw, size, attrs);
  const taps = tapsIn(attrs.mode);
  const base = Math.floor(x);
  const r = x - base;
  const first = taps === 4 ? base - 1 : base;
  for (let t = 0; t < taps; t++) {
    const p = Math.trunc(broughtInside(first + t, size, attrs));
    positions[at + t] = p >= 0 && p < size ? p : -1;
    weights[at + t] =
      taps === 1
        ? 1
        : taps === 2
          ? t === 0
            ? 1 - r
            : r
          : t === 0
            ? far(r + 1)
            : t === 1
              ? near(r)
              : t === 2
                ? near(1 - r)
                : far(2 - r);
  }
}

const roundEven = (x: number): number => {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
};

const add = (x: Scalar, y: Scalar | number): Scalar => call('add', x, y);
const mul = (x: Scalar, y: Scalar | number): Scalar => call('mul', x, y);
const sub = (x: Scalar, y: Scalar | number): Scalar => call('sub', x, y);

/** The same as expressions: the position of a coordinate, brought inside. */
export function positionOf(coordinate: Scalar, size: number, attrs: SamplingAttrs): Scalar {
  const one = add(coordinate, 1);
  const raw = attrs.alignCorners ? mul(call('div', one, 2), size - 1) : call('div', sub(mul(one, size), 1), 2);
  return insideOf(attrs.mode === 'nearest' ? call('round', raw) : raw, size, attrs);
}

function insideOf(x: Scalar, size: number, { paddingMode, alignCorners }: SamplingAttrs): Scalar {
  if (paddingMode === 'zeros') return x;
  const [low, high] = endsOf(size, alignCorners);
  const isInside = call('and', call('ge', x, low), call('le', x, high));
  if (paddingMode === 'border') return call('select', isInside, x, call('min', call('max', x, 0), size - 1));
  if (high <= low) return call('select', isInside, x, low);
  const rest = call('mod', sub(x, low), 2 * (high - low));
  return call(
    'select',
    isInside,
    x,
    call('select', call('gt', rest, high - low), sub(value(2 * high - low), rest), call('add', value(low), rest)),
  );
}

/** The element that tap `t` of position read(0) falls on; outside of the axis where the padding is zero. */
export function neighbourOf(t: Scalar, size: number, attrs: SamplingAttrs): Scalar {
  const base = call('floor', read(0));
  const p = attrs.mode === 'nearest' ? base : add(base, attrs.mode === 'cubic' ? sub(t, 1) : t);
  return attrs.paddingMode === 'zeros' ? p : call('trunc', insideOf(p, size, attrs));
}

/** The weight of tap `t` of position read(0). */
export function weightOf(t: Scalar, mode: 'linear' | 'cubic'): Scalar {
  const rest = sub(read(0), call('floor', read(0)));
  if (mode === 'linear') return call('select', t, rest, call('sub', 1, rest));
  const d = call('abs', sub(rest, sub(t, 1)));
  const inner = add(mul(mul(sub(mul(d, a + 2), a + 3), d), d), 1);
  const outer = sub(mul(add(mul(sub(mul(d, a), 5 * a), d), 8 * a), d), 4 * a);
  return call('select', call('le', d, 1), inner, outer);
}
