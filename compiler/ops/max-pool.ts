import { call, loopValue, nest, read, value, work } from '../../hw-models/work/build.ts';
import type { Scalar, Step } from '../../hw-models/work/types.ts';
import { i64 } from '../formats/index.ts';
import { rowMajor } from '../tensor/shape.ts';
import { numbers, sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { buildWrapped, operandOf } from './kit/elementwise.ts';
import { channelsFirst, channelsLast } from './kit/fused-linear.ts';
import {
  eachTap,
  poolAttrNames,
  poolAttrs,
  poolNest,
  poolSizes,
  pooledShape,
  readPool,
  type PoolNest,
  type PoolSizes,
} from './kit/pool.ts';

/** Steps with which positions are numbered: row by row, or with the first spatial axis running fastest. */
const numbering = (input: readonly number[], columnMajor: boolean): number[] =>
  columnMajor ? rowMajor(input.slice().reverse()).reverse() : rowMajor(input);

/** Greatest elements, and for each the offset at which it was met first. NaN counts as the greatest. */
function pool(x: Tensor, s: PoolSizes): { best: Float64Array; from: Int32Array } {
  const values = Float64Array.from(numbers(x));
  const best = new Float64Array(s.planes * sizeOf(s.output)).fill(-Infinity);
  const from = new Int32Array(best.length).fill(-1);
  eachTap(s, (o, i) => {
    const [old, v] = [best[o]!, values[i]!];
    if (v > old || from[o] === -1 || (v !== v && old === old)) {
      best[o] = v;
      from[o] = i;
    }
  });
  return { best, from };
}

/** Offsets in row-major order as positions in the numbering asked for, planes one after another. */
function positions(from: Int32Array, s: PoolSizes, columnMajor: boolean): Tensor {
  const pixels = sizeOf(s.input);
  const [own, steps] = [rowMajor(s.input), numbering(s.input, columnMajor)];
  const data = new BigInt64Array(from.length);
  for (let o = 0; o < from.length; o++) {
    const at = Math.max(0, from[o]!);
    let position = at - (at % pixels);
    for (let axis = 0; axis < own.length; axis++)
      position += (Math.floor((at % pixels) / own[axis]!) % s.input[axis]!) * steps[axis]!;
    data[o] = BigInt(position);
  }
  return tensor(i64, pooledShape(s), data);
}

/** The first tap that holds the greatest element, then its position worked out from the number of the tap. */
function indexSteps(p: PoolNest, s: PoolSizes, columnMajor: boolean): Step[] {
  const { kernel, strides, dilations, pads } = s.window;
  const tapSteps = rowMajor(kernel);
  const steps = numbering(s.input, columnMajor);
  const sum = (terms: readonly Scalar[]): Scalar => terms.reduce((a, b) => call('add', a, b));
  const times = (x: Scalar, by: number): Scalar => (by === 1 ? x : call('mul', x, by));
  const tap = sum(p.taps.map((l, axis) => times(loopValue(l.name), tapSteps[axis]!)));
  const hit = call('or', call('eq', read(0), read(1)), call('isnan', read(0)));
  const along = (axis: number): Scalar => {
    const offset = times(
      call('mod', call('floor', call('div', read(0), tapSteps[axis]!)), kernel[axis]!),
      dilations[axis]!,
    );
    return call('add', call('sub', times(loopValue(`p${axis}`), strides[axis]!), pads[axis]!), offset);
  };
  const plane = times(call('add', times(loopValue('n'), s.lead[1]), loopValue('c')), sizeOf(s.input));
  return [
    nest({
      loops: [...p.outer, ...p.taps],
      reads: [p.x, p.result('out')],
      write: p.result('tap'),
      combine: 'min',
      compute: call('select', hit, tap, value(sizeOf(kernel))),
    }),
    nest({
      loops: p.outer,
      reads: [p.result('tap')],
      write: p.result('indices'),
      compute: sum([plane, ...s.input.map((_, axis) => times(along(axis), steps[axis]!))]),
    }),
  ];
}

/** Greatest element of each window; padding takes no part. */
export const maxPool = defineOp('max-pool', {
  doc: 'Greatest element under a sliding window, and where it stands in the input.',
  onnx: [
    {
      type: 'MaxPool',
      attrs: [...poolAttrNames, 'storage_order'],
      read: (node) => ({
        attrs: { ...readPool(node), columnMajor: (node.attributes.int('storage_order') ?? 0) !== 0 },
      }),
    },
    {
      type: 'NhwcMaxPool',
      domains: ['com.microsoft'],
      attrs: poolAttrNames,
      read: (node) => {
        const first = channelsFirst(node, node.inputs[0]!);
        return channelsLast(node, node.emit('max-pool', [first], readPool(node, first)));
      },
    },
  ],
  operands: ['x'],
  outputs: ['out', 'indices?'],
  attrs: { ...poolAttrs, columnMajor: flag('indices number the positions of a plane column by column', false) },
  infer: ({ x }, attrs) => {
    mustBe('max-pool', 'number', x);
    const shape = pooledShape(poolSizes('max-pool', x, attrs));
    return [
      { format: x.format, shape },
      { format: i64, shape },
    ];
  },
  evaluate: ({ x }, attrs, { wanted }) => {
    const s = poolSizes('max-pool', x, attrs);
    const { best, from } = pool(x, s);
    const out = buildWrapped(x.format, pooledShape(s), (i) => best[i]!);
    return wanted[1] ? [out, positions(from, s, attrs.columnMajor)] : [out];
  },
  work: ({ x }, attrs, { out, wanted }) => {
    const s = poolSizes('max-pool', x, attrs);
    const p = poolNest(s);
    const greatest = nest({
      loops: [...p.outer, ...p.taps],
      reads: [p.x],
      write: p.result('out'),
      combine: 'max',
      compute: read(0),
    });
    const operands = { x: operandOf(x), out: operandOf(out[0]!, 'output') };
    if (!wanted[1]) return work(operands, greatest);
    return work(
      { ...operands, tap: operandOf(out[1]!, 'scratch'), indices: operandOf(out[1]!, 'output') },
      greatest,
      ...indexSteps(p, s, attrs.columnMajor),
    );
  },
  examples: [
    { x: 'f32[1,1,4] 1 3 2 5', attrs: { kernel: [2], strides: [2] }, out: 'f32[1,1,2] 3 5', indices: 'i64[1,1,2] 1 3' },
    {
      x: 'f32[1,1,2,2] 1 1 1 1',
      attrs: { kernel: [2, 2], pads: [1, 0, 0, 0] },
      out: 'f32[1,1,2,1] 1 1',
      indices: 'i64[1,1,2,1] 0 0',
    },
    {
      x: 'f32[1,2,2,3] +1',
      attrs: { kernel: [2, 2], columnMajor: true },
      out: 'f32[1,2,1,2] 5 6 11 12',
      indices: 'i64[1,2,1,2] 3 5 9 11',
    },
    {
      x: 'i8[1,1,5] -3 -9 -4 -128 7',
      attrs: { kernel: [2], strides: [2], ceilMode: true },
      out: 'i8[1,1,3] -3 -4 7',
      indices: 'i64[1,1,3] 0 2 4',
    },
    { x: 'f32[2,2,5,6] ~1', attrs: { kernel: [3, 2], strides: [2, 1], dilations: [1, 2], pads: [1, 0, 1, 1] } },
    { x: 'f16[1,2,3,4,3] ~2', attrs: { kernel: [2, 2, 2], columnMajor: true } },
  ],
});
