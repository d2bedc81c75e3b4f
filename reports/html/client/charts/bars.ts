import type { Chart, ChartConfiguration, ChartDataset, Plugin } from 'chart.js';
import { shorten } from '../../../../src/base/text.ts';
import { fmt } from '../../format.ts';
import type { Drawing, Surface } from '../drawing.ts';
import { charted, fillPage, Host, still, stillOf, write } from './canvas.ts';
import type { Ink } from './ink.ts';
import { fillsOf } from './patterns.ts';
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
/** Pixels that a canvas may be high in every browser. */
const highest = 16_000;
const total = (row: BarRow): number => row.values.reduce((n, x) => n + x, 0);

/** Numbers of rows that are marked, among those that a canvas shows. */
interface Marks {
  focused: number | undefined;
  selected: number | undefined;
}

/** Horizontal stacked bars, one a row, with names at the left and totals at the right end. */
export function drawBars(data: BarChart, surface: Surface): Drawing {
  const { rows } = data;
  const marks: Marks = { focused: undefined, selected: undefined };
  // Only the rows in view are drawn, however many there are: the canvas stays in place while the figure scrolls.
  const shown = { first: 0, count: Math.min(rows.length, Math.max(4, Math.floor(surface.height / pitch))) };
  const inWindow = (i: number | undefined): number | undefined => (i === undefined ? undefined : i - shown.first);
  const chart = chartOf(data, rows.slice(0, shown.count), surface, {
    get focused() {
      return inWindow(marks.focused);
    },
    get selected() {
      return inWindow(marks.selected);
    },
  });
  const { top } = chart.chartArea;
  const below = chart.height - chart.chartArea.bottom;
  const host = new Host(chart.canvas, top + rows.length * pitch + below);
  // The legend and the axis stay above the rows; two rows make up for what is left over below them.
  host.keepClear(top + 12, 2 * pitch);
  const show = (first: number): void => {
    shown.first = first;
    fill(chart, data, rows.slice(first, first + shown.count));
    chart.update('none');
  };
  const closing = new AbortController();
  if (chart.height > surface.height) {
    shown.count = Math.max(4, Math.floor((surface.height - top - below) / pitch));
    show(0);
    chart.resize(surface.width, top + shown.count * pitch + below);
    // A scroll is seen on its way down to the element that scrolls, which is the parent of the host.
    const onScroll = ({ target }: Event): void => {
      if (!(target instanceof Element) || target !== host.node.parentElement) return;
      const last = rows.length - shown.count;
      const isAtEnd = target.scrollTop + target.clientHeight >= target.scrollHeight - 1;
      const first = isAtEnd ? last : Math.min(last, Math.round(target.scrollTop / pitch));
      if (first !== shown.first) show(first);
    };
    document.addEventListener('scroll', onScroll, { capture: true, signal: closing.signal });
  }
  return {
    node: host.node,
    count: rows.length,
    hit: (_, y) => {
      const i = Math.floor((y - chart.canvas.getBoundingClientRect().top - top) / pitch);
      return i >= 0 && i < shown.count ? i + shown.first : undefined;
    },
    step: (from, arrow) => (arrow === 'ArrowDown' || arrow === 'ArrowRight' ? from + 1 : from - 1),
    layer: (i) => rows[i]?.layer,
    pointOf: (layer) => indexOrNone(rows.findIndex((r) => r.layer === layer)),
    tip: (i) => tipOf(data, rows[i]!),
    spot: (i) => host.spot(0, top + i * pitch, surface.width, pitch),
    mark: (as, i) => {
      marks[as] = i;
      chart.draw();
    },
    table: () => tableOf(data),
    pictures: (still, rowsEach) => {
      const each = Math.max(1, Math.min(rows.length, rowsEach));
      const ratio = Math.min(still.ratio, highest / (each * pitch + 100));
      return Array.from({ length: Math.max(1, Math.ceil(rows.length / each)) }, (_, n) => {
        const part = rows.slice(n * each, (n + 1) * each);
        return stillOf(chartOf(data, part, { ...still, ratio }, { focused: undefined, selected: undefined }));
      });
    },
    close: () => {
      closing.abort();
      chart.destroy();
    },
  };
}

const indexOrNone = (i: number): number | undefined => (i < 0 ? undefined : i);

/** A chart of some of the rows, on the scale of all. */
function chartOf(data: BarChart, rows: readonly BarRow[], surface: Surface, marks: Readonly<Marks>): Chart<'bar'> {
  const { width, ink } = surface;
  const left = Math.round(Math.min(280, Math.max(110, width * 0.28)));
  const right = data.isShare ? 24 : 84;
  const most = data.isShare ? 1 : data.rows.reduce((m, r) => Math.max(m, total(r)), 0);
  const ticks = niceTicks(most, width < 500 ? 2 : 4);
  const letters = Math.floor((left - 14) / 6.5);
  const perPixel = (most || 1) / Math.max(40, width - left - right);
  const options: ChartConfiguration<'bar'>['options'] = {
    ...still(surface),
    indexAxis: 'y',
    layout: { padding: { right, bottom: 8 } },
    scales: {
      x: {
        position: 'top',
        stacked: true,
        min: 0,
        max: most || 1,
        afterBuildTicks: (scale) => (scale.ticks = ticks.map((value) => ({ value }))),
        border: { display: false },
        grid: { color: ink.grid, tickLength: 4 },
        ticks: {
          color: ink.muted,
          maxRotation: 0,
          callback: (value) => fmt.tick((data.isShare ? fmt.percent : data.unit)(Number(value))),
        },
      },
      y: {
        stacked: true,
        afterFit: (scale) => (scale.width = left),
        border: { display: false },
        grid: { display: false },
        ticks: {
          autoSkip: false,
          // Above the marks of rows, which lie above the grid.
          z: 1,
          color: ink.text,
          padding: 8,
          callback(value) {
            return shortEnd(this.getLabelForValue(Number(value)), letters);
          },
        },
      },
    },
    plugins: {
      legend: {
        align: 'start',
        labels: {
          boxWidth: 12,
          boxHeight: 12,
          padding: 10,
          color: ink.text,
          // The box of a mark has no border; the hair between neighbours is for the bars.
          generateLabels: (chart) =>
            chart.data.datasets.map((set) => ({
              text: shorten(set.label!, Math.min(42, Math.floor(width / 7) - 4)),
              fillStyle: set.backgroundColor as string,
              fontColor: ink.text,
              lineWidth: 0,
            })),
        },
      },
    },
  };
  const fills = fillsOf(ink, surface.ratio);
  const datasets = data.series.map((label, s): ChartDataset<'bar'> => ({
    label,
    data: [],
    backgroundColor: fills[s % fills.length]!,
    borderColor: ink.page,
    borderSkipped: false,
    // A hair of the page between neighbours tells them apart where their colours alone might not.
    borderWidth: ({ raw }) => ({ top: 0, bottom: 0, left: 0, right: Number(raw) > 3 * perPixel ? 1 : 0 }),
    barThickness: thickness,
  }));
  const config: ChartConfiguration<'bar'> = {
    type: 'bar',
    data: { labels: [], datasets },
    options,
    plugins: [rowPlugin(data, ink, marks)],
  };
  fill(config, data, rows);
  return charted(width, rows.length * pitch, config);
}

/** Puts rows into a chart. */
function fill(chart: Pick<Chart<'bar'>, 'data'>, { isShare }: BarChart, rows: readonly BarRow[]): void {
  const sums = rows.map((row) => (isShare ? total(row) || 1 : 1));
  chart.data.labels = rows.map((r) => r.name);
  chart.data.datasets.forEach((set, s) => (set.data = rows.map((r, i) => r.values[s]! / sums[i]!)));
}

/** Marked rows behind the bars, and totals at their ends. */
const rowPlugin = (data: BarChart, ink: Ink, marks: Readonly<Marks>): Plugin<'bar'> => ({
  id: 'rows',
  beforeDraw: (chart) => fillPage(chart, ink),
  beforeDatasetsDraw(chart) {
    if (marks.focused !== undefined) markRow(chart, marks.focused, ink.raised, ink.muted);
    if (marks.selected !== undefined) markRow(chart, marks.selected, ink.marked, ink.accent);
  },
  afterDatasetsDraw(chart) {
    if (data.isShare) return;
    const { x, y } = chart.scales;
    chart.data.labels!.forEach((_, i) => {
      const sum = chart.data.datasets.reduce((n, set) => n + Number(set.data[i]), 0);
      write(chart.ctx, ink, data.unit(sum), x!.getPixelForValue(sum) + 8, y!.getPixelForValue(i) + 4, {
        colour: ink.muted,
      });
    });
  },
});

function markRow({ ctx, chartArea, width }: Chart<'bar'>, row: number, inside: string, edge: string): void {
  const top = chartArea.top + row * pitch;
  if (row < 0 || top + pitch > chartArea.bottom + 1) return;
  ctx.save();
  ctx.fillStyle = inside;
  ctx.strokeStyle = edge;
  ctx.beginPath();
  ctx.roundRect(1, top + 1, width - 2, pitch - 2, 4);
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}

/** Narrow columns keep the end of a path, which tells more than its start. */
const shortEnd = (name: string, width: number): string =>
  width < 24 && name.length > width ? `…${name.slice(1 - width)}` : shorten(name, width);

const tableOf = ({ rows, series, sumName, unitName, rowName }: BarChart): ReturnType<Drawing['table']> => ({
  head: [rowName, `${sumName} [${unitName}]`, ...series.map((s) => `${s} [${unitName}]`)],
  rows: rows.map((r) => [r.name, total(r), ...r.values]),
});

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
