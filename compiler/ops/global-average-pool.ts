import { call, nest, read, work } from '../../hw-models/work/build.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { planeNest, planeShape, spatialOf } from './kit/pool.ts';

/** Sums of the elements of each plane of x[n, c, ...], in doubles. */
export function planeSums(values: ArrayLike<number>, shape: readonly number[]): Float64Array {
  const pixels = sizeOf(shape.slice(2));
  return Float64Array.from({ length: sizeOf(shape.slice(0, 2)) }, (_, plane) => {
    let sum = 0;
    for (let i = plane * pixels; i < (plane + 1) * pixels; i++) sum += values[i]!;
    return sum;
  });
}

/** The mean of each channel of each image. */
export const globalAveragePool = defineOp('global-average-pool', {
  doc: 'Mean over all spatial axes.',
  onnx: { type: 'GlobalAveragePool' },
  operands: ['x'],
  infer: ({ x }) => {
    mustBe('global-average-pool', 'float', x);
    return { format: x.format, shape: planeShape(spatialOf('global-average-pool', x, 0)) };
  },
  evaluate: ({ x }) => {
    const sums = planeSums(numbers(x), x.shape);
    const pixels = sizeOf(x.shape.slice(2));
    return build(x.format, planeShape(x.shape), (i) => sums[i]! / pixels);
  },
  work: ({ x }, _, { out }) => {
    const p = planeNest(x.shape);
    return work(
      { x: operandOf(x), sum: operandOf(out[0]!, 'scratch'), out: operandOf(out[0]!, 'output') },
      nest({ loops: p.loops, reads: [p.x], write: p.plane('sum'), combine: 'add', compute: read(0) }),
      nest({
        loops: p.outer,
        reads: [p.plane('sum')],
        write: p.plane('out'),
        compute: call('mul', read(0), 1 / sizeOf(x.shape.slice(2))),
      }),
    );
  },
  examples: [
    { x: 'f32[1,2,2,2] 1 2 3 4 10 10 10 30', out: 'f32[1,2,1,1] 2.5 15' },
    { x: 'f16[2,3,5] ~1' },
    { x: 'f64[2,2,2,3,2] ~2' },
  ],
});
