import { at, axisLoops, call, nest, read, work } from '../../hw-models/work/build.ts';
import type { Operand, Scalar } from '../../hw-models/work/types.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf, wholes, type Tensor } from '../tensor/tensor.ts';
import type { TensorType } from '../ir/types.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';

/** Batch and spatial sizes from size = [n, c, (d,) h, w]. */
function sizesOf(theta: TensorType, size: Tensor): number[] {
  const [batch, , ...sizes] = wholes(size);
  const rank = sizes.length;
  const fits =
    theta.shape.length === 3 && theta.shape[0] === batch && theta.shape[1] === rank && theta.shape[2] === rank + 1;
  if (!fits || (rank !== 2 && rank !== 3))
    misfit(
      'the matrices of an AffineGrid do not fit',
      `theta is ${showShape(theta.shape)}, the size ${showShape(wholes(size))}; [n, 2, 3] and [n, c, h, w], or [n, 3, 4] and [n, c, d, h, w] are needed`,
    );
  if (sizes.some((s) => s < 0) || batch! < 0)
    misfit('the size of an AffineGrid is negative', `it is ${showShape(wholes(size))}`);
  return [batch!, ...sizes];
}

/** Coordinates from -1 to 1 along an axis: of the outermost centres when aligned, else of the outer edges. */
export function gridLine(size: number, alignCorners: boolean): Float64Array {
  if (alignCorners) return Float64Array.from({ length: size }, (_, i) => (size === 1 ? 0 : -1 + (2 * i) / (size - 1)));
  return Float64Array.from({ length: size }, (_, i) => (2 * i + 1) / size - 1);
}

/** Positions for grid-sample: each point of a regular grid moved by an affine map, grid[n, ..., r] = theta[n, r] . (x, y, (z,) 1). */
export const affineGrid = defineOp('affine-grid', {
  doc: 'A regular grid of positions, moved by affine maps.',
  onnx: { type: 'AffineGrid', since: 20 },
  operands: ['theta', 'size'],
  attrs: {
    alignCorners: flag('-1 and 1 are the centres of the outermost elements, instead of their outer edges', false),
  },
  infer: ({ theta, size }) => {
    mustBe('affine-grid', 'float', theta);
    const sizes = sizesOf(theta, valueOf(size, 'the size of an AffineGrid'));
    return { format: theta.format, shape: [...sizes, sizes.length - 1] };
  },
  evaluate: ({ theta, size }, { alignCorners }) => {
    const [batch, ...sizes] = sizesOf(theta, size) as [number, ...number[]];
    const rank = sizes.length;
    const lines = sizes.map((s) => gridLine(s, alignCorners));
    const maps = numbers(theta);
    const points = sizeOf(sizes);
    return build(theta.format, [batch, ...sizes, rank], (i) => {
      const row = (Math.floor(i / (rank * points)) * rank + (i % rank)) * (rank + 1);
      let rest = Math.floor(i / rank) % points;
      let sum = maps[row + rank]!;
      // The last spatial axis is x, the first column of the map.
      for (let column = 0; column < rank; column++) {
        const axis = rank - 1 - column;
        sum += maps[row + column]! * lines[axis]![rest % sizes[axis]!]!;
        rest = Math.floor(rest / sizes[axis]!);
      }
      return sum;
    });
  },
  work: ({ theta }, { alignCorners }, { out }) => {
    const [, ...sizes] = out[0]!.shape.slice(0, -1);
    const rank = sizes.length;
    const loops = axisLoops('i', out[0]!.shape);
    const names = loops.map((l) => l.name);
    const operands: Record<string, Operand> = { theta: operandOf(theta), out: operandOf(out[0]!, 'output') };
    sizes.forEach(
      (s, axis) =>
        (operands[`line${axis}`] = {
          role: 'table',
          format: theta.format,
          shape: [s],
          data: gridLine(s, alignCorners),
        }),
    );
    const row = names.at(-1)!;
    const columns = Array.from({ length: rank }, (_, column) => column);
    const reads = [
      at('theta', 'i0', row, rank),
      ...columns.flatMap((c) => [at('theta', 'i0', row, c), at(`line${rank - 1 - c}`, names[rank - c]!)]),
    ];
    const compute = columns.reduce(
      (sum: Scalar, c) => call('add', sum, call('mul', read(2 * c + 1), read(2 * c + 2))),
      read(0),
    );
    return work(operands, nest({ loops, reads, write: at('out', ...names), compute }));
  },
  examples: [
    {
      theta: 'f32[1,2,3] 1 0 0 0 1 0',
      size: 'i64[4] 1 1 2 2',
      out: 'f32[1,2,2,2] -0.5 -0.5 0.5 -0.5 -0.5 0.5 0.5 0.5',
    },
    {
      theta: 'f32[1,2,3] 2 0 1 0 1 0',
      size: 'i64[4] 1 5 1 2',
      attrs: { alignCorners: true },
      out: 'f32[1,1,2,2] -1 0 3 0',
    },
    { theta: 'f32[2,3,4] ~1', size: 'i64[5] 2 1 2 3 4' },
  ],
});
