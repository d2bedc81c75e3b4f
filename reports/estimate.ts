import type { Run } from '../compiler/run/schema.ts';
import { hostTime } from '../compiler/run/verdict.ts';
import { padEnd, plural } from '../src/base/text.ts';
import { show } from '../src/base/units.ts';
import type { Quantity } from '../src/base/quantity.ts';
import { layersTable } from './layers.ts';
import { renderTable, style, wrap, type TerminalOptions } from './render/terminal.ts';

const range = (q: Quantity, unit: (x: number) => string): string =>
  `${unit(q.value)} [${unit(q.low)} - ${unit(q.high)}]`;

/** The terminal view of one run: verdict first, evidence next (UX.md 1.6). */
export function renderEstimate(run: Run, top: number | 'all', options: TerminalOptions): string {
  const paint = style(options);
  const t = run.total;
  const label = (text: string): string => `  ${padEnd(text, 12)}`;
  const prose = (name: string, text: string): string => label(name) + wrap(text, options.width, ' '.repeat(14));
  const title = `${run.model.name} on ${run.machine.name}, ${run.precision}, batch ${run.batch}`;
  const lines = [
    `${paint.bold(title)}  ${paint.dim(`${t.latency_s.basis}, range in [ ]`)}`,
    prose('Verdict', run.verdict),
    label('Latency') + range(t.latency_s, show.seconds),
    label('Interval') + `${range(t.interval_s, show.seconds)}  (${show.rate(1 / t.interval_s.value, 'inputs/s')})`,
    label('Energy') + `${range(t.energy_j, show.joules)}${run.batch > 1 ? ` for ${run.batch} inputs` : ''}`,
    label('Utilisation') +
      (t.utilisation === null ? '-' : show.percent(t.utilisation)) +
      `  (${show.count(run.model.macs)} MAC; 1 MAC = 2 operations)`,
    ...(t.resources && run.machine.available ? [prose('Resources', resourceText(run))] : []),
    prose('Fits', fitText(run)),
    ...hostLines(run).map((text) => prose('Not on it', text)),
    '',
    renderTable(layersTable(run, top), options).trimEnd(),
    ...adviceLines(run, options),
  ];
  return `${lines.join('\n')}\n`;
}

function resourceText(run: Run): string {
  const [used, available] = [run.total.resources!, run.machine.available!];
  return (Object.keys(used) as (keyof typeof used)[])
    .filter((k) => available[k] > 0 || used[k] > 0)
    .map((k) => `${k.toUpperCase()} ${show.whole(Math.round(used[k]))} of ${show.whole(available[k])}`)
    .join(', ');
}

function fitText(run: Run): string {
  if (!run.total.fits) return `no: ${run.total.misfit ?? 'see the notes'}`;
  const busiest = run.memory
    .filter((m) => m.peak_bytes > 0)
    .map(
      (m) =>
        `${m.name} ${show.bytes(m.peak_bytes)} of ${show.bytes(m.capacity_bytes)}${m.spills.length > 0 ? `, ${plural(m.spills.length, 'tensor')} spilled` : ''}`,
    );
  return `yes: ${busiest.join('; ') || 'nothing is stored'}`;
}

function hostLines(run: Run): string[] {
  const host = run.layers.filter((l) => l.fallback !== undefined);
  if (host.length === 0) return [];
  const time = hostTime(run);
  const ops = [...new Set(host.map((l) => l.op))];
  return [
    `${host.length} of ${plural(run.layers.length, 'layer')} run on the host, in whole or in part (${ops.slice(0, 5).join(', ')}${ops.length > 5 ? ', ...' : ''}), ${show.seconds(time)} included: ${[...new Set(host.map((l) => l.fallback ?? ''))].join(' ')}`,
  ];
}

function adviceLines(run: Run, options: TerminalOptions): string[] {
  if (run.advice.length === 0) return [];
  return [
    '',
    ...run.advice.map(
      (a, i) =>
        `  ${i === 0 ? 'Try' : '   '}  ${i + 1}. ${wrap(`${a.try}: ${a.text}  (explain ${a.code})`, options.width, ' '.repeat(10))}`,
    ),
  ];
}
