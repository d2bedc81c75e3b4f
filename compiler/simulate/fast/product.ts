import type { FloatCode } from './instance.ts';

/** Entries of k summed in registers at a time, and pixels finished before the next: what the caches hold. */
const depthBlock = 256;
const tilePixels = 128;

export const panelPixels = 8;
export const wholePanels = (pixels: number): number => Math.ceil(pixels / panelPixels) * panelPixels;

/** Elements of room that `tile` needs. */
export const tileRoom: number = depthBlock * tilePixels;

/** A matrix inside an array: element [row, column] is at start + row * rowStep + column * columnStep. */
export interface MatrixView {
  readonly data: Float32Array;
  readonly start: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Copies `rows` x `depth` elements in the order in which the kernel meets them; takes rows * depth elements. */
export function packRows(to: Float32Array, rows: number, depth: number, from: MatrixView): void {
  let out = 0;
  for (let k = 0; k < depth; k += depthBlock) {
    const columns = Math.min(depthBlock, depth - k);
    for (let row = 0; row < rows;) {
      const left = rows - row;
      const block = left >= 4 ? 4 : left >= 2 ? 2 : 1;
      packBlock(to, out, block, columns, from, from.start + row * from.rowStep + k * from.columnStep);
      out += block * columns;
      row += block;
    }
  }
}

function packBlock(
  to: Float32Array,
  out: number,
  rows: number,
  columns: number,
  from: MatrixView,
  start: number,
): void {
  const { data, rowStep, columnStep } = from;
  for (let row = 0; row < rows; row++) {
    let at = start + row * rowStep;
    const end = out + row + rows * columns;
    for (let i = out + row; i < end; i += rows, at += columnStep) to[i] = data[at]!;
  }
}

/** Addresses in the kernel's memory. `bases` has whole panels of 8 entries; `bias` is 0 for none; `pitch` in bytes. */
export interface Product {
  readonly a: number;
  readonly rows: number;
  readonly depth: number;
  readonly x: number;
  readonly offsets: number;
  readonly bases: number;
  readonly pixels: number;
  readonly bias: number;
  readonly tile: number;
  readonly c: number;
  readonly pitch: number;
}

/** C[row, p] = bias[row] + sum over k of A[row, k] * X[bases[p] + offsets[k]], whole panels of 8 pixels at a time. */
export function multiply(code: FloatCode, p: Product): void {
  for (let first = 0; first < p.pixels; first += tilePixels) {
    const panels = Math.ceil(Math.min(tilePixels, p.pixels - first) / panelPixels);
    const c = p.c + first * 4;
    code.startRows(c, p.pitch, p.rows, panels, p.bias);
    for (let k = 0; k < p.depth; k += depthBlock) {
      const depth = Math.min(depthBlock, p.depth - k);
      code.addTile(
        p.a + p.rows * k * 4,
        p.rows,
        depth,
        p.x,
        p.offsets + k * 4,
        p.bases + first * 4,
        panels,
        p.tile,
        c,
        p.pitch,
      );
    }
  }
}
