import type { Ink } from './charts/ink.ts';
import type { DataTable } from './files.ts';

/** What stands beside a point that is pointed at or focused. */
export interface Tip {
  readonly title: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
}

/** What is drawn on. Sizes are CSS pixels; `ratio` is the pixels of the canvas to one of them. */
export interface Surface {
  readonly width: number;
  /** A drawing that is higher than this scrolls. */
  readonly height: number;
  readonly ink: Ink;
  readonly ratio: number;
}

/** A drawing as its figure handles it. Points are numbered from 0; coordinates are those of the window. */
export interface Drawing {
  readonly node: HTMLElement | SVGSVGElement;
  readonly count: number;
  hit(x: number, y: number): number | undefined;
  /** The point that an arrow key leads to. */
  step(from: number, key: string): number;
  /** The layer that a point stands for. */
  layer(point: number): number | undefined;
  pointOf(layer: number): number | undefined;
  tip(point: number): Tip;
  /** An element that lies where the mark of the point does. */
  spot(point: number): Element;
  mark(as: 'focused' | 'selected', point: number | undefined): void;
  table(): DataTable;
  /** All of it as still pictures for paper and files, each with at most so many rows; SVG needs none. */
  pictures?(surface: Surface, rowsEach: number): HTMLCanvasElement[];
  /** Gives back what the drawing holds. */
  close?(): void;
  zoom?(how: string): void;
  find?(text: string): number;
}

export type Controls = Readonly<Record<string, string>>;

/** Draws again whenever width, colours or controls change. */
export type Draw = (surface: Surface, controls: Controls) => Drawing;
