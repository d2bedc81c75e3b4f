import type { FloatCode } from './instance.ts';

/** Entries of k summed in registers at a time, and pixels finished before the next: what the caches hold. */
const depthBlock = 128;
const tilePixels = 128;

export const panelPixels = 8;
export const wholePanels = (pixels: number): number => Math.ceil(pixels / panelPixels) * panelPixels;

/** Rows of one product: what `sums` is made for. */
export const mostRows = 4096;

/** Elements of room for the packed weights, the tile and the sums of a product. */
export const productRoom = (rows: number, depth: number): Record<'weights' | 'tile' | 'sums', number> => ({
  weights: 2 * rows * depth,
  tile: 2 * depthBlock * tilePixels,
  sums: 2 * rows * tilePixels,
});

/** A matrix inside an array: element [row, column] is at start + row * rowStep + column * columnStep. */
export interface MatrixView {
  readonly data: Float32Array;
  readonly start: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Copies `rows` x `depth` elements in the order in which the kernel meets them. */
export function packRows(to: Float64Array, rows: number, depth: number, from: MatrixView): void {
  let out = 0;
  for (let k = 0; k < depth; k += depthBlock) {
    const columns = Math.min(depthBlock, depth - k);
    for (let row = 0; row < rows;) {
      const block = Math.min(2, rows - row);
      packBlock(to, out, block, columns, from, from.start + row * from.rowStep + k * from.columnStep);
      out += block * columns;
      row += block;
    }
  }
}

function packBlock(
  to: Float64Array,
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

/** Addresses in the kernels' memory. `bases` has whole panels of 8 entries; `bias` is 0 for none; `pitch` in bytes. */
export interface Product {
  readonly weights: number;
  readonly rows: number;
  readonly depth: number;
  readonly x: number;
  readonly offsets: number;
  readonly bases: number;
  readonly pixels: number;
  readonly bias: number;
  readonly tile: number;
  readonly sums: number;
  readonly c: number;
  readonly pitch: number;
}

/** C[row, p] = bias[row] + sum over k of A[row, k] * X[bases[p] + offsets[k]], whole panels of 8 pixels at a time. */
export function multiply(code: FloatCode, p: Product): void {
  const { rows, sums } = p;
  const sumPitch = tilePixels * 8;
  for (let first = 0; first < p.pixels; first += tilePixels) {
    const panels = Math.ceil(Math.min(tilePixels, p.pixels - first) / panelPixels);
    const bases = p.bases + first * 4;
    code.startRows(sums, sumPitch, rows, panels, p.bias);
    for (let k = 0; k < p.depth; k += depthBlock) {
      const depth = Math.min(depthBlock, p.depth - k);
      const a = p.weights + rows * k * 8;
      code.addTile(a, rows, depth, p.x, p.offsets + k * 4, bases, panels, p.tile, sums, sumPitch);
    }
    code.finishRows(sums, sumPitch, rows, panels, p.c + first * 4, p.pitch);
  }
}
