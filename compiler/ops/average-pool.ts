import { call, nest, read, work } from '../../hw-models/work/build.ts';
import { f32 } from '../formats/index.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import {
  eachTap,
  poolAttrNames,
  poolAttrs,
  poolNest,
  poolSizes,
  pooledShape,
  readPool,
  tapCounts,
  type PoolSizes,
} from './kit/pool.ts';

/** Sums of the elements under each window, in doubles. */
export function windowSums(values: ArrayLike<number>, s: PoolSizes): Float64Array {
  const sums = new Float64Array(s.planes * sizeOf(s.output));
  const from = Float64Array.from(values);
  eachTap(s, (o, i) => (sums[o]! += from[i]!));
  return sums;
}

/** Mean of each window over the elements it holds; with countIncludePad, the padding counts as zeros. */
export const averagePool = defineOp('average-pool', {
  doc: 'Mean of the elements under a sliding window.',
  onnx: {
    type: 'AveragePool',
    attrs: [...poolAttrNames, 'count_include_pad'],
    read: (node) => ({
      attrs: { ...readPool(node), countIncludePad: (node.attributes.int('count_include_pad') ?? 0) !== 0 },
    }),
  },
  operands: ['x'],
  attrs: { ...poolAttrs, countIncludePad: flag('padding counts as zeros', false) },
  infer: ({ x }, attrs) => {
    mustBe('average-pool', 'float', x);
    return { format: x.format, shape: pooledShape(poolSizes('average-pool', x, attrs)) };
  },
  evaluate: ({ x }, attrs) => {
    const s = poolSizes('average-pool', x, attrs);
    const counts = tapCounts(s, attrs.countIncludePad);
    const sums = windowSums(numbers(x), s);
    return build(x.format, pooledShape(s), (i) => sums[i]! / counts[i % counts.length]!);
  },
  work: ({ x }, attrs, { out }) => {
    const s = poolSizes('average-pool', x, attrs);
    const p = poolNest(s);
    const shares = tapCounts(s, attrs.countIncludePad).map((n) => 1 / n);
    const even = shares.every((share) => share === shares[0]);
    return work(
      {
        x: operandOf(x),
        sum: operandOf(out[0]!, 'scratch'),
        ...(even ? {} : { share: { role: 'table' as const, format: f32, shape: s.output, data: shares } }),
        out: operandOf(out[0]!, 'output'),
      },
      nest({ loops: [...p.outer, ...p.taps], reads: [p.x], write: p.result('sum'), combine: 'add', compute: read(0) }),
      nest({
        loops: p.outer,
        reads: [p.result('sum'), ...(even ? [] : [p.pixel('share')])],
        write: p.result('out'),
        compute: call('mul', read(0), even ? (shares[0] ?? 1) : read(1)),
      }),
    );
  },
  examples: [
    { x: 'f32[1,1,4] 1 3 2 6', attrs: { kernel: [2], strides: [2] }, out: 'f32[1,1,2] 2 4' },
    { x: 'f32[1,1,3] 2 4 6', attrs: { kernel: [3], pads: [1, 1] }, out: 'f32[1,1,3] 3 4 5' },
    { x: 'f32[1,1,3] 2 4 6', attrs: { kernel: [2], pads: [1, 0], countIncludePad: true }, out: 'f32[1,1,3] 1 3 5' },
    {
      x: 'f32[1,1,5] 1 2 3 4 9',
      attrs: { kernel: [2], strides: [2], ceilMode: true, countIncludePad: true },
      out: 'f32[1,1,3] 1.5 3.5 9',
    },
    { x: 'f32[2,2,5,6] ~1', attrs: { kernel: [3, 2], strides: [2, 1], dilations: [1, 2], pads: [1, 1, 1, 1] } },
    { x: 'f16[1,2,3,4,3] ~2', attrs: { kernel: [2, 2, 2] } },
  ],
});
