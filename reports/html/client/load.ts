import { unpackLayers, type LayerData, type RunData } from '../data.ts';

/** A run with its part of the page. */
export interface LoadedRun extends Omit<RunData, 'layers'> {
  readonly index: number;
  readonly layers: readonly LayerData[];
  readonly article: HTMLElement;
  /** Seconds of all layers together. */
  readonly time: number;
  readonly energy: number;
}

export function loadRuns(): LoadedRun[] {
  const { runs } = JSON.parse(document.getElementById('data')!.textContent) as { runs: RunData[] };
  return runs.map((run, index) => {
    const layers = unpackLayers(run.layers);
    const article = document.getElementById(`run-${index + 1}`)!;
    const sum = (of: (l: LayerData) => number): number => layers.reduce((n, l) => n + of(l), 0);
    return { ...run, index, layers, article, time: sum((l) => l.time), energy: sum((l) => l.energy) };
  });
}
