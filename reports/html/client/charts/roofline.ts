import type { Chart, ChartDataset, Plugin } from 'chart.js';
import { shorten } from '../../../../src/base/text.ts';
import { fmt } from '../../format.ts';
import { seriesCount } from '../../palette.ts';
import type { Draw, Drawing, Surface } from '../drawing.ts';
import type { LoadedRun } from '../load.ts';
import { charted, fillPage, Host, still, stillOf, write } from './canvas.ts';
import type { Ink } from './ink.ts';
import { marker, namedKinds } from './markers.ts';
import { nameRoofs, roofLines, ridgeLine, type Roof, type Roofs } from './roofs.ts';
import { decades, powerAbove, powerBelow } from './scale.ts';

interface Point {
  readonly layer: number;
  readonly intensity: number;
  readonly attained: number;
  readonly share: number;
  readonly kind: number;
  readonly roof: number;
  readonly peak: number;
}

/** What is drawn: the layers with products, by the bytes that they move through one memory. */
interface Roofline {
  readonly run: LoadedRun;
  readonly memory: number;
  readonly kinds: readonly string[];
  readonly points: readonly Point[];
}

interface Marks {
  focused: Point | undefined;
  selected: Point | undefined;
}

/** Attained rate against intensity on log scales, below the roofs of the machine. */
export const rooflineChart =
  (run: LoadedRun): Draw =>
  (surface, controls) => {
    const memory = Math.max(0, run.memories.indexOf(controls.memory ?? ''));
    const kinds = kindsOf(run);
    return drawRoofline({ run, memory, kinds, points: pointsOf(run, memory, kinds) }, surface);
  };

const mainKind = (kind: string): string => kind.split('+')[0]!;

/** Kinds of op by the time they take; the last place is for all others. */
function kindsOf(run: LoadedRun): string[] {
  const time = new Map<string, number>();
  for (const l of run.layers) if (l.macs > 0) time.set(mainKind(l.kind), (time.get(mainKind(l.kind)) ?? 0) + l.time);
  const order = [...time].sort((a, b) => b[1] - a[1]).map(([kind]) => kind);
  return order.length <= seriesCount ? order : [...order.slice(0, seriesCount - 1), 'other'];
}

function pointsOf(run: LoadedRun, memory: number, kinds: readonly string[]): Point[] {
  const bandwidth = run.bandwidths[memory]!;
  const found = run.layers.flatMap((l, layer): Point[] => {
    const [read, write] = l.traffic[memory]!;
    if (l.macs === 0 || l.unit === 'host' || read + write === 0 || l.time === 0) return [];
    const intensity = l.macs / (read + write);
    const peak = run.peaks[l.precision] ?? l.peak;
    const kind = kinds.indexOf(mainKind(l.kind));
    return [
      {
        layer,
        intensity,
        attained: l.macs / l.time,
        share: l.time / run.time,
        kind: kind < 0 ? kinds.length - 1 : kind,
        peak,
        roof: Math.min(peak, intensity * bandwidth),
      },
    ];
  });
  // Large marks first, so that small ones stay visible.
  return found.sort((a, b) => b.share - a.share);
}

/** One line for each rate; precisions that share it share its label. */
function roofsOf(run: LoadedRun, points: readonly Point[]): Roof[] {
  const used = new Set(points.map((p) => run.layers[p.layer]!.precision));
  const byRate = new Map<number, string[]>();
  for (const [name, rate] of Object.entries(run.peaks)) byRate.set(rate, [...(byRate.get(rate) ?? []), name]);
  const roofs = [...byRate].map(([rate, names]): Roof => ({
    name: names.join(', '),
    rate,
    isUsed: names.some((n) => used.has(n)),
  }));
  return roofs.sort((a, b) => b.rate - a.rate);
}

function drawRoofline(data: Roofline, surface: Surface): Drawing {
  const { run, memory, points } = data;
  const marks: Marks = { focused: undefined, selected: undefined };
  const chart = chartOf(data, surface, marks);
  const host = new Host(chart.canvas, chart.height);
  const { x, y } = placesOf(chart);
  return {
    node: host.node,
    count: points.length,
    hit: (left, top) => {
      const box = chart.canvas.getBoundingClientRect();
      const away = (p: Point): number => Math.hypot(x(p) - left + box.left, y(p) - top + box.top) - radiusOf(p);
      return nearest(points, away, 14);
    },
    step: stepper(points),
    layer: (i) => points[i]?.layer,
    pointOf: (layer) => {
      const i = points.findIndex((p) => p.layer === layer);
      return i < 0 ? undefined : i;
    },
    tip: (i) => tipOf(run, points[i]!, run.bandwidths[memory]!, memory),
    spot: (i) => {
      const p = points[i]!;
      const r = radiusOf(p);
      return host.spot(x(p) - r, y(p) - r, 2 * r, 2 * r);
    },
    mark: (as, i) => {
      marks[as] = i === undefined ? undefined : points[i];
      chart.draw();
    },
    table: () => tableOf(data),
    pictures: (still) => [stillOf(chartOf(data, still, { focused: undefined, selected: undefined }))],
    close: () => chart.destroy(),
  };
}

/** Radius of the circle whose area is the share of the time. */
const radiusOf = (p: Point): number => Math.max(3.5, Math.sqrt(p.share) * 26);

type Place = (p: Point) => number;

function placesOf({ scales }: Chart<'scatter'>): { x: Place; y: Place } {
  return {
    x: (p) => scales.x!.getPixelForValue(p.intensity),
    y: (p) => scales.y!.getPixelForValue(p.attained),
  };
}

function chartOf(data: Roofline, surface: Surface, marks: Readonly<Marks>): Chart<'scatter'> {
  const { run, memory, kinds, points } = data;
  const { width, ink } = surface;
  const roofs = roofsOf(run, points);
  const mainRate = run.peaks[run.mainPrecision];
  const main = roofs.find((r) => r.rate === mainRate) ?? roofs[0]!;
  const ridge = main.rate / run.bandwidths[memory]!;
  const xs = [ridge, ...points.map((p) => p.intensity)];
  const ys = [main.rate, ...roofs.filter((r) => r.isUsed).map((r) => r.rate), ...points.map((p) => p.attained)];
  // With nothing to show, four decades of the roofs themselves.
  if (points.length === 0) ys.push(main.rate / 1e4);
  const [left, right] = [powerBelow(Math.min(...xs) / 2), powerAbove(Math.max(...xs) * 4)];
  const [low, high] = [powerBelow(Math.min(...ys) / 1.5), powerAbove(Math.max(...ys) * 2.5)];
  const over: Roofs = { run, memory, roofs, main, left, right };
  const tall = Math.max(260, Math.min(440, width * 0.48));
  const sparse = Math.ceil(decades(left, right).length / Math.max(2, (width - 90) / 70));
  const axis = { color: ink.muted, maxRotation: 0, autoSkip: false };
  return charted(width, tall, {
    type: 'scatter',
    data: {
      datasets: [pointSet(points, ink), ...[...roofLines(over), ridgeLine(over, low)].map((l) => lineSet(l, ink))],
    },
    options: {
      ...still(surface),
      layout: { padding: { right: 16 } },
      scales: {
        x: {
          type: 'logarithmic',
          min: left,
          max: right,
          afterBuildTicks: (scale) => (scale.ticks = decades(left, right).map((value) => ({ value }))),
          border: { color: ink.muted },
          grid: { color: ink.grid, tickLength: 4 },
          ticks: { ...axis, callback: (t, i) => (i % sparse === 0 ? labelOf(Number(t)) : '') },
          title: { display: true, text: 'Intensity, MAC per byte', color: ink.muted },
        },
        y: {
          type: 'logarithmic',
          min: low,
          max: high,
          afterBuildTicks: (scale) => (scale.ticks = decades(low, high).map((value) => ({ value }))),
          border: { color: ink.muted },
          grid: { color: ink.grid, tickLength: 4 },
          ticks: { ...axis, callback: (t) => labelOf(Number(t)) },
          title: { display: true, text: 'Attained, MAC/s', color: ink.muted },
        },
      },
      plugins: { legend: { align: 'start', labels: namedKinds(kinds, ink) } },
    },
    plugins: [namesPlugin(data, over, ink, marks)],
  });
}

const labelOf = (x: number): string => (x < 1 ? String(x) : fmt.count(x));

function pointSet(points: readonly Point[], ink: Ink): ChartDataset<'scatter'> {
  const markers = points.map((p) => marker(p.kind, radiusOf(p), ink));
  return {
    data: points.map((p) => ({ x: p.intensity, y: p.attained })),
    clip: false,
    pointStyle: markers.map((m) => m.pointStyle),
    pointRotation: markers.map((m) => m.rotation),
    pointRadius: markers.map((m) => m.radius),
    pointBackgroundColor: markers.map((m) => m.fillStyle),
    pointBorderColor: markers.map((m) => m.strokeStyle),
    pointBorderWidth: markers.map((m) => m.lineWidth),
  };
}

function lineSet({ ends, isMain, dash }: ReturnType<typeof ridgeLine>, ink: Ink): ChartDataset<'scatter'> {
  return {
    data: [...ends],
    showLine: true,
    pointRadius: 0,
    borderColor: isMain ? ink.text : ink.muted,
    borderWidth: isMain ? 1.8 : 1,
    borderDash: [...dash],
  };
}

/** Names of roofs, ridge and largest layers, and rings about the marked ones. */
const namesPlugin = ({ run, points }: Roofline, over: Roofs, ink: Ink, marks: Readonly<Marks>): Plugin<'scatter'> => ({
  id: 'names',
  beforeDraw: (chart) => fillPage(chart, ink),
  afterDatasetsDraw(chart) {
    const { x, y } = placesOf(chart);
    const { left, right, top, bottom } = chart.chartArea;
    nameRoofs(chart, over, ink);
    if (points.length === 0)
      write(chart.ctx, ink, 'No layer with products moves bytes through it.', (left + right) / 2, (top + bottom) / 2, {
        align: 'center',
        colour: ink.muted,
        halo: true,
      });
    nameLargest(chart, run, points, ink);
    for (const [p, colour, thick] of [
      [marks.selected, ink.accent, 3],
      [marks.focused, ink.text, 2],
    ] as const) {
      if (!p) continue;
      chart.ctx.save();
      chart.ctx.beginPath();
      chart.ctx.arc(x(p), y(p), radiusOf(p) + 4, 0, 2 * Math.PI);
      chart.ctx.strokeStyle = colour;
      chart.ctx.lineWidth = thick;
      chart.ctx.stroke();
      chart.ctx.restore();
    }
  },
});

/** Names of the three layers that take most time, where there is room for them. */
function nameLargest(chart: Chart<'scatter'>, run: LoadedRun, points: readonly Point[], ink: Ink): void {
  const taken: { x: number; y: number; wide: number }[] = [];
  const { right } = chart.chartArea;
  if (right < 560) return;
  const { x, y } = placesOf(chart);
  for (const p of points.slice(0, 3)) {
    const text = shorten(run.layers[p.layer]!.name, 26);
    const wide = text.length * 6.3;
    const [cx, cy] = [x(p), y(p)];
    const isLeft = cx + radiusOf(p) + 6 + wide > right;
    const from = isLeft ? cx - radiusOf(p) - 6 - wide : cx + radiusOf(p) + 6;
    if (taken.some((t) => Math.abs(t.y - cy) < 14 && from < t.x + t.wide && t.x < from + wide)) continue;
    taken.push({ x: from, y: cy, wide });
    write(chart.ctx, ink, text, isLeft ? from + wide : from, cy + 4, { align: isLeft ? 'right' : 'left', halo: true });
  }
}

const tableOf = ({ run, points }: Roofline): ReturnType<Drawing['table']> => ({
  head: [
    'Layer',
    'Kind',
    'Precision',
    'Intensity [MAC/B]',
    'Attained [MAC/s]',
    'Roof [MAC/s]',
    'Share of roof',
    'Share of time',
  ],
  rows: points.map((p) => [
    run.layers[p.layer]!.name,
    run.layers[p.layer]!.kind,
    run.layers[p.layer]!.precision,
    p.intensity,
    p.attained,
    p.roof,
    p.attained / p.roof,
    p.share,
  ]),
});

function nearest(points: readonly Point[], distance: (p: Point) => number, reach: number): number | undefined {
  let [best, at]: [number, number | undefined] = [reach, undefined];
  points.forEach((p, i) => {
    const d = distance(p);
    // Small marks lie on top of large ones.
    if (d <= best || (d <= 0 && at !== undefined)) [best, at] = [Math.max(d, 0), i];
  });
  return at;
}

/** Left and right go by intensity, up and down by share of the time. */
function stepper(points: readonly Point[]): Drawing['step'] {
  const order = points.map((_, i) => i).sort((a, b) => points[a]!.intensity - points[b]!.intensity);
  return (from, key) => {
    if (key === 'ArrowUp') return from - 1;
    if (key === 'ArrowDown') return from + 1;
    const at = order.indexOf(from) + (key === 'ArrowRight' ? 1 : -1);
    return order[Math.min(order.length - 1, Math.max(0, at))]!;
  };
}

function tipOf(run: LoadedRun, p: Point, bandwidth: number, memory: number): ReturnType<Drawing['tip']> {
  const l = run.layers[p.layer]!;
  return {
    title: l.name,
    lines: [
      ['intensity', `${fmt.plain(p.intensity)} MAC/B of ${run.memories[memory]!}`],
      ['attained', fmt.rate(p.attained, 'MAC/s')],
      ['roof', `${fmt.rate(p.roof, 'MAC/s')} (${p.roof < p.peak ? fmt.rate(bandwidth, 'B/s') : l.precision})`],
      ['of the roof', fmt.percent(p.attained / p.roof)],
      ['time', `${fmt.seconds(l.time)} (${fmt.percent(p.share)})`],
    ],
  };
}
