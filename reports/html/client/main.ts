import { boundsChart } from './charts/bounds.ts';
import { energyChart } from './charts/energy.ts';
import { graphChart } from './charts/graph.ts';
import { rooflineChart } from './charts/roofline.ts';
import { startDetail } from './detail.ts';
import { all } from './dom.ts';
import type { Draw } from './drawing.ts';
import { Figure } from './figure.ts';
import { confirm, copy } from './files.ts';
import { loadRuns, type LoadedRun } from './load.ts';
import { Selected } from './selection.ts';
import { LayerTable } from './table.ts';
import { startTheme } from './theme.ts';

const charts: Readonly<Record<string, (run: LoadedRun) => Draw>> = {
  bounds: boundsChart,
  energy: energyChart,
  roofline: rooflineChart,
  graph: graphChart,
};

document.documentElement.classList.add('js');
const runs = loadRuns();
const selected = new Selected(runs);
const figures = runs.flatMap(start);
startTheme(() => figures.forEach((f) => f.recolour()));
startDetail(runs, selected);
startSwitch();
startCopying();
selected.readFragment();

// Paper shows everything: drawings that nobody has scrolled to, and all that is folded away.
addEventListener('beforeprint', () => {
  figures.forEach((f) => f.print());
  all<HTMLDetailsElement>(document, 'section > details:not(.data)').forEach((d) => (d.open = true));
});
addEventListener('afterprint', () => figures.forEach((f) => f.afterPrint()));

function start(run: LoadedRun): Figure[] {
  new LayerTable(run, selected);
  linkNames(run);
  return all(run.article, 'figure[data-chart]').map(
    (f) => new Figure(f, run, selected, charts[f.dataset.chart!]!(run)),
  );
}

/** Names of layers in the text select them. */
function linkNames(run: LoadedRun): void {
  const byName = new Map(run.layers.map((l, i) => [l.name, i]));
  for (const link of all<HTMLAnchorElement>(run.article, 'a[data-layer]')) {
    const layer = byName.get(link.textContent);
    if (layer !== undefined) link.href = `#${selected.fragmentOf({ run: run.index, layer })}`;
  }
}

/** Shows one run at a time; links to a run or one of its sections bring it up. */
function startSwitch(): void {
  const picker = document.getElementById('run') as HTMLSelectElement | null;
  const show = (run: number): void => {
    runs.forEach((r) => r.article.classList.toggle('on', r.index === run));
    if (picker) picker.value = String(run);
  };
  picker?.addEventListener('change', () => selected.set({ run: Number(picker.value), layer: undefined }));
  for (const link of all<HTMLAnchorElement>(document, 'a[data-run]'))
    link.addEventListener('click', (e) => {
      e.preventDefault();
      const run = Number(link.dataset.run);
      selected.set({ run, layer: undefined });
      runs[run]!.article.scrollIntoView();
      runs[run]!.article.querySelector<HTMLElement>('nav a')?.focus();
    });
  selected.onChange(({ run }) => show(run));
  show(selected.current.run);
}

function startCopying(): void {
  for (const button of all<HTMLButtonElement>(document, '[data-copy]'))
    button.addEventListener('click', () => {
      const text = button.parentElement!.querySelector('code')!.textContent;
      void copy(text).then((isCopied) => confirm(button, isCopied ? 'Copied' : 'Not allowed here'));
    });
}
