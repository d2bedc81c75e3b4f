import type { LegendItem, LegendOptions } from 'chart.js';
import { color } from 'chart.js/helpers';
import { shorten } from '../../../../src/base/text.ts';
import type { Ink } from './ink.ts';

/** `scale` gives each outline the area of the circle. */
const outlines = [
  { pointStyle: 'circle', scale: 1, rotation: 0 },
  { pointStyle: 'rect', scale: 1.253, rotation: 0 },
  { pointStyle: 'triangle', scale: 1.555, rotation: 0 },
  { pointStyle: 'rectRot', scale: 1.253, rotation: 0 },
  { pointStyle: 'triangle', scale: 1.555, rotation: 180 },
  { pointStyle: 'cross', scale: 1.2, rotation: 0 },
] as const;

export interface Marker {
  readonly pointStyle: (typeof outlines)[number]['pointStyle'];
  readonly radius: number;
  readonly rotation: number;
  readonly fillStyle: string;
  readonly strokeStyle: string;
  readonly lineWidth: number;
}

/** The mark of a kind of op: its own colour and its own shape. */
export function marker(kind: number, radius: number, ink: Ink): Marker {
  const { pointStyle, scale, rotation } = outlines[kind % outlines.length]!;
  const colour = ink.series[kind % ink.series.length]!;
  const isLines = pointStyle === 'cross';
  return {
    pointStyle,
    rotation,
    radius: radius * scale,
    fillStyle: color(colour).alpha(0.8).rgbString(),
    strokeStyle: isLines ? colour : ink.page,
    lineWidth: isLines ? Math.max(2.5, radius * 0.6) : 1,
  };
}

/** Labels of a legend that shows the marks of kinds. */
export const namedKinds = (kinds: readonly string[], ink: Ink): Partial<LegendOptions<'scatter'>['labels']> => ({
  usePointStyle: true,
  boxWidth: 12,
  boxHeight: 9,
  padding: 14,
  color: ink.text,
  generateLabels: () =>
    kinds.map((name, i): LegendItem => {
      const { radius: _, ...mark } = marker(i, 5, ink);
      return { text: shorten(name, 42), fontColor: ink.text, ...mark };
    }),
});
