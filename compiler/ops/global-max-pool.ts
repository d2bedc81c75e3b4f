import { nest, read, work } from '../../hw-models/work/build.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { planeNest, planeShape, spatialOf } from './kit/pool.ts';

/** The greatest element of each channel of each image. NaN counts as the greatest. */
export const globalMaxPool = defineOp('global-max-pool', {
  doc: 'Greatest element over all spatial axes.',
  onnx: { type: 'GlobalMaxPool' },
  operands: ['x'],
  infer: ({ x }) => {
    mustBe('global-max-pool', 'number', x);
    return { format: x.format, shape: planeShape(spatialOf('global-max-pool', x, 0)) };
  },
  evaluate: ({ x }) => {
    const values = numbers(x);
    const pixels = sizeOf(x.shape.slice(2));
    return build(x.format, planeShape(x.shape), (plane) => {
      let best = -Infinity;
      for (let i = plane * pixels; i < (plane + 1) * pixels; i++) best = Math.max(best, values[i]!);
      return best;
    });
  },
  work: ({ x }, _, { out }) => {
    const p = planeNest(x.shape);
    return work(
      { x: operandOf(x), out: operandOf(out[0]!, 'output') },
      nest({ loops: p.loops, reads: [p.x], write: p.plane('out'), combine: 'max', compute: read(0) }),
    );
  },
  examples: [{ x: 'f32[1,2,2,2] 1 2 3 4 -10 -20 -30 -5', out: 'f32[1,2,1,1] 4 -5' }, { x: 'f16[2,3,5] ~1' }],
});
