import { shorten } from '../../../../src/base/text.ts';
import { px, shape } from '../dom.ts';
import type { Drawing } from '../drawing.ts';
import { fmt } from '../../format.ts';
import { legend } from './legend.ts';
import { hatches } from './patterns.ts';
import { niceTicks } from './scale.ts';

export interface BarRow {
  readonly name: string;
  readonly layer: number | undefined;
  readonly values: readonly number[];
}

export interface BarChart {
  readonly series: readonly string[];
  readonly rows: readonly BarRow[];
  readonly isShare: boolean;
  readonly unit: (x: number) => string;
  /** Heading of the numbers in the data, with their unit. */
  readonly unitName: string;
  /** What the values of a row add up to, in words. */
  readonly sumName: string;
  readonly rowName: string;
}

const pitch = 24;
const thickness = 16;
const total = (row: BarRow): number => row.values.reduce((n, x) => n + x, 0);

/** Horizontal stacked bars, one a row, with names at the left and totals at the right end. */
export function drawBars(chart: BarChart, width: number): Drawing {
  const { rows, isShare } = chart;
  const left = Math.round(Math.min(280, Math.max(110, width * 0.28)));
  const right = isShare ? 24 : 84;
  const inner = Math.max(40, width - left - right);
  const most = isShare ? 1 : rows.reduce((m, r) => Math.max(m, total(r)), 0);
  const x = (value: number): number => left + (most > 0 ? (value / most) * inner : 0);
  const { defs, overlay } = hatches();
  const key = legend(
    chart.series.map((name, i) => ({
      name,
      mark: shape(
        'g',
        {},
        shape('rect', { width: 12, height: 12, rx: 2, class: `s${i + 1}` }),
        ...over(overlay(i), 'M0,0h12v12h-12z'),
      ),
    })),
    left,
    0,
    inner + right,
  );
  const top = key.height + 24;
  const height = top + rows.length * pitch + 8;
  const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, class: 'bars' }, defs, key.group);
  drawAxis(svg, niceTicks(most, width < 500 ? 2 : 4), x, top, height - 8, isShare ? fmt.percent : chart.unit);
  const marks = { selected: shape('rect', { class: 'row-mark' }), focused: shape('rect', { class: 'row-mark' }) };
  svg.append(marks.selected, marks.focused);
  drawStacks(svg, chart, x, top, overlay);
  rows.forEach((row, i) => {
    const y = top + i * pitch + pitch / 2 + 4;
    svg.append(
      shape('text', { x: left - 10, y, class: 'row-name' }, shortEnd(row.name, Math.floor((left - 14) / 6.5))),
    );
    if (!isShare) svg.append(shape('text', { x: px(x(total(row)) + 8), y, class: 'row-sum' }, chart.unit(total(row))));
  });
  return {
    svg,
    count: rows.length,
    hit: (_, y) => (y >= top && y < top + rows.length * pitch ? Math.floor((y - top) / pitch) : undefined),
    step: (from, arrow) => (arrow === 'ArrowDown' || arrow === 'ArrowRight' ? from + 1 : from - 1),
    layer: (i) => rows[i]?.layer,
    pointOf: (layer) => indexOrNone(rows.findIndex((r) => r.layer === layer)),
    tip: (i) => tipOf(chart, rows[i]!),
    mark: (as, i) => {
      const mark = marks[as];
      mark.setAttribute('class', i === undefined ? 'row-mark' : `row-mark ${as}`);
      if (i !== undefined)
        for (const [name, value] of Object.entries({
          x: 1,
          y: top + i * pitch + 1,
          width: width - 2,
          height: pitch - 2,
          rx: 4,
        }))
          mark.setAttribute(name, String(value));
    },
    table: () => ({
      head: [
        chart.rowName,
        `${chart.sumName} [${chart.unitName}]`,
        ...chart.series.map((s) => `${s} [${chart.unitName}]`),
      ],
      rows: rows.map((r) => [r.name, total(r), ...r.values]),
    }),
  };
}

/** Narrow columns keep the end of a path, which tells more than its start. */
const shortEnd = (name: string, width: number): string =>
  width < 24 && name.length > width ? `…${name.slice(1 - width)}` : shorten(name, width);

const indexOrNone = (i: number): number | undefined => (i < 0 ? undefined : i);

const over = (fill: string | undefined, d: string): SVGElement[] =>
  fill === undefined ? [] : [shape('path', { d, fill })];

function drawAxis(
  svg: SVGSVGElement,
  ticks: readonly number[],
  x: (v: number) => number,
  top: number,
  bottom: number,
  unit: (v: number) => string,
): void {
  for (const tick of ticks)
    svg.append(
      shape('path', { d: `M${px(x(tick))},${top - 4}V${bottom}`, class: 'grid' }),
      shape('text', { x: px(x(tick)), y: top - 9, class: 'tick' }, fmt.tick(unit(tick))),
    );
}

/** One path a series: drawings of thousands of layers stay small. */
function drawStacks(
  svg: SVGSVGElement,
  { series, rows, isShare }: BarChart,
  x: (v: number) => number,
  top: number,
  overlay: (series: number) => string | undefined,
): void {
  const paths = series.map(() => '');
  rows.forEach((row, i) => {
    const y = top + i * pitch + (pitch - thickness) / 2;
    const all = total(row);
    let sum = 0;
    row.values.forEach((value, s) => {
      const [from, to] = [sum, sum + (isShare ? (all > 0 ? value / all : 0) : value)];
      sum = to;
      const wide = x(to) - x(from);
      // A hair of the page between neighbours tells them apart where their colours alone might not.
      if (wide > 0.05)
        paths[s] += `M${px(x(from))},${y}h${px(wide > 3 ? wide - 1 : wide)}v${thickness}H${px(x(from))}z`;
    });
  });
  paths.forEach((d, s) => d !== '' && svg.append(shape('path', { d, class: `s${s + 1}` }), ...over(overlay(s), d)));
}

const tipOf = (chart: BarChart, row: BarRow): ReturnType<Drawing['tip']> => {
  const sum = total(row);
  const parts = row.values.map((value, s) => [chart.series[s]!, value] as const).filter(([, value]) => value > 0);
  return {
    title: row.name,
    lines: [
      [chart.sumName, chart.unit(sum)],
      ...parts.map(([name, value]): [string, string] => [name, `${chart.unit(value)} (${fmt.percent(value / sum)})`]),
    ],
  };
};
