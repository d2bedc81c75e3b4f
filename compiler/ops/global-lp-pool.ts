import { nest, read, work } from '../../hw-models/work/build.ts';
import { build, numbers } from '../tensor/tensor.ts';
import { float } from './attrs.ts';
import { defineOp } from './define.ts';
import { planeSums } from './global-average-pool.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { planeNest, planeShape, spatialOf } from './kit/pool.ts';
import { powerNorm } from './kit/power.ts';

/** (sum of |x|^p)^(1/p) of each channel of each image. */
export const globalLpPool = defineOp('global-lp-pool', {
  doc: 'p-norm over all spatial axes.',
  // p was a float in opset 1.
  onnx: {
    type: 'GlobalLpPool',
    attrs: ['p'],
    read: ({ attributes }) => ({ attrs: { p: attributes.float('p') ?? 2 } }),
  },
  operands: ['x'],
  attrs: { p: float('order of the norm', 2) },
  infer: ({ x }, { p }) => {
    mustBe('global-lp-pool', 'float', x);
    powerNorm(p);
    return { format: x.format, shape: planeShape(spatialOf('global-lp-pool', x, 0)) };
  },
  evaluate: ({ x }, { p }) => {
    const { power, root } = powerNorm(p);
    const sums = planeSums(Float64Array.from(numbers(x), power), x.shape);
    return build(x.format, planeShape(x.shape), (i) => root(sums[i]!));
  },
  work: ({ x }, { p }, { out }) => {
    const n = planeNest(x.shape);
    const { powerOf, rootOf } = powerNorm(p);
    return work(
      { x: operandOf(x), sum: operandOf(out[0]!, 'scratch'), out: operandOf(out[0]!, 'output') },
      nest({ loops: n.loops, reads: [n.x], write: n.plane('sum'), combine: 'add', compute: powerOf(read(0)) }),
      nest({ loops: n.outer, reads: [n.plane('sum')], write: n.plane('out'), compute: rootOf(read(0)) }),
    );
  },
  examples: [
    { x: 'f32[1,1,2,2] 1 -2 2 4', out: 'f32[1,1,1,1] 5' },
    { x: 'f32[1,1,3] 1 -2 2', attrs: { p: 1 }, out: 'f32[1,1,1] 5' },
    { x: 'f64[2,2,4,5] ~1', attrs: { p: 3 } },
  ],
});
