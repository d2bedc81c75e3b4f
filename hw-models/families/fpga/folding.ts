import type { Resources } from '../../contract.ts';
import type { FpgaMachine } from '../../schema/machine.ts';
import type { Folding, Kernel } from './kernels.ts';
import { budget, fits, none, plus } from './resources.ts';

/** The folding chosen for each kernel, and what the design takes. */
export interface Design {
  readonly foldings: readonly Folding[];
  readonly resources: Resources;
  /** Cycles between one input and the next: those of the slowest kernel. */
  readonly cycles: number;
}

/**
 * The least interval that fits the device: for an interval, each kernel takes the cheapest folding that keeps up with
 * it; the interval is found by bisection over all intervals that some folding has. Undefined when even the smallest
 * foldings do not fit.
 */
export function foldKernels(kernels: readonly Kernel[], device: FpgaMachine): Design | undefined {
  const limit = budget(device);
  const options = kernels.map((k) => k.foldings(device));
  const at = (interval: number): Design => {
    const foldings = options.map((list) => list.find((f) => f.cycles <= interval) ?? list.at(-1)!);
    return {
      foldings,
      resources: foldings.reduce((sum, f) => plus(sum, f.resources), none),
      cycles: Math.max(1, ...foldings.map((f) => f.cycles)),
    };
  };
  const slowest = Math.max(1, ...options.map((list) => list[0]!.cycles));
  if (!fits(at(slowest).resources, limit)) return undefined;
  const intervals = [...new Set(options.flatMap((list) => list.map((f) => f.cycles)))]
    .filter((c) => c >= Math.max(...options.map((list) => list.at(-1)!.cycles)))
    .sort((a, b) => a - b);
  let [low, high] = [0, intervals.length - 1];
  while (low < high) {
    const mid = (low + high) >> 1;
    if (fits(at(intervals[mid]!).resources, limit)) high = mid;
    else low = mid + 1;
  }
  const found = at(intervals[high] ?? slowest);
  return fits(found.resources, limit) ? found : at(slowest);
}
