import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  type ChartConfiguration,
  type CoreChartOptions,
} from 'chart.js';
import { element } from '../dom.ts';
import type { Surface } from '../drawing.ts';
import type { Ink } from './ink.ts';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Legend);
Chart.register(ScatterController, PointElement, LineElement, LogarithmicScale);

export const fontSize = 12;

type Kind = 'bar' | 'scatter';

/** What all charts share: the figure has the pointer, the keys and the size, and nothing moves by itself. */
export const still = ({
  ratio,
  ink,
}: Surface): Pick<
  CoreChartOptions<Kind>,
  'responsive' | 'maintainAspectRatio' | 'events' | 'devicePixelRatio' | 'color'
> & { animation: false; font: { family: string; size: number } } => ({
  responsive: false,
  maintainAspectRatio: false,
  animation: false,
  events: [],
  devicePixelRatio: ratio,
  color: ink.text,
  font: { family: ink.font, size: fontSize },
});

/** A chart whose inner area, without axes and legend, has the wanted height. */
export function charted<K extends Kind>(width: number, inner: number, config: ChartConfiguration<K>): Chart<K> {
  const canvas = element('canvas', { width, height: inner + 80 });
  const chart = new Chart(canvas, config);
  const { top, bottom } = chart.chartArea;
  chart.resize(width, chart.height - (bottom - top) + inner);
  return chart;
}

/** The picture alone; the chart itself is given back. */
export function stillOf<K extends Kind>(chart: Chart<K>): HTMLCanvasElement {
  const { width, height } = chart.canvas;
  const copy = element('canvas', { width, height });
  copy.getContext('2d')!.drawImage(chart.canvas, 0, 0);
  chart.destroy();
  return copy;
}

/** Place for a chart, and for an element that lies where a mark of it does. */
export class Host {
  readonly node: HTMLElement;
  private readonly spotNode = element('div', { class: 'spot' });

  constructor(canvas: HTMLCanvasElement, height: number) {
    this.node = element('div', { class: 'host' }, canvas, this.spotNode);
    this.node.style.height = `${height}px`;
  }

  spot(left: number, top: number, width: number, height: number): Element {
    const { style } = this.spotNode;
    for (const [name, value] of Object.entries({ left, top, width, height })) style.setProperty(name, `${value}px`);
    return this.spotNode;
  }

  /** Scrolling to a spot leaves so much room above and below it. */
  keepClear(above: number, below: number): void {
    this.spotNode.style.scrollMarginTop = `${above}px`;
    this.spotNode.style.scrollMarginBottom = `${below}px`;
  }
}

export interface Words {
  readonly align?: CanvasTextAlign;
  readonly isBold?: boolean;
  readonly colour?: string;
  /** Radians, about the start of the text. */
  readonly turn?: number;
  /** Pixels above the line that the text lies along. */
  readonly lift?: number;
  readonly halo?: boolean;
}

/** Text on a canvas, with a halo of the page where it may lie on lines. */
export function write(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  text: string,
  x: number,
  y: number,
  { align = 'left', isBold = false, colour = ink.text, turn = 0, lift = 0, halo = false }: Words = {},
): void {
  pen.save();
  pen.translate(x, y);
  pen.rotate(turn);
  pen.font = `${isBold ? '600 ' : ''}${fontSize}px ${ink.font}`;
  pen.textAlign = align;
  pen.textBaseline = 'alphabetic';
  pen.lineJoin = 'round';
  pen.lineWidth = 3;
  pen.strokeStyle = ink.page;
  pen.fillStyle = colour;
  if (halo) pen.strokeText(text, 0, -lift);
  pen.fillText(text, 0, -lift);
  pen.restore();
}

/** The page behind the drawing: a saved picture has to stand on its own. */
export function fillPage({ ctx, width, height }: Chart<Kind>, { page }: Ink): void {
  ctx.save();
  ctx.fillStyle = page;
  ctx.fillRect(0, 0, width, height);
  ctx.restore();
}
