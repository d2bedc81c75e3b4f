import type { Chart } from 'chart.js';
import { shorten } from '../../../../src/base/text.ts';
import { fmt } from '../../format.ts';
import type { LoadedRun } from '../load.ts';
import { write } from './canvas.ts';
import type { Ink } from './ink.ts';

/** The highest rate of some precisions, in MACs a second. */
export interface Roof {
  readonly name: string;
  readonly rate: number;
  readonly isUsed: boolean;
}

/** The roofs between two intensities, with the memory and the rate that matter most. */
export interface Roofs {
  readonly run: LoadedRun;
  readonly memory: number;
  readonly roofs: readonly Roof[];
  readonly main: Roof;
  readonly left: number;
  readonly right: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

interface RoofLine {
  readonly ends: readonly [Place, Place];
  readonly isMain: boolean;
  readonly dash: readonly number[];
}

const ridgeOf = ({ run, main }: Roofs, memory: number): number => main.rate / run.bandwidths[memory]!;

/** A slope for each memory up to its ridge, and a level for each rate from the slope of the memory on. */
export function roofLines(over: Roofs): RoofLine[] {
  const { run, memory, left, right } = over;
  const dashOf = (isMain: boolean): number[] => (isMain ? [] : [5, 4]);
  const slopes = run.bandwidths.flatMap((bandwidth, i): RoofLine[] => {
    const end = Math.min(ridgeOf(over, i), right);
    const isMain = i === memory;
    if (end < left) return [];
    return [
      { ends: [left, end].map((x) => ({ x, y: x * bandwidth })) as [Place, Place], isMain, dash: dashOf(isMain) },
    ];
  });
  const levels = over.roofs.flatMap(({ rate, isUsed }): RoofLine[] => {
    const from = Math.max(left, rate / run.bandwidths[memory]!);
    if (from > right) return [];
    return [
      { ends: [from, right].map((x) => ({ x, y: rate })) as [Place, Place], isMain: isUsed, dash: dashOf(isUsed) },
    ];
  });
  return [...slopes, ...levels];
}

/** From where slope and main roof meet down to the axis. */
export function ridgeLine(over: Roofs, low: number): RoofLine {
  const x = ridgeOf(over, over.memory);
  return {
    ends: [
      { x, y: over.main.rate },
      { x, y: low },
    ],
    isMain: false,
    dash: [2, 3],
  };
}

/** Writes each roof's name along its line. */
export function nameRoofs(chart: Chart<'scatter'>, over: Roofs, ink: Ink): void {
  over.run.bandwidths.forEach((_, i) => i !== over.memory && nameSlope(chart, over, i, ink));
  nameSlope(chart, over, over.memory, ink);
  nameLevels(chart, over, ink);
  nameRidge(chart, over, ink);
}

function nameSlope({ ctx, scales }: Chart<'scatter'>, over: Roofs, memory: number, ink: Ink): void {
  const [x, y] = [scales.x!, scales.y!];
  const bandwidth = over.run.bandwidths[memory]!;
  const isMain = memory === over.memory;
  // The name lies along the part of the line that is inside the frame.
  const start = Math.max(over.left, y.min / bandwidth);
  const end = Math.min(ridgeOf(over, memory), over.right);
  const [x0, x1] = [x.getPixelForValue(start), x.getPixelForValue(end)];
  if (start >= end || x1 - x0 < 120) return;
  const [y0, y1] = [y.getPixelForValue(start * bandwidth), y.getPixelForValue(end * bandwidth)];
  const name = `${shorten(over.run.memories[memory]!, 24)} ${fmt.rate(bandwidth, 'B/s')}`;
  write(ctx, ink, name, (x0 + x1) / 2, (y0 + y1) / 2, {
    align: 'center',
    isBold: isMain,
    colour: isMain ? ink.text : ink.muted,
    turn: Math.atan2(y1 - y0, x1 - x0),
    lift: 6,
    halo: true,
  });
}

function nameLevels({ ctx, scales, chartArea }: Chart<'scatter'>, over: Roofs, ink: Ink): void {
  const labelled: number[] = [];
  const y = scales.y!;
  for (const roof of [...over.roofs.filter((r) => r.isUsed), ...over.roofs.filter((r) => !r.isUsed)]) {
    const from = roof.rate / over.run.bandwidths[over.memory]!;
    if (from > over.right || roof.rate < y.min || roof.rate > y.max) continue;
    const at = y.getPixelForValue(roof.rate);
    // Used roofs come first; a label that would lie on another, or on the frame, is left to the data.
    if (at - chartArea.top < 18 || labelled.some((other) => Math.abs(at - other) < 16)) continue;
    labelled.push(at);
    write(ctx, ink, `${roof.name} ${fmt.rate(roof.rate, 'MAC/s')}`, chartArea.right - 6, at - 6, {
      align: 'right',
      isBold: roof.isUsed,
      colour: roof.isUsed ? ink.text : ink.muted,
      halo: true,
    });
  }
}

function nameRidge({ ctx, scales, chartArea }: Chart<'scatter'>, over: Roofs, ink: Ink): void {
  const ridge = ridgeOf(over, over.memory);
  if (ridge < over.left || ridge > over.right) return;
  const [cx, cy] = [scales.x!.getPixelForValue(ridge), scales.y!.getPixelForValue(over.main.rate)];
  ctx.save();
  ctx.fillStyle = ink.text;
  ctx.beginPath();
  ctx.arc(cx, cy, 3.5, 0, 2 * Math.PI);
  ctx.fill();
  ctx.restore();
  const name = `ridge ${fmt.plain(ridge)} MAC/B`;
  const isLeft = cx - chartArea.left > chartArea.right - cx;
  write(ctx, ink, name, cx + (isLeft ? -7 : 7), chartArea.bottom - 9, {
    align: isLeft ? 'right' : 'left',
    isBold: true,
    halo: true,
  });
}
