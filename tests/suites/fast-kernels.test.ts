import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f16, f32, type Format } from '../../compiler/formats/index.ts';
import { valueId, type Attrs, type Op } from '../../compiler/ir/types.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { fastConv } from '../../compiler/simulate/fast/conv.ts';
import { fastFloatKernels } from '../../compiler/simulate/fast/index.ts';
import { fastMatmul } from '../../compiler/simulate/fast/matmul.ts';
import type { Limits } from '../../compiler/simulate/fast/limits.ts';
import { build, numbers, sizeOf, type Tensor } from '../../compiler/tensor/tensor.ts';
import { seededRandom } from '../../src/base/random.ts';

const registry = new OpRegistry(builtinOps);
const runs = { numRuns: 200 };

type Inputs = readonly (Tensor | undefined)[];

function reference(kind: string, inputs: Inputs, attrs: Attrs): Tensor {
  const context = { wanted: [true], bodies: [], run: () => [] };
  return registry.of({ kind }).evaluate(inputs, attrs, context)[0]!;
}

const opOf = (kind: string, inputs: Inputs, attrs: Attrs): Op => ({
  kind,
  inputs: inputs.map((t, i) => valueId(t ? `v${i}` : '')),
  outputs: [valueId('out')],
  attrs,
  origins: [{ node: 'n', op: kind }],
});

const random = (shape: readonly number[], seed: number, format: Format = f32): Tensor => {
  const source = seededRandom(seed);
  return build(format, shape, () => source.normal());
};

const sizes = (t: Tensor): Tensor => build(t.format, t.shape, (i) => Math.abs(Number(t.data[i])));

interface Slack {
  /** Roundings to 32 bits on the way to an element, besides the last. */
  readonly roundings: number;
  /** The attributes under which the op adds up sizes instead of values. */
  readonly sizeAttrs: Attrs;
}

/**
 * Holds a result to the reference: the neighbouring 32-bit float at most, and what the order of `summands` additions
 * in doubles can change (Higham, Accuracy and Stability, 3.1), which scales with the sum of the products' sizes.
 */
function expectSums(
  got: Tensor | undefined,
  kind: string,
  inputs: Inputs,
  attrs: Attrs,
  summands: number,
  { roundings, sizeAttrs }: Slack = { roundings: 0, sizeAttrs: attrs },
): void {
  const wanted = reference(kind, inputs, attrs);
  const absolute = inputs.map((t) => t && sizes(t));
  const scale = numbers(reference(kind, absolute, sizeAttrs));
  expect(got, 'the fast kernels take this').toBeDefined();
  expect(got!.shape).toEqual(wanted.shape);
  expect(got!.format.name).toBe('f32');
  const [a, b] = [numbers(got!), numbers(wanted)];
  for (let i = 0; i < b.length; i++) {
    const inDoubles = (2 * summands * 2 ** -53 + roundings * 2 ** -24) * scale[i]!;
    const allowed = inDoubles + 2 ** -23 * Math.abs(b[i]!) + 2 ** -149;
    if (!(Math.abs(a[i]! - b[i]!) <= allowed)) expect.fail(`${kind}[${i}]: got ${a[i]}, wanted ${b[i]} +- ${allowed}`);
  }
}

const upTo = (most: number, least = 1): fc.Arbitrary<number> => fc.integer({ min: least, max: most });

interface ConvCase {
  readonly inputs: Inputs;
  readonly attrs: { strides: number[]; dilations: number[]; pads: number[]; group: number };
  readonly summands: number;
}

const plainAxis = fc.record({
  input: upTo(40),
  kernel: fc.constant(1),
  stride: fc.constant(1),
  dilation: upTo(3),
  before: fc.constant(0),
  after: fc.constant(0),
});

/** Kernels may be larger than the input as long as the padding makes room, strides larger than kernels. */
const windowAxis = fc
  .record({
    input: upTo(20),
    kernel: upTo(4),
    stride: upTo(4),
    dilation: upTo(3),
    before: upTo(4, 0),
    after: upTo(4, 0),
  })
  .filter((a) => a.input + a.before + a.after >= (a.kernel - 1) * a.dilation + 1);

const convCases = fc
  .record({
    axes: fc.array(fc.oneof(plainAxis, windowAxis), { minLength: 1, maxLength: 3 }),
    batch: upTo(3),
    group: upTo(4),
    filters: upTo(11),
    channels: fc.oneof(upTo(6), upTo(40)),
    depthwise: fc.boolean(),
    bias: fc.boolean(),
    seed: upTo(1e6),
  })
  .filter(({ axes }) => axes.reduce((n, a) => n * a.input, 1) <= 2000)
  .map((c): ConvCase => {
    const channels = c.depthwise ? 1 : c.channels;
    const filters = c.depthwise ? 1 + (c.filters % 2) : c.filters;
    const kernel = c.axes.map((a) => a.kernel);
    const x = random([c.batch, c.group * channels, ...c.axes.map((a) => a.input)], c.seed);
    const w = random([c.group * filters, channels, ...kernel], c.seed + 1);
    const bias = c.bias ? random([c.group * filters], c.seed + 2) : undefined;
    const attrs = {
      strides: c.axes.map((a) => a.stride),
      dilations: c.axes.map((a) => a.dilation),
      pads: [...c.axes.map((a) => a.before), ...c.axes.map((a) => a.after)],
      group: c.group,
    };
    return { inputs: [x, w, bias], attrs, summands: channels * sizeOf(kernel) + 1 };
  });

const fast = (kind: string, inputs: Inputs, attrs: Attrs): Tensor | undefined =>
  fastFloatKernels(opOf(kind, inputs, attrs), inputs)?.[0];

describe('conv', () => {
  test('equals the reference on any window, group and batch', () => {
    fc.assert(
      fc.property(convCases, ({ inputs, attrs, summands }) =>
        expectSums(fast('conv', inputs, attrs), 'conv', inputs, attrs, summands),
      ),
      runs,
    );
  });

  test('equals the reference however it is cut into parts', () => {
    const limits = fc.record({ chunk: upTo(3000), weights: upTo(300) });
    const inParts = ({ inputs, attrs, summands }: ConvCase, small: Limits): void =>
      expectSums(fastConv(inputs[0]!, inputs[1]!, inputs[2], attrs, small), 'conv', inputs, attrs, summands);
    fc.assert(fc.property(convCases, limits, inParts), runs);
  });

  test('gives the same bytes again, whatever ran before', () => {
    const again = (a: ConvCase, b: ConvCase): void => {
      const first = fast('conv', a.inputs, a.attrs);
      fast('conv', b.inputs, b.attrs);
      expect(fast('conv', a.inputs, a.attrs)).toEqual(first);
    };
    fc.assert(fc.property(convCases, convCases, again), { numRuns: 50 });
  });

  const wholes = (shape: readonly number[], seed: number): Tensor => {
    const source = seededRandom(seed);
    return build(f32, shape, () => source.whole(-127, 127));
  };

  test('is exact on integers held in floats', () => {
    const inputs = [wholes([1, 33, 9, 30], 1), wholes([13, 33, 3, 3], 2), wholes([13], 3)];
    expect(fast('conv', inputs, { pads: [1, 1, 1, 1] })).toEqual(reference('conv', inputs, { pads: [1, 1, 1, 1] }));
  });

  test('keeps infinities and NaN where the reference has them', () => {
    const x = random([1, 2, 6, 21], 4);
    const inputs = [
      build(f32, x.shape, (i) => (i === 40 ? Infinity : i === 90 ? NaN : Number(x.data[i]))),
      random([5, 2, 3, 3], 5),
    ];
    const [got, wanted] = [
      fast('conv', inputs, { pads: [1, 1, 1, 1] })!,
      reference('conv', inputs, { pads: [1, 1, 1, 1] }),
    ];
    expect(Array.from(numbers(got), (v) => (Number.isFinite(v) ? 0 : v))).toEqual(
      Array.from(numbers(wanted), (v) => (Number.isFinite(v) ? 0 : v)),
    );
  });

  test('leaves what it cannot do as well to the reference', () => {
    const w = random([2, 3, 2], 7);
    const infinite = build(f32, [2, 3, 2], () => Infinity);
    expect(fast('conv', [random([0, 3, 5], 6), w], {})).toBeUndefined(); // no images
    expect(fast('conv', [random([1, 3, 5], 6), infinite], { pads: [1, 1] })).toBeUndefined(); // 0 * infinity in the padding
    expect(fast('conv', [random([1, 3, 5], 6), infinite], {})).toBeDefined();
    expect(fast('conv', [random([1, 3, 5], 6, f16), random([2, 3, 2], 7, f16)], {})).toBeUndefined();
    const farPads = { pads: [1, 2 ** 27, 0, 0], strides: [1, 2 ** 26] };
    expect(fast('conv', [random([1, 1, 4, 1], 6), random([1, 1, 2, 1], 7)], farPads)).toBeUndefined(); // one row of 512 MB
    expect(fast('add', [w, w], {})).toBeUndefined();
  });
});

const shapeOf = (least: number, most: number, axes: number): fc.Arbitrary<number[]> =>
  fc.array(upTo(most, least), { minLength: axes, maxLength: axes });

describe('matmul', () => {
  const cases = fc
    .record({
      batch: shapeOf(1, 3, 2),
      drop: upTo(2, 0),
      ones: upTo(3, 0),
      m: upTo(30),
      k: upTo(300),
      n: upTo(40),
      seed: upTo(1e6),
    })
    .map(({ batch, drop, ones, m, k, n, seed }): Inputs => {
      const left = ones & 1 ? batch.map(() => 1) : batch;
      const right = (ones & 2 ? batch.map(() => 1) : batch).slice(drop);
      return [random([...left, m, k], seed), random([...right, k, n], seed + 1)];
    });

  test('equals the reference with broadcast batches', () => {
    const equal = (inputs: Inputs): void => {
      const k = inputs[0]!.shape.at(-1)!;
      const got = fast('matmul', inputs, {});
      if (got) expectSums(got, 'matmul', inputs, {}, k);
      expectSums(fastMatmul(inputs[0]!, inputs[1]!, { chunk: 900, weights: 500 }, 0), 'matmul', inputs, {}, k);
    };
    fc.assert(fc.property(cases, equal), runs);
  });

  test('takes vectors on either side', () => {
    const [v, m] = [random([300], 1), random([300, 300], 2)];
    for (const inputs of [
      [v, m],
      [m, v],
      [random([2, 300, 300], 3), v],
      [v, random([2, 300, 300], 3)],
    ]) {
      expectSums(fast('matmul', inputs, {}), 'matmul', inputs, {}, 300);
    }
  });

  test('leaves empty and tiny products to the reference', () => {
    expect(fast('matmul', [random([0, 5], 1), random([5, 3], 2)], {})).toBeUndefined();
    expect(fast('matmul', [random([200, 0], 1), random([0, 300], 2)], {})).toBeUndefined();
    expect(fast('matmul', [random([2, 2], 1), random([2, 2], 2)], {})).toBeUndefined();
  });
});

describe('gemm', () => {
  const factors = fc.constantFrom(1, 0.5, -2, 0);
  const cases = fc.record({
    m: upTo(30),
    k: upTo(300),
    n: upTo(40),
    a: fc.boolean(),
    b: fc.boolean(),
    alpha: factors,
    beta: factors,
    bias: upTo(5, 0),
    seed: upTo(1e6),
  });

  test('equals the reference with transposes, factors and broadcast biases', () => {
    const equal = (c: typeof cases extends fc.Arbitrary<infer T> ? T : never): void => {
      const { m, k, n, seed } = c;
      const bias = [undefined, [n], [m, 1], [1, n], [m, n], []][c.bias];
      const inputs = [
        random(c.a ? [k, m] : [m, k], seed),
        random(c.b ? [n, k] : [k, n], seed + 1),
        ...(bias ? [random(bias, seed + 2)] : []),
      ];
      const attrs = { transA: Number(c.a), transB: Number(c.b), alpha: c.alpha, beta: c.beta };
      const got = fast('gemm', inputs, attrs);
      const sizeAttrs = { ...attrs, alpha: Math.abs(c.alpha), beta: Math.abs(c.beta) };
      if (got) expectSums(got, 'gemm', inputs, attrs, k, { roundings: 3, sizeAttrs });
      else expect(m * k * n).toBeLessThan(2048);
    };
    fc.assert(fc.property(cases, equal), runs);
  });
});

describe('conv-transpose', () => {
  const axis = fc
    .record({
      input: upTo(9),
      kernel: upTo(4),
      stride: upTo(4),
      dilation: upTo(3),
      before: upTo(3, 0),
      after: upTo(3, 0),
    })
    .filter((a) => (a.input - 1) * a.stride + (a.kernel - 1) * a.dilation + 1 - a.before - a.after >= 1);
  const cases = fc.record({
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
    batch: upTo(2),
    group: upTo(3),
    channels: upTo(12),
    filters: upTo(6),
    more: upTo(1, 0),
    bias: fc.boolean(),
    seed: upTo(1e6),
  });

  test('equals the reference on any window, group and batch', () => {
    const equal = (c: typeof cases extends fc.Arbitrary<infer T> ? T : never): void => {
      const x = random([c.batch, c.group * c.channels, ...c.axes.map((a) => a.input)], c.seed);
      const w = random([c.group * c.channels, c.filters, ...c.axes.map((a) => a.kernel)], c.seed + 1);
      const inputs = [x, w, ...(c.bias ? [random([c.group * c.filters], c.seed + 2)] : [])];
      const attrs = {
        strides: c.axes.map((a) => a.stride),
        dilations: c.axes.map((a) => a.dilation),
        pads: [...c.axes.map((a) => a.before), ...c.axes.map((a) => a.after)],
        outputPadding: c.axes.map((a) => (a.stride > c.more ? c.more : 0)),
        group: c.group,
      };
      const taps = c.axes.reduce((n, a) => n * a.kernel, 1);
      const got = fast('conv-transpose', inputs, attrs);
      expectSums(got, 'conv-transpose', inputs, attrs, c.channels * taps + 1, {
        roundings: 2 * taps,
        sizeAttrs: attrs,
      });
    };
    fc.assert(fc.property(cases, equal), runs);
  });
});

describe('plain loops', () => {
  const special = [NaN, Infinity, -Infinity, -0, 0, 1e-45, -1e-45, 3e38];
  const withSpecial = (t: Tensor): Tensor => build(f32, t.shape, (i) => special[i % 11] ?? Number(t.data[i]));

  test('relu is the reference to the bit', () => {
    for (const shape of [[], [0], [3, 50]]) {
      const inputs = [withSpecial(random(shape, 1))];
      expect(fast('relu', inputs, {})).toEqual(reference('relu', inputs, {}));
    }
  });

  test('instance-norm is the reference to the bit', () => {
    for (const shape of [
      [2, 3, 5, 7],
      [1, 4, 9],
      [2, 3],
      [2, 0, 4],
      [2, 3, 0],
    ]) {
      const inputs = [random(shape, 1), random([shape[1]!], 2), random([shape[1]!], 3)];
      const attrs = { epsilon: 0.01 };
      expect(fast('instance-norm', inputs, attrs)).toEqual(reference('instance-norm', inputs, attrs));
      const odd = [withSpecial(inputs[0]!), inputs[1], inputs[2]];
      expect(fast('instance-norm', odd, attrs)).toEqual(reference('instance-norm', odd, attrs));
    }
  });
});
