import type { Run, RunLayer } from '../../compiler/run/schema.ts';

/** Which roofs a roofline starts with. */
export interface MainRoof {
  /** The outermost memory through which a layer with products moves bytes. */
  readonly memory: string;
  /** The precision in which most of the time of products is spent. */
  readonly precision: string;
}

export const bytesThrough = (layer: RunLayer, memory: string): number =>
  (layer.traffic[memory]?.read_bytes ?? 0) + (layer.traffic[memory]?.write_bytes ?? 0);

/** Layers that a roofline of `memory` can place: with products, on the machine itself, with bytes to count. */
export const layersUnderRoof = (run: Run, memory: string): RunLayer[] =>
  run.layers.filter((l) => l.macs > 0 && l.unit !== 'host' && l.latency_s.value > 0 && bytesThrough(l, memory) > 0);

/** Undefined where the machine has no roofs, or nothing lies under them. */
export function mainRoof(run: Run): MainRoof | undefined {
  const memory = Object.keys(run.machine.bandwidths).find((m) => layersUnderRoof(run, m).length > 0);
  const [first] = Object.keys(run.machine.peaks);
  if (memory === undefined || first === undefined) return undefined;
  const time = new Map<string, number>();
  for (const l of layersUnderRoof(run, memory)) {
    if (l.precision in run.machine.peaks) time.set(l.precision, (time.get(l.precision) ?? 0) + l.latency_s.value);
  }
  const [most] = [...time].sort((a, b) => b[1] - a[1]);
  return { memory, precision: most?.[0] ?? first };
}
