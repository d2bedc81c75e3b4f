import type { DataTable } from './files.ts';

/** What stands beside a point that is pointed at or focused. */
export interface Tip {
  readonly title: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
}

/** A drawing as its figure handles it. Points are numbered from 0; coordinates are those of the view box. */
export interface Drawing {
  readonly svg: SVGSVGElement;
  readonly count: number;
  hit(x: number, y: number): number | undefined;
  /** The point that an arrow key leads to. */
  step(from: number, key: string): number;
  /** The layer that a point stands for. */
  layer(point: number): number | undefined;
  pointOf(layer: number): number | undefined;
  tip(point: number): Tip;
  mark(as: 'focused' | 'selected', point: number | undefined): void;
  table(): DataTable;
  zoom?(how: string): void;
  find?(text: string): number;
}

export type Controls = Readonly<Record<string, string>>;

/** Draws again whenever width or controls change. */
export type Draw = (width: number, controls: Controls) => Drawing;
