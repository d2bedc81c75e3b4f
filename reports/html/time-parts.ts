import type { Run, RunLayer } from '../../compiler/run/schema.ts';

/**
 * Where the time of a layer goes, so that the parts add up to its latency. Arithmetic, fill and memories work at once, so
 * a memory is charged only for the time that the arithmetic waits for it; overhead and links come on top.
 */
export interface TimeParts {
  /** Names in a fixed order, those that are zero in every layer left out. */
  readonly names: readonly string[];
  /** Seconds: [layer][part]. */
  readonly byLayer: readonly (readonly number[])[];
  /** Seconds by part over all layers. */
  readonly totals: readonly number[];
}

/** Keys of `times` that are no memories. */
const additive = new Set(['overhead', 'link']);
const arithmetic = new Set(['compute', 'fill']);

/** Remainders below this share of a latency are rounding. */
const rounding = 1e-9;

export function timeParts(run: Run): TimeParts {
  const layers = run.layers.map(partsOf);
  const memories = Object.keys(run.machine.bandwidths).map(waiting);
  const known = ['arithmetic', 'fill and drain', ...memories];
  const last = ['overhead', 'host', 'link to the host', 'other'];
  const rest = layers.flatMap((l) => [...l.keys()]).filter((n) => !known.includes(n) && !last.includes(n));
  const totalOf = (name: string): number => layers.reduce((n, l) => n + (l.get(name) ?? 0), 0);
  const names = [...known, ...new Set(rest), ...last].filter((name) => totalOf(name) > 0);
  return { names, byLayer: layers.map((l) => names.map((n) => l.get(n) ?? 0)), totals: names.map(totalOf) };
}

const waiting = (memory: string): string => `waiting for ${memory}`;

function partsOf(layer: RunLayer): Map<string, number> {
  const parts = new Map<string, number>();
  let left = layer.latency_s.value;
  const take = (name: string, seconds: number): void => {
    const taken = Math.min(Math.max(seconds, 0), left);
    if (taken > 0) parts.set(name, (parts.get(name) ?? 0) + taken);
    left -= taken;
  };
  const { times } = layer;
  take('overhead', layer.unit === 'host' ? 0 : (times.overhead ?? 0));
  take('link to the host', times.link ?? 0);
  if (layer.unit === 'host') take('host', left);
  take('arithmetic', times.compute ?? 0);
  take('fill and drain', times.fill ?? 0);
  const memories = Object.entries(times).filter(([name]) => !additive.has(name) && !arithmetic.has(name));
  const slowest = memories.reduce<[string, number]>((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  // What is left after the arithmetic is waiting for the slowest memory; tiny remainders are rounding.
  const isWorthNaming = left > layer.latency_s.value * rounding;
  if (slowest[1] > 0 && isWorthNaming) take(waiting(slowest[0]), left);
  if (left > layer.latency_s.value * rounding) take('other', left);
  return parts;
}
