import { fmt } from '../format.ts';
import type { LayerData } from '../data.ts';
import { element } from './dom.ts';
import { confirm, copy } from './files.ts';
import type { LoadedRun } from './load.ts';
import type { Selected } from './selection.ts';

type Line = readonly [name: string, value: string];

/** Everything that is known of the selected layer, docked at the foot of the window. */
export function startDetail(runs: readonly LoadedRun[], selected: Selected): void {
  const panel = element('aside', { class: 'detail', hidden: '', 'aria-label': 'Selected layer', tabindex: -1 });
  document.body.append(panel);
  const show = (): void => {
    const { run, layer } = selected.current;
    panel.hidden = layer === undefined;
    document.documentElement.classList.toggle('docked', layer !== undefined);
    if (layer === undefined) return;
    panel.replaceChildren(
      ...contentOf(runs[run]!, runs[run]!.layers[layer]!, () => selected.set({ run, layer: undefined })),
    );
    panel.scrollTop = 0;
  };
  selected.onChange(show);
  document.addEventListener('keydown', (e) => {
    if (e.key === 'Escape' && !panel.hidden) selected.set({ run: selected.current.run, layer: undefined });
  });
}

function contentOf(run: LoadedRun, l: LayerData, close: () => void): Node[] {
  const button = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×');
  button.addEventListener('click', close);
  const head = element(
    'div',
    { class: 'head' },
    element('h2', {}, l.name),
    element('span', { class: 'quiet' }, `${l.op} → ${l.output}`),
    button,
  );
  const groups = [
    group('Layer', layerLines(l)),
    group('Time', timeLines(run, l)),
    group('Traffic', trafficLines(run, l)),
    group('Energy', energyLines(run, l)),
  ];
  return [
    head,
    element('div', { class: 'groups' }, ...groups.filter((g) => g !== undefined)),
    ...notes(l),
    explain(run, l),
  ];
}

function group(title: string, lines: readonly Line[]): HTMLElement | undefined {
  if (lines.length === 0) return undefined;
  return element(
    'div',
    {},
    element('h3', {}, title),
    element(
      'dl',
      {},
      ...lines.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
  );
}

const range = ([low, high]: readonly [number, number], value: number, unit: (x: number) => string): string =>
  low === high ? unit(value) : `${unit(value)} (${unit(low)} – ${unit(high)})`;

const layerLines = (l: LayerData): Line[] => [
  ['unit', l.unit === 'none' ? 'none: a view' : l.unit],
  ['precision', l.precision],
  ['MACs', fmt.whole(l.macs)],
  ['parameters', fmt.whole(l.parameters)],
  ...(Object.keys(l.loops).length > 0
    ? [
        [
          'loops',
          Object.entries(l.loops)
            .map(([d, n]) => `${d} ${n}`)
            .join(', '),
        ] as const,
      ]
    : []),
  ['utilisation', fmt.percent(l.utilisation)],
];

const timeLines = (run: LoadedRun, l: LayerData): Line[] => [
  ['time', range(l.timeRange, l.time, fmt.seconds)],
  ['share', fmt.percent(l.time / (run.time || 1))],
  ['cycles', fmt.whole(l.cycles)],
  ['bound', l.bound],
  ...Object.entries(l.times)
    .filter(([, t]) => t > 0)
    .map(([name, t]): Line => [name, fmt.seconds(t)]),
];

const trafficLines = (run: LoadedRun, l: LayerData): Line[] =>
  run.memories.flatMap((memory, i): Line[] => {
    const [read, write] = l.traffic[i]!;
    return read + write === 0
      ? []
      : [
          [memory, `${fmt.bytes(read)} read, ${fmt.bytes(write)} written`],
          ...(l.macs > 0 ? [[`intensity`, `${fmt.plain(l.macs / (read + write))} MAC/B`] as const] : []),
        ];
  });

const energyLines = (run: LoadedRun, l: LayerData): Line[] => [
  ['energy', range(l.energyRange, l.energy, fmt.joules)],
  ...run.components
    .map((c, i): Line => [
      c,
      l.energyBy[i]! > 0 ? `${fmt.joules(l.energyBy[i]!)} (${fmt.percent(l.energyBy[i]! / l.energy)})` : '0',
    ])
    .filter(([, v]) => v !== '0'),
];

const notes = (l: LayerData): HTMLElement[] =>
  [l.fallback, l.mapping && `Mapping: ${l.mapping}`, l.nodes.length > 0 && `ONNX nodes: ${l.nodes.join(', ')}`]
    .filter((t) => typeof t === 'string' && t !== '')
    .map((t) => element('p', { class: 'quiet' }, t as string));

/** Quoted for a POSIX shell: names come from the model. */
const quoted = (text: string): string =>
  /^[A-Za-z0-9_./:@-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replace(/'/g, `'\\''`)}'`;

function explain(run: LoadedRun, l: LayerData): HTMLElement {
  const command = `netloom explain ${quoted(run.model)} --layer ${quoted(l.name)} --on ${quoted(run.machine)} --precision ${quoted(run.precision)}${run.batch > 1 ? ` --batch ${run.batch}` : ''}`;
  const button = element('button', { type: 'button' }, 'Copy');
  button.addEventListener(
    'click',
    () => void copy(command).then((isCopied) => confirm(button, isCopied ? 'Copied' : 'Not allowed here')),
  );
  return element('div', { class: 'command' }, element('pre', { tabindex: 0 }, element('code', {}, command)), button);
}
