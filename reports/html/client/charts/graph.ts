import { shorten } from '../../../../src/base/text.ts';
import { fmt } from '../../format.ts';
import { light } from '../../palette.ts';
import type { LayerData } from '../../data.ts';
import { all, shape } from '../dom.ts';
import type { Draw, Drawing } from '../drawing.ts';
import type { LoadedRun } from '../load.ts';
import { layOut, nodeHeight, nodeWidth, type Layout } from './layout.ts';
import { PanZoom } from './pan-zoom.ts';

const steps = light.ramp.length;

interface Metric {
  /** Between 0 and 1; undefined where it means nothing. */
  readonly share: (layer: LayerData) => number | undefined;
  readonly text: (layer: LayerData) => string;
}

function metricOf(run: LoadedRun, name: string): Metric {
  const most = (of: (l: LayerData) => number): number => run.layers.reduce((m, l) => Math.max(m, of(l)), 0) || 1;
  switch (name) {
    case 'energy': {
      const top = most((l) => l.energy);
      return { share: (l) => l.energy / top, text: (l) => fmt.percent(l.energy / (run.energy || 1)) };
    }
    case 'macs': {
      const top = most((l) => l.macs);
      return { share: (l) => l.macs / top, text: (l) => (l.macs === 0 ? 'no MAC' : `${fmt.count(l.macs)} MAC`) };
    }
    case 'utilisation':
      return { share: (l) => l.utilisation ?? undefined, text: (l) => fmt.percent(l.utilisation) };
    case 'bound':
      return {
        share: () => undefined,
        text: (l) => (l.unit === 'none' ? 'view' : l.unit === 'host' ? 'host' : l.bound),
      };
    default: {
      const top = most((l) => l.time);
      return { share: (l) => l.time / top, text: (l) => fmt.percent(l.time / (run.time || 1)) };
    }
  }
}

const boundSeries = ['compute', 'memory', 'on-chip', 'overhead', 'fill', 'stall'];

/** Layers as boxes, coloured by a metric that each box also tells in words. */
export function graphChart(run: LoadedRun): Draw {
  let layout: Layout | undefined;
  let view: PanZoom | undefined;
  const next = new Map<number, number[]>();
  const before = new Map<number, number[]>();
  for (const [a, b] of run.edges) {
    next.set(a, [...(next.get(a) ?? []), b]);
    before.set(b, [...(before.get(b) ?? []), a]);
  }
  return ({ width }, controls) => {
    layout ??= layOut(run.layers.length, run.edges, Math.max(0.7, width / 620));
    const height = Math.round(Math.min(640, Math.max(240, (width * layout.height) / layout.width)));
    const metric = metricOf(run, controls.metric ?? 'time');
    const svg = shape('svg', { class: 'graph' });
    svg.append(shape('path', { d: layout.edges, class: 'edges' }));
    const nodes = run.layers.map((l, i) =>
      nodeOf(l, metric, controls.metric === 'bound', layout!.x[i]!, layout!.y[i]!),
    );
    svg.append(...nodes);
    view = new PanZoom(svg, layout, width, height, view);
    const { x, y } = layout;
    const drawing: Drawing = {
      node: svg,
      count: run.layers.length,
      hit: (left, top) => {
        if (view!.isDragging) return undefined;
        const at = new DOMPoint(left, top).matrixTransform(svg.getScreenCTM()!.inverse());
        const i = run.layers.findIndex(
          (_, n) => Math.abs(x[n]! - at.x) <= nodeWidth / 2 && Math.abs(y[n]! - at.y) <= nodeHeight / 2,
        );
        return i < 0 ? undefined : i;
      },
      step: (from, key) =>
        (key === 'ArrowDown'
          ? next.get(from)?.[0]
          : key === 'ArrowUp'
            ? before.get(from)?.[0]
            : from + (key === 'ArrowRight' ? 1 : -1)) ?? from,
      layer: (i) => i,
      pointOf: (layer) => layer,
      tip: (i) => tipOf(run, i, before.get(i) ?? [], next.get(i) ?? []),
      spot: (i) => nodes[i]!,
      mark: (as, i) => {
        all(svg, `.node.${as}`).forEach((n) => n.classList.remove(as));
        if (i === undefined) return;
        nodes[i]!.classList.add(as);
        view!.reveal(x[i]!, y[i]!);
      },
      table: () => ({
        head: ['Layer', 'Op', 'Time [s]', 'Energy [J]', 'Utilisation', 'Bound', 'Reads from', 'Feeds'],
        rows: run.layers.map((l, i) => [
          l.name,
          l.op,
          l.time,
          l.energy,
          l.utilisation,
          l.bound,
          ...[before, next].map((m) => (m.get(i) ?? []).map((n) => run.layers[n]!.name).join('; ')),
        ]),
      }),
      zoom: (how) => view!.zoom(how),
      find: (text) => find(run, nodes, text),
    };
    return drawing;
  };
}

function nodeOf(l: LayerData, metric: Metric, isBound: boolean, x: number, y: number): SVGGElement {
  const share = metric.share(l);
  const step = share === undefined ? 0 : Math.min(steps, 1 + Math.floor(Math.sqrt(share) * steps * 0.999));
  const [left, top] = [x - nodeWidth / 2, y - nodeHeight / 2];
  const ink = step === 0 ? '' : ` on-q${step}`;
  const stripe = boundSeries.indexOf(l.bound) + 1;
  const node = shape('g', { class: l.unit === 'none' ? 'node view' : 'node' });
  if (l.nodes.length > 1)
    node.append(
      shape('rect', { x: left - 3, y: top - 3, width: nodeWidth + 6, height: nodeHeight + 6, rx: 7, class: 'fused' }),
    );
  node.append(
    shape('rect', {
      x: left,
      y: top,
      width: nodeWidth,
      height: nodeHeight,
      rx: 5,
      class: step === 0 ? 'body' : `body q${step}`,
    }),
  );
  if (isBound && l.unit !== 'none' && stripe > 0)
    node.append(shape('rect', { x: left, y: top, width: 7, height: nodeHeight, rx: 3, class: `s${stripe}` }));
  node.append(
    shape('text', { x: left + 12, y: top + 16, class: `name${ink}` }, tail(l.name)),
    shape(
      'text',
      { x: left + 12, y: top + 30, class: `more${ink}` },
      `${shorten(l.op, 23 - metric.text(l).length)} · ${metric.text(l)}`,
    ),
  );
  return node;
}

/** The end of a path tells more than its start. */
const tail = (name: string): string => (name.length <= 20 ? name : `…${name.slice(-19)}`);

function find(run: LoadedRun, nodes: readonly SVGGElement[], text: string): number {
  const wanted = text.trim().toLowerCase();
  let count = 0;
  run.layers.forEach((l, i) => {
    const isFound = wanted !== '' && `${l.name} ${l.op} ${l.nodes.join(' ')}`.toLowerCase().includes(wanted);
    nodes[i]!.classList.toggle('dim', wanted !== '' && !isFound);
    if (isFound) count++;
  });
  return count;
}

function tipOf(run: LoadedRun, i: number, from: readonly number[], to: readonly number[]): ReturnType<Drawing['tip']> {
  const l = run.layers[i]!;
  const names = (list: readonly number[]): string =>
    list.length === 0
      ? 'none'
      : list
          .slice(0, 3)
          .map((n) => shorten(run.layers[n]!.name, 30))
          .join(', ') + (list.length > 3 ? ` and ${list.length - 3} more` : '');
  return {
    title: l.name,
    lines: [
      ['op', l.op],
      ['output', l.output],
      ['time', `${fmt.seconds(l.time)} (${fmt.percent(l.time / (run.time || 1))})`],
      ['energy', fmt.joules(l.energy)],
      ['reads from', names(from)],
      ['feeds', names(to)],
    ],
  };
}
