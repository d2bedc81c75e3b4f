import type { Combine } from '../../../hw-models/work/types.ts';
import { isFloat } from '../../formats/index.ts';
import { tensor, type NumberData, type Tensor } from '../../tensor/tensor.ts';

/** What happens where an update falls on an element. */
export const reductions = ['none', 'add', 'mul', 'max', 'min'] as const;
export type Reduction = (typeof reductions)[number];

export const combineOf = (reduction: Reduction): Combine => (reduction === 'none' ? 'set' : reduction);

/** NaN wins over numbers, as in numpy's maximum and minimum. */
const onNumbers: Record<Reduction, (old: number, x: number) => number> = {
  none: (_, x) => x,
  add: (old, x) => old + x,
  mul: (old, x) => old * x,
  max: (old, x) => Math.max(old, x),
  min: (old, x) => Math.min(old, x),
};

const onBig: Record<Reduction, (old: bigint, x: bigint) => bigint> = {
  none: (_, x) => x,
  add: (old, x) => old + x,
  mul: (old, x) => old * x,
  max: (old, x) => (x > old ? x : old),
  min: (old, x) => (x < old ? x : old),
};

/** A copy of `x` into which `targetOf(i)` says where element i of `updates` goes. Updates are applied in order. */
export function scattered(x: Tensor, updates: Tensor, reduction: Reduction, targetOf: (i: number) => number): Tensor {
  const out = x.data.slice();
  const n = updates.data.length;
  if (Array.isArray(out)) {
    for (let i = 0; i < n; i++) out[targetOf(i)] = updates.data[i] as string;
  } else if (out instanceof BigInt64Array || out instanceof BigUint64Array) {
    const put = onBig[reduction];
    for (let i = 0; i < n; i++) out[targetOf(i)] = put(out[targetOf(i)]!, updates.data[i] as bigint);
  } else scatterNumbers(x, out, updates.data as NumberData, reduction, targetOf);
  return tensor(x.format, x.shape, out);
}

function scatterNumbers(
  x: Tensor,
  out: NumberData,
  from: NumberData,
  reduction: Reduction,
  targetOf: (i: number) => number,
): void {
  const put = onNumbers[reduction];
  const settle = isFloat(x.format) ? x.format.round : x.format.cast;
  for (let i = 0; i < from.length; i++) {
    const target = targetOf(i);
    out[target] = reduction === 'none' ? from[i]! : settle(put(out[target]!, from[i]!));
  }
}
