import { fmt } from '../../format.ts';
import { seriesCount } from '../../palette.ts';
import type { Draw } from '../drawing.ts';
import type { LoadedRun } from '../load.ts';
import { drawBars, type BarRow } from './bars.ts';
import { arranged } from './bounds.ts';

/** Joules of each layer by component, or of each component by layer. */
export const energyChart =
  (run: LoadedRun): Draw =>
  (surface, controls) => {
    const isByLayer = controls.by !== 'component';
    const rows: BarRow[] = run.layers
      .map((l, i) => ({ name: l.name, layer: i, values: l.energyBy }))
      .filter((r) => r.values.some((v) => v > 0));
    const shown = isByLayer ? { series: run.components, rows: arranged(rows, controls) } : swapped(run);
    return drawBars(
      {
        ...shown,
        isShare: controls.scale === 'share',
        unit: fmt.joules,
        unitName: 'J',
        sumName: 'energy',
        rowName: isByLayer ? 'Layer' : 'Component',
      },
      surface,
    );
  };

/** Components as rows; the layers that use most as series, the rest as one. */
function swapped(run: LoadedRun): { series: string[]; rows: BarRow[] } {
  const order = run.layers.map((_, i) => i).sort((a, b) => run.layers[b]!.energy - run.layers[a]!.energy);
  const isAll = order.length <= seriesCount;
  const top = isAll ? order : order.slice(0, seriesCount - 1);
  const rest = isAll ? [] : order.slice(seriesCount - 1);
  const rows = run.components.map((name, c): BarRow => {
    const of = (i: number): number => run.layers[i]!.energyBy[c]!;
    return {
      name,
      layer: undefined,
      values: [...top.map(of), ...(isAll ? [] : [rest.reduce((n, i) => n + of(i), 0)])],
    };
  });
  return { series: [...top.map((i) => run.layers[i]!.name), ...(isAll ? [] : [`${rest.length} other layers`])], rows };
}
