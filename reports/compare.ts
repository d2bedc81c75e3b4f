import type { Run } from '../compiler/run/schema.ts';
import { column, spareColumn, type Cell, type Table } from './table.ts';

export const labelOf = (run: Run): string =>
  `${run.model.name}@${run.machine.name}:${run.precision}${run.batch > 1 ? `:b${run.batch}` : ''}`;

/** Labels without what all runs share: what is left tells them apart on a narrow terminal. */
export function shortLabels(runs: readonly Run[]): string[] {
  const shared = (part: (run: Run) => string | number): boolean => runs.every((r) => part(r) === part(runs[0]!));
  const [model, machine, precision] = [
    shared((r) => r.model.name),
    shared((r) => r.machine.name),
    shared((r) => r.precision),
  ];
  if (runs.length < 2 || (model && machine && precision)) return runs.map(labelOf);
  return runs.map((r) => {
    const parts = [
      machine && !model ? '' : r.machine.name,
      precision ? '' : r.precision,
      r.batch > 1 ? `b${r.batch}` : '',
    ]
      .filter((part) => part !== '')
      .join(':');
    return [model ? '' : r.model.name, parts].filter((part) => part !== '').join('@');
  });
}

/** Totals of several runs side by side, with the ratio of each to the first. */
export function totalsTable(runs: readonly Run[], labels: readonly string[] = runs.map(labelOf)): Table {
  const first = runs[0]!;
  return {
    name: 'totals',
    title: 'Runs',
    columns: [
      column('Run', 'run', 'name'),
      column('Latency', 'latency_s', 'seconds'),
      column('vs 1st', 'latency_ratio', 'ratio'),
      spareColumn(1, 'Interval', 'interval_s', 'seconds'),
      column('Energy', 'energy_j', 'joules'),
      column('vs 1st', 'energy_ratio', 'ratio'),
      spareColumn(2, 'Util', 'utilisation', 'share'),
      column('Bound', 'bound', 'text'),
      column('Fits', 'fits', 'text'),
    ],
    rows: runs.map((r, i): Cell[] => [
      labels[i]!,
      r.total.latency_s.value,
      ratio(r.total.latency_s.value, first.total.latency_s.value),
      r.total.interval_s.value,
      r.total.energy_j.value,
      ratio(r.total.energy_j.value, first.total.energy_j.value),
      r.total.utilisation,
      r.total.bound,
      r.total.fits ? 'yes' : 'no',
    ]),
  };
}

const ratio = (x: number, base: number): number | null => (base > 0 ? x / base : null);

/** Layers of two runs, matched by the ONNX node that leads them. */
export interface LayerDelta {
  readonly layer: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly energyBefore: number | null;
  readonly energyAfter: number | null;
}

export function layerDeltas(a: Run, b: Run): LayerDelta[] {
  const after = new Map(b.layers.map((l) => [l.name, l]));
  const seen = new Set<string>();
  const both = a.layers.map((l): LayerDelta => {
    seen.add(l.name);
    const m = after.get(l.name);
    return {
      layer: l.name,
      before: l.latency_s.value,
      after: m?.latency_s.value ?? null,
      energyBefore: l.energy_j.value,
      energyAfter: m?.energy_j.value ?? null,
    };
  });
  const added = b.layers
    .filter((l) => !seen.has(l.name))
    .map((l): LayerDelta => ({
      layer: l.name,
      before: null,
      after: l.latency_s.value,
      energyBefore: null,
      energyAfter: l.energy_j.value,
    }));
  return [...both, ...added];
}

const change = (d: LayerDelta): number => Math.abs((d.after ?? 0) - (d.before ?? 0));

/** What changed from one run to the next, layer by layer; by the size of the change when `sorted`. */
export function deltaTable(a: Run, b: Run, sorted: boolean): Table {
  const deltas = layerDeltas(a, b);
  if (sorted) deltas.sort((x, y) => change(y) - change(x));
  return {
    name: 'layers',
    title: `${labelOf(a)} to ${labelOf(b)}`,
    columns: [
      column('Layer', 'layer', 'name'),
      column('Before', 'before_s', 'seconds'),
      column('After', 'after_s', 'seconds'),
      column('Change', 'change_s', 'seconds'),
      column('Ratio', 'ratio', 'ratio'),
      column('Energy', 'energy_before_j', 'joules'),
      column('after', 'energy_after_j', 'joules'),
    ],
    rows: deltas.map((d): Cell[] => [
      d.layer,
      d.before,
      d.after,
      d.before !== null && d.after !== null ? d.after - d.before : null,
      d.before !== null && d.after !== null ? ratio(d.after, d.before) : null,
      d.energyBefore,
      d.energyAfter,
    ]),
  };
}
