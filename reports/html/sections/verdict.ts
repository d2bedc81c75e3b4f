import type { Quantity } from '../../../src/base/quantity.ts';
import { plural } from '../../../src/base/text.ts';
import { show } from '../../../src/base/units.ts';
import { fmt, rangeOf } from '../format.ts';
import { markup, type Html } from '../html.ts';
import { idOf, type Section, type View } from '../view.ts';

/** Fit, latency, interval, energy and utilisation, each with its range and how it is known. */
export const verdict: Section = {
  name: 'verdict',
  short: 'Verdict',
  question: 'Can I use it?',
  answer: ({ run }) => fmt.prose(`${run.verdict.charAt(0).toUpperCase()}${run.verdict.slice(1)}.`),
  body: (view) =>
    markup`${fit(view)}
      <ul class="tiles">
        ${tilesOf(view).map(tile)}
      </ul>
      ${hostNote(view)}`,
};

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  readonly basis?: string;
  readonly to?: string;
}

const tile = (t: Tile): Html =>
  markup`<li>
    <span class="label">${t.label}</span>
    <strong>${t.to ? markup`<a href="#${t.to}">${t.value}</a>` : t.value}</strong>
    <span class="detail">${t.detail}</span>${t.basis && markup`<span class="basis">${t.basis}</span>`}
  </li>`;

const measured = (label: string, q: Quantity, unit: (x: number) => string, to: string): Tile => ({
  label,
  value: unit(q.value),
  detail: rangeOf(q, unit),
  basis: q.basis,
  to,
});

function tilesOf(view: View): Tile[] {
  const { run } = view;
  const { total } = run;
  const perSecond = total.interval_s.value > 0 ? `${fmt.plain(run.batch / total.interval_s.value)}\u00a0inputs/s` : '';
  const area = total.area_mm2;
  return [
    measured(
      run.batch > 1 ? `Latency of ${run.batch} inputs` : 'Latency',
      total.latency_s,
      fmt.seconds,
      idOf(view, 'bounds'),
    ),
    { ...measured('Interval', total.interval_s, fmt.seconds, idOf(view, 'bounds')), detail: perSecond },
    measured(
      run.batch > 1 ? `Energy of ${run.batch} inputs` : 'Energy',
      total.energy_j,
      fmt.joules,
      idOf(view, 'energy'),
    ),
    {
      label: 'Utilisation',
      value: total.utilisation === null ? '–' : show.percent(total.utilisation).replace(' ', '\u00a0'),
      detail: `${fmt.count(run.model.macs)}\u00a0MAC, 2 operations each`,
      to: idOf(view, 'roofline'),
    },
    {
      label: 'Weights',
      value: fmt.bytes(total.weight_bytes),
      detail: `${fmt.count(run.model.parameters)} parameters`,
      to: idOf(view, 'memory'),
    },
    {
      label: 'Peak activations',
      value: fmt.bytes(total.peak_activation_bytes),
      detail: 'tensors alive at once',
      to: idOf(view, 'memory'),
    },
    ...(area ? [measured('Area', area, (x) => `${fmt.plain(x)}\u00a0mm²`, idOf(view, 'method'))] : []),
  ];
}

function fit({ run }: View): Html {
  const spills = run.memory.reduce((n, m) => n + m.spills.length, 0);
  if (!run.total.fits)
    return markup`<p class="fit"><b class="badge bad">Does not fit</b> ${run.total.misfit ?? ''}</p>`;
  const detail = spills > 0 ? `${plural(spills, 'tensor')} spilled to an outer memory` : 'nothing spills';
  return markup`<p class="fit"><b class="badge good">Fits</b> ${run.machine.title}; ${detail}</p>`;
}

function hostNote(view: View): Html | false {
  const host = view.run.layers.filter((l) => l.unit === 'host');
  if (host.length === 0) return false;
  const time = host.reduce((n, l) => n + l.latency_s.value, 0);
  const reasons = [...new Set(host.map((l) => l.fallback ?? '').filter((r) => r !== ''))];
  const ops = [...new Set(host.map((l) => l.op))];
  return markup`<div class="note">
    <p>
      <b>${plural(host.length, 'layer')} of ${view.run.layers.length} run on the host</b>
      (${ops.slice(0, 6).join(', ')}${ops.length > 6 ? ', …' : ''}): ${fmt.seconds(time)},
      ${fmt.percent(time / view.time)} of the time, is included.
    </p>
    <ul>
      ${reasons.slice(0, 6).map((r) => markup`<li>${r}</li>`)}
    </ul>
  </div>`;
}
