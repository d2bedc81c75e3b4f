import { fmt } from '../../format.ts';
import type { Controls, Draw } from '../drawing.ts';
import type { LoadedRun } from '../load.ts';
import { drawBars, type BarRow } from './bars.ts';

/** Rows in the order and number that the controls ask for. */
export function arranged(rows: readonly BarRow[], { sort, count }: Controls): BarRow[] {
  const sum = (r: BarRow): number => r.values.reduce((n, x) => n + x, 0);
  const size = (r: BarRow): number => (/^\d+$/.test(sort ?? '') ? (r.values[Number(sort)] ?? 0) : sum(r));
  const bySize = [...rows].sort((a, b) => size(b) - size(a));
  const kept = count === 'all' ? bySize : bySize.slice(0, Number(count));
  return sort === 'schedule' ? kept.sort((a, b) => (a.layer ?? 0) - (b.layer ?? 0)) : kept;
}

/** Where the time of each layer goes. */
export const boundsChart =
  (run: LoadedRun): Draw =>
  (surface, controls) => {
    const rows = run.layers
      .map((l, i): BarRow & { bound: string } => ({
        name: l.name,
        layer: i,
        values: l.parts,
        bound: l.unit === 'none' ? '' : l.bound,
      }))
      .filter((r) => (controls.filter ? r.bound === controls.filter : r.values.some((v) => v > 0)));
    return drawBars(
      {
        series: run.parts,
        rows: arranged(rows, controls),
        isShare: controls.scale === 'share',
        unit: fmt.seconds,
        unitName: 's',
        sumName: 'time',
        rowName: 'Layer',
      },
      surface,
    );
  };
