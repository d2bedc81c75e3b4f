import { shorten } from '../../../../src/base/text.ts';
import { fmt } from '../../format.ts';
import { seriesCount } from '../../palette.ts';
import { px, shape } from '../dom.ts';
import type { Draw, Drawing } from '../drawing.ts';
import type { LoadedRun } from '../load.ts';
import { legend } from './legend.ts';
import { markerPath } from './markers.ts';
import { drawAxes, drawPeaks, drawRidge, drawSlope, type Roof } from './roofs.ts';
import { logScale, powerAbove, powerBelow, type LogScale } from './scale.ts';

interface Point {
  readonly layer: number;
  readonly intensity: number;
  readonly attained: number;
  readonly share: number;
  readonly kind: number;
  readonly roof: number;
  readonly peak: number;
}

/** Attained rate against intensity on log scales, below the roofs of the machine. */
export const rooflineChart =
  (run: LoadedRun): Draw =>
  (width, controls) => {
    const memory = Math.max(0, run.memories.indexOf(controls.memory ?? ''));
    const kinds = kindsOf(run);
    const points = pointsOf(run, memory, kinds);
    return drawRoofline(run, memory, kinds, points, width);
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

function drawRoofline(
  run: LoadedRun,
  memory: number,
  kinds: readonly string[],
  points: readonly Point[],
  width: number,
): Drawing {
  const roofs = roofsOf(run, points);
  const mainRate = run.peaks[run.mainPrecision];
  const main = roofs.find((r) => r.rate === mainRate) ?? roofs[0]!;
  const bandwidth = run.bandwidths[memory]!;
  const ridge = main.rate / bandwidth;
  const key = legend(
    kinds.map((name, i) => ({ name, mark: shape('path', { d: markerPath(i, 6, 6, 5), class: `s${i + 1}` }) })),
    64,
    0,
    width - 70,
  );
  const [left, right, top, bottom] = [
    64,
    width - 16,
    key.height + 12,
    key.height + 12 + Math.max(260, Math.min(440, width * 0.48)),
  ];
  const xs = [ridge, ...points.map((p) => p.intensity)];
  const ys = [main.rate, ...roofs.filter((r) => r.isUsed).map((r) => r.rate), ...points.map((p) => p.attained)];
  // With nothing to show, four decades of the roofs themselves.
  if (points.length === 0) ys.push(main.rate / 1e4);
  const x = logScale(powerBelow(Math.min(...xs) / 2), powerAbove(Math.max(...xs) * 4), left, right);
  const y = logScale(powerBelow(Math.min(...ys) / 1.5), powerAbove(Math.max(...ys) * 2.5), bottom, top);
  const svg = shape('svg', { viewBox: `0 0 ${width} ${bottom + 40}`, class: 'roofline' }, key.group);
  const clip = `clip-${run.index}-${memory}`;
  svg.append(
    shape(
      'defs',
      {},
      shape('clipPath', { id: clip }, shape('rect', { x: left, y: top, width: right - left, height: bottom - top })),
    ),
  );
  drawAxes(svg, x, y, { left, right, top, bottom });
  const lines = shape('g', { 'clip-path': `url(#${clip})` });
  svg.append(lines);
  run.bandwidths.forEach((b, i) => i !== memory && drawSlope(lines, run.memories[i]!, b, main.rate, x, y, false));
  drawSlope(lines, run.memories[memory]!, bandwidth, main.rate, x, y, true);
  drawPeaks(lines, roofs, bandwidth, x, y);
  drawRidge(svg, ridge, main, x, y);
  const radius = (p: Point): number => Math.max(3.5, Math.sqrt(p.share) * 26);
  const marks = points.map((p) =>
    shape('path', { d: markerPath(p.kind, x(p.intensity), y(p.attained), radius(p)), class: `point s${p.kind + 1}` }),
  );
  svg.append(...marks);
  if (points.length === 0)
    svg.append(
      shape(
        'text',
        { x: (left + right) / 2, y: (top + bottom) / 2, class: 'tick' },
        'No layer with products moves bytes through it.',
      ),
    );
  labelLargest(svg, run, points, x, y, radius, right);
  const rings = { selected: shape('circle', { class: 'ring' }), focused: shape('circle', { class: 'ring' }) };
  svg.append(rings.selected, rings.focused);
  return {
    svg,
    count: points.length,
    hit: (px0, py0) => nearest(points, (p) => Math.hypot(x(p.intensity) - px0, y(p.attained) - py0) - radius(p), 14),
    step: stepper(points, x),
    layer: (i) => points[i]?.layer,
    pointOf: (layer) => {
      const i = points.findIndex((p) => p.layer === layer);
      return i < 0 ? undefined : i;
    },
    tip: (i) => tipOf(run, points[i]!, bandwidth, memory),
    mark: (as, i) => {
      const p = i === undefined ? undefined : points[i];
      rings[as].setAttribute('class', p ? `ring ${as}` : 'ring');
      if (p)
        for (const [name, value] of Object.entries({ cx: x(p.intensity), cy: y(p.attained), r: radius(p) + 4 }))
          rings[as].setAttribute(name, String(px(value)));
    },
    table: () => ({
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
    }),
  };
}

/** Names of the three layers that take most time, where there is room for them. */
function labelLargest(
  svg: SVGSVGElement,
  run: LoadedRun,
  points: readonly Point[],
  x: LogScale,
  y: LogScale,
  radius: (p: Point) => number,
  right: number,
): void {
  const taken: { x: number; y: number; wide: number }[] = [];
  if (right < 560) return;
  for (const p of points.slice(0, 3)) {
    const text = shorten(run.layers[p.layer]!.name, 26);
    const wide = text.length * 6.3;
    const [cx, cy] = [x(p.intensity), y(p.attained)];
    const isLeft = cx + radius(p) + 6 + wide > right;
    const from = isLeft ? cx - radius(p) - 6 - wide : cx + radius(p) + 6;
    if (taken.some((t) => Math.abs(t.y - cy) < 14 && from < t.x + t.wide && t.x < from + wide)) continue;
    taken.push({ x: from, y: cy, wide });
    svg.append(
      shape(
        'text',
        { x: px(isLeft ? from + wide : from), y: px(cy + 4), class: isLeft ? 'point-name end' : 'point-name' },
        text,
      ),
    );
  }
}

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
function stepper(points: readonly Point[], x: LogScale): Drawing['step'] {
  const order = points.map((_, i) => i).sort((a, b) => x(points[a]!.intensity) - x(points[b]!.intensity));
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
