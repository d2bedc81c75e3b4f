import { nest, read, work } from '../../hw-models/work/build.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { float } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { eachTap, poolAttrNames, poolAttrs, poolNest, poolSizes, pooledShape, readPool } from './kit/pool.ts';
import { powerNorm } from './kit/power.ts';

/** (sum of |x|^p)^(1/p) over each window; padding counts as zeros. */
export const lpPool = defineOp('lp-pool', {
  doc: 'p-norm of the elements under a sliding window.',
  onnx: {
    type: 'LpPool',
    attrs: [...poolAttrNames, 'p'],
    // p was a float in opset 1.
    read: (node) => ({ attrs: { ...readPool(node), p: node.attributes.float('p') ?? 2 } }),
  },
  operands: ['x'],
  attrs: { ...poolAttrs, p: float('order of the norm', 2) },
  infer: ({ x }, attrs) => {
    mustBe('lp-pool', 'float', x);
    powerNorm(attrs.p);
    return { format: x.format, shape: pooledShape(poolSizes('lp-pool', x, attrs)) };
  },
  evaluate: ({ x }, attrs) => {
    const s = poolSizes('lp-pool', x, attrs);
    const { power, root } = powerNorm(attrs.p);
    const powers = Float64Array.from(numbers(x), power);
    const sums = new Float64Array(s.planes * sizeOf(s.output));
    eachTap(s, (o, i) => (sums[o]! += powers[i]!));
    return build(x.format, pooledShape(s), (i) => root(sums[i]!));
  },
  work: ({ x }, attrs, { out }) => {
    const p = poolNest(poolSizes('lp-pool', x, attrs));
    const { powerOf, rootOf } = powerNorm(attrs.p);
    return work(
      { x: operandOf(x), sum: operandOf(out[0]!, 'scratch'), out: operandOf(out[0]!, 'output') },
      nest({
        loops: [...p.outer, ...p.taps],
        reads: [p.x],
        write: p.result('sum'),
        combine: 'add',
        compute: powerOf(read(0)),
      }),
      nest({ loops: p.outer, reads: [p.result('sum')], write: p.result('out'), compute: rootOf(read(0)) }),
    );
  },
  examples: [
    { x: 'f32[1,1,4] 3 -4 0 5', attrs: { kernel: [2] }, out: 'f32[1,1,3] 5 4 5' },
    { x: 'f32[1,1,3] 1 -2 3', attrs: { kernel: [2], p: 1, pads: [1, 0] }, out: 'f32[1,1,3] 1 3 5' },
    { x: 'f64[2,2,4,5] ~1', attrs: { kernel: [2, 3], p: 3, strides: [2, 1], dilations: [2, 1], ceilMode: true } },
  ],
});
