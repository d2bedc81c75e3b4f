import { plural } from '../../src/base/text.ts';
import { show } from '../../src/base/units.ts';
import type { Run } from './schema.ts';

const sumOf = (run: Run, key: string): number => run.layers.reduce((n, l) => n + (l.times[key] ?? 0), 0);

/** Seconds spent on the host and on the way there and back. */
export const hostTime = (run: Pick<Run, 'layers'>): number =>
  run.layers.reduce(
    (n, l) =>
      l.unit === 'host'
        ? n + l.latency_s.value
        : n + (l.times.host ?? 0) + (l.fallback === undefined ? 0 : (l.times.link ?? 0)),
    0,
  );

/** One sentence that says what the run is bound by, with the numbers it rests on. */
export function verdictOf(run: Run): string {
  const { total, machine } = run;
  const compute = sumOf(run, 'compute');
  const host = hostTime(run);
  if (host > total.latency_s.value / 2)
    return `bound by the host: ${show.seconds(host)} of ${show.seconds(total.latency_s.value)} is spent on what ${machine.name} cannot run`;
  const [outer] = Object.keys(machine.bandwidths);
  switch (total.bound) {
    case 'memory': {
      const bytes = run.layers.reduce(
        (n, l) => n + (outer ? (l.traffic[outer]?.read_bytes ?? 0) + (l.traffic[outer]?.write_bytes ?? 0) : 0),
        0,
      );
      return `memory-bound: ${show.bytes(bytes)} through ${outer} / ${show.rate(machine.bandwidths[outer!]!, 'B/s')} = ${show.seconds(bytes / machine.bandwidths[outer!]!)}; the arithmetic alone needs ${show.seconds(compute)}`;
    }
    case 'on-chip':
      return `bound by on-chip memory: the arithmetic alone needs ${show.seconds(compute)} of ${show.seconds(total.latency_s.value)}`;
    case 'overhead': {
      const overhead = sumOf(run, 'overhead');
      return `bound by overhead: ${show.seconds(overhead)} of ${show.seconds(total.latency_s.value)} goes into starting ${plural(run.layers.filter((l) => l.unit !== 'none').length, 'layer')}`;
    }
    case 'fill':
      return `bound by fill and drain: ${show.seconds(sumOf(run, 'fill'))} beside ${show.seconds(compute)} of arithmetic`;
    case 'stall':
      return `bound by stalls: the slowest kernel sets the pace, ${show.seconds(total.interval_s.value)} an input`;
    case 'compute':
      return `compute-bound: ${show.count(run.model.macs)} MAC in ${show.seconds(total.latency_s.value)}${total.utilisation === null ? '' : `, ${show.percent(total.utilisation)} of the peak`}`;
  }
}
