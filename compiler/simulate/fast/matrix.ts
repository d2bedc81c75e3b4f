import { workspace, type Workspace } from './instance.ts';
import { standardLimits, type Limits } from './limits.ts';
import { mostRows, multiply, packRows, panelPixels, productRoom, wholePanels, type MatrixView } from './product.ts';

export interface MatrixSizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** The right factor: rows next to each other in memory, or columns when `transposed`. */
export interface RightMatrix {
  readonly data: Float32Array;
  readonly start: number;
  readonly transposed: boolean;
}

/** A finished part of a product: rows `pitch` elements apart. Valid only during the call. */
export interface Part {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
  readonly data: Float32Array;
  readonly pitch: number;
}

/** Products of matrices of one size, part by part. */
export interface MatrixProduct {
  run(a: MatrixView, b: RightMatrix, take: (part: Part) => void): void;
}

/** Undefined when the kernels cannot hold it, or there is nothing to add up. */
export function matrixProduct(sizes: MatrixSizes, limits: Limits = standardLimits): MatrixProduct | undefined {
  const { m, k, n } = sizes;
  if (m === 0 || k === 0 || n === 0) return undefined;
  const columns = Math.min(n, Math.max(panelPixels, Math.floor(limits.chunk / k)));
  const rows = Math.min(
    m,
    mostRows,
    Math.max(1, Math.min(Math.floor(limits.weights / k), Math.floor(limits.chunk / columns))),
  );
  const pitch = wholePanels(columns);
  const space = workspace({ x: k * columns, offsets: k, bases: pitch, ...productRoom(rows, k), c: rows * pitch });
  if (!space) return undefined;
  return {
    run(a, b, take) {
      for (let row = 0; row < m; row += rows) {
        const height = Math.min(rows, m - row);
        packRows(space.doubles.weights, height, k, { ...a, start: a.start + row * a.rowStep });
        for (let column = 0; column < n; column += columns) {
          const width = Math.min(columns, n - column);
          loadColumns(space, b, sizes, column, width);
          multiplyPart(space, height, k, width);
          take({ row, rows: height, column, columns: width, data: space.floats.c, pitch: wholePanels(width) });
        }
      }
    },
  };
}

type Space = Workspace<'x' | 'offsets' | 'bases' | 'weights' | 'tile' | 'sums' | 'c'>;

/** Copies some columns of the right factor, and tells where their elements lie. */
function loadColumns(
  { floats, wholes }: Space,
  b: RightMatrix,
  { k, n }: MatrixSizes,
  column: number,
  width: number,
): void {
  if (b.transposed) floats.x.set(b.data.subarray(b.start + column * k, b.start + (column + width) * k));
  else if (width === n) floats.x.set(b.data.subarray(b.start, b.start + k * n));
  else
    for (let row = 0, from = b.start + column; row < k; row++, from += n)
      floats.x.set(b.data.subarray(from, from + width), row * width);
  const [rowBytes, columnBytes] = b.transposed ? [4, 4 * k] : [4 * width, 4];
  for (let row = 0; row < k; row++) wholes.offsets[row] = row * rowBytes;
  for (let i = 0; i < wholePanels(width); i++) wholes.bases[i] = Math.min(i, width - 1) * columnBytes;
}

function multiplyPart({ code, address }: Space, rows: number, depth: number, pixels: number): void {
  multiply(code, { ...address, rows, depth, pixels, bias: 0, pitch: wholePanels(pixels) * 4 });
}
