import { work } from '../../hw-models/work/build.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import type { TensorType } from '../ir/types.ts';
import { float, ints } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe, sameFormats } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';

function shapeOf(x: TensorType, rois: TensorType, pooled: readonly number[]): number[] {
  if (x.shape.length !== 4 || rois.shape.length !== 2 || rois.shape[1] !== 5)
    misfit(
      'the operands of a MaxRoiPool do not fit',
      `they are ${showShape(x.shape)} and ${showShape(rois.shape)}; [n, c, h, w] and [rois, 5] are needed`,
    );
  if (pooled.length !== 2 || pooled.some((p) => p < 1))
    misfit('pooled_shape does not fit', `it is [${pooled.join(',')}]; two positive sizes are needed`);
  return [rois.shape[0]!, x.shape[1]!, ...pooled];
}

/** Half-way cases away from zero, as C rounds. */
const rounded = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/** First element and element after the last of each bin of a roi from `start` to `end` (both inside it). */
function binsOf(start: number, end: number, bins: number, size: number): [from: number, to: number][] {
  const width = Math.max(end - start + 1, 1) / bins;
  const inside = (p: number): number => Math.min(size, Math.max(0, p + start));
  return Array.from({ length: bins }, (_, b) => [inside(Math.floor(b * width)), inside(Math.ceil((b + 1) * width))]);
}

/** The greatest element of each bin of a region; 0 for bins that lie outside the map. Rois are (map, x1, y1, x2, y2). */
export const maxRoiPool = defineOp('max-roi-pool', {
  doc: 'The greatest elements of the bins of regions.',
  onnx: { type: 'MaxRoiPool' },
  operands: ['x', 'rois'],
  attrs: {
    pooledShape: ints('bins from top to bottom and from left to right'),
    spatialScale: float('elements of the map per unit of the coordinates', 1),
  },
  infer: ({ x, rois }, { pooledShape }) => {
    mustBe('max-roi-pool', 'float', x, rois);
    sameFormats('max-roi-pool', x, rois);
    return { format: x.format, shape: shapeOf(x, rois, pooledShape) };
  },
  evaluate: ({ x, rois }, { pooledShape, spatialScale }) => {
    const shape = shapeOf(x, rois, pooledShape);
    const [count, channels, rows, columns] = shape as [number, number, number, number];
    const [maps, , height, width] = x.shape as [number, number, number, number];
    const [values, given] = [numbers(x), numbers(rois)];
    const results = new Float64Array(sizeOf(shape));
    for (let r = 0; r < count; r++) {
      const map = given[5 * r]!;
      if (!(Number.isInteger(map) && map >= 0 && map < maps)) misfit(`a roi names map ${map}`, `there are ${maps}`);
      const [x1, y1, x2, y2] = [1, 2, 3, 4].map((k) => rounded(given[5 * r + k]! * spatialScale)) as [
        number,
        number,
        number,
        number,
      ];
      const [down, across] = [binsOf(y1, y2, rows, height), binsOf(x1, x2, columns, width)];
      for (let c = 0; c < channels; c++) {
        const plane = (map * channels + c) * height * width;
        for (let i = 0; i < rows * columns; i++) {
          const [[top, bottom], [left, right]] = [down[Math.floor(i / columns)]!, across[i % columns]!];
          let greatest = bottom <= top || right <= left ? 0 : -Infinity;
          for (let h = top; h < bottom; h++)
            for (let w = left; w < right; w++) greatest = Math.max(greatest, values[plane + h * width + w]!);
          results[(r * channels + c) * rows * columns + i] = greatest;
        }
      }
    }
    return build(x.format, shape, (i) => results[i]!);
  },
  work: ({ x, rois }, _, { out }) => {
    const [count, channels] = out[0]!.shape as [number, number];
    const elements = count * channels * sizeOf(x.shape.slice(2));
    return work(
      { x: operandOf(x), rois: operandOf(rois), out: operandOf(out[0]!, 'output') },
      {
        kind: 'procedure',
        why: 'which elements a bin covers follows from the rois; counted are rois as large as the map, each element once',
        counts: { compare: elements },
        reads: { x: elements, rois: sizeOf(rois.shape) },
        writes: { out: sizeOf(out[0]!.shape) },
      },
    );
  },
  examples: [
    {
      x: 'f32[1,1,3,3] 1 2 3 4 5 6 7 8 9',
      rois: 'f32[2,5] 0 0 0 2 2 0 1 0 2 1',
      attrs: { pooledShape: [2, 2] },
      out: 'f32[2,1,2,2] 5 6 8 9 2 3 5 6',
    },
    {
      x: 'f32[1,1,2,2] -1 -2 -3 -4',
      rois: 'f32[1,5] 0 4 0 8 0',
      attrs: { pooledShape: [1, 2], spatialScale: 0.5 },
      out: 'f32[1,1,1,2] 0 0',
    },
  ],
});
