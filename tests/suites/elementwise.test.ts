import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { formatNamed, text } from '../../compiler/formats/index.ts';
import { importModel } from '../../compiler/onnx/import.ts';
import { exampleTensor } from '../../compiler/ops/example.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { castTensor } from '../../compiler/ops/kit/convert.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { runGraph } from '../../compiler/simulate/run-graph.ts';
import { codesOf, tensorOfCodes } from '../../compiler/tensor/bits.ts';
import { numbers, tensor, type Tensor } from '../../compiler/tensor/tensor.ts';

const { onnx } = onnxProto;
const registry = new OpRegistry(builtinOps);

interface NodeForm {
  readonly op: string;
  readonly domain?: string;
  readonly opset: number;
  readonly attrs?: Readonly<Record<string, number | string | readonly number[]>>;
  readonly outputs?: number;
}

/** Floats are told from integers by a fraction or by standing in a list: enough for these nodes. */
function attribute(name: string, value: number | string | readonly number[]): object {
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if (typeof value !== 'number') return { name, type: 6, floats: value };
  return Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value };
}

/** Runs a model of one node, as a file of the given opset would bring it. */
function run(
  { op, domain = '', opset, attrs = {}, outputs = 1 }: NodeForm,
  ...inputs: readonly (Tensor | undefined)[]
): Tensor[] {
  const given = inputs.flatMap((t, i) => (t ? [{ name: `x${i}`, t }] : []));
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const model = onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ version: opset }, ...(domain ? [{ domain, version: 1 }] : [])],
    graph: {
      name: 'g',
      node: [
        {
          opType: op,
          domain,
          input: inputs.map((t, i) => (t ? `x${i}` : '')),
          output: names,
          attribute: Object.entries(attrs).map(([k, v]) => attribute(k, v)),
        },
      ],
      input: given.map(({ name, t }) => ({
        name,
        type: { tensorType: { elemType: t.format.onnx, shape: { dim: t.shape.map((dimValue) => ({ dimValue })) } } },
      })),
      output: names.map((name) => ({ name })),
    },
  });
  const values = new Map(given.map(({ name, t }) => [name, t]));
  const shapes = Object.fromEntries(given.map(({ name, t }) => [name, t.shape]));
  const { graph } = importModel(onnx.ModelProto.encode(model).finish(), registry, { file: op, shapes, values });
  return runGraph(
    graph,
    registry,
    graph.inputs.map((id) => values.get(id)!),
  );
}

const x = exampleTensor;
const list = (t: Tensor | undefined): number[] => Array.from(numbers(t!));

describe('older opsets', () => {
  test.each([
    [
      'axis of a broadcast operand',
      { op: 'Add', opset: 6, attrs: { broadcast: 1, axis: 0 } },
      ['f32[2,3] *0', 'f32[2] 1 2'],
      [1, 1, 1, 2, 2, 2],
    ],
    [
      'suffix broadcast',
      { op: 'Mul', opset: 1, attrs: { broadcast: 1 } },
      ['f32[2,2] 1 2 3 4', 'f32[2] 1 2'],
      [1, 4, 3, 8],
    ],
    [
      'negative axis',
      { op: 'Greater', opset: 1, attrs: { broadcast: 1, axis: -2 } },
      ['f32[2,2] 1 2 3 4', 'f32[2] 1 3'],
      [0, 1, 0, 1],
    ],
    [
      'bounds of Clip as attributes',
      { op: 'Clip', opset: 6, attrs: { min: -0.5, max: 1.5 } },
      ['f32[3] -2 1 2'],
      [-0.5, 1, 1.5],
    ],
    ['one bound of Clip', { op: 'Clip', opset: 1, attrs: { max: 1.5 } }, ['f32[3] -2 1 2'], [-2, 1, 1.5]],
    ['target of Cast by name', { op: 'Cast', opset: 1, attrs: { to: 'INT32' } }, ['f32[2] 1.5 -1.5'], [1, -1]],
    [
      'slopes of PRelu go with the channels',
      { op: 'PRelu', opset: 6 },
      ['f32[1,2,2] *-1', 'f32[2] 1 2'],
      [-1, -1, -2, -2],
    ],
    ['one slope for all', { op: 'PRelu', opset: 6 }, ['f32[1,2,2] *-1', 'f32[1] 3'], [-3, -3, -3, -3]],
    ['constants of the first Selu', { op: 'Selu', opset: 1 }, ['f32[1] 1'], [Math.fround(1.0507)]],
    [
      'Dropout marked as inference',
      { op: 'Dropout', opset: 1, attrs: { is_test: 1, ratio: 0.5 } },
      ['f32[2] 1 2'],
      [1, 2],
    ],
    ['Affine', { op: 'Affine', opset: 6, attrs: { alpha: 0.5, beta: 1.5 } }, ['f32[2] 2 4'], [2.5, 3.5]],
    ['ImageScaler', { op: 'ImageScaler', opset: 7, attrs: { scale: 0.5, bias: [1, 2] } }, ['f32[1,2,1,1] 2 4'], [2, 4]],
    [
      'ScaledTanh',
      { op: 'ScaledTanh', opset: 6, attrs: { alpha: 2.5, beta: 0.5 } },
      ['f32[1] 2'],
      [Math.fround(2.5 * Math.fround(Math.tanh(1)))],
    ],
  ] as const)('%s', (_, form, inputs, wanted) => {
    expect(list(run(form, ...inputs.map(x))[0])).toEqual(wanted);
  });
});

describe('Dropout', () => {
  const training = { op: 'Dropout', opset: 22, outputs: 2 };

  test('masks have the format of their opset', () => {
    expect(run({ op: 'Dropout', opset: 7, outputs: 2 }, x('f32[2] 1 2'))[1]!.format.name).toBe('f32');
    expect(run({ op: 'Dropout', opset: 10, outputs: 2 }, x('f32[2] 1 2'))[1]!.format.name).toBe('bool');
  });

  test('training is refused, unless nothing is dropped', () => {
    expect(() => run(training, x('f32[2] 1 2'), x('f32[] 0.5'), x('bool[] 1'))).toThrow('NL1106');
    expect(() => run({ op: 'Dropout', opset: 6 }, x('f32[2] 1 2'))).toThrow('NL1106');
    expect(list(run(training, x('f32[2] 1 2'), x('f32[] 0'), x('bool[] 1'))[0])).toEqual([1, 2]);
  });
});

describe('numbers beyond doubles', () => {
  const big = (...values: bigint[]): Tensor => tensor(formatNamed('i64')!, [values.length], BigInt64Array.from(values));
  const past = 2n ** 53n + 1n;

  test.each([
    ['Add', past, 2n, past + 2n],
    ['Sub', -(2n ** 63n), 1n, 2n ** 63n - 1n],
    ['Mul', past, 3n, past * 3n],
    ['Div', -past, 2n, -(past / 2n)],
    ['Div', 5n, 0n, 0n],
    ['Mod', -past, 10n, 7n],
    ['Max', past, past - 1n, past],
    ['Min', past, past - 1n, past - 1n],
    ['Pow', 3n, 41n, BigInt.asIntN(64, 3n ** 41n)],
    ['BitwiseXor', past, 1n, past - 1n],
  ] as const)('%s of %s and %s', (op, a, b, wanted) => {
    expect(run({ op, opset: 18 }, big(a), big(b))[0]!.data).toEqual(BigInt64Array.of(wanted));
  });

  test('32-bit products keep their low bits', () => {
    expect(list(run({ op: 'Mul', opset: 14 }, x('u32[1] 4294967295'), x('u32[1] 4294967295'))[0])).toEqual([1]);
    expect(list(run({ op: 'Pow', opset: 15 }, x('i32[1] 7'), x('i32[1] 20'))[0])).toEqual([
      Number(BigInt.asIntN(32, 7n ** 20n)),
    ]);
  });

  test('shifts by the whole width give 0', () => {
    expect(
      list(run({ op: 'BitShift', opset: 11, attrs: { direction: 'LEFT' } }, x('u64[1] 3'), x('u64[1] 64'))[0]),
    ).toEqual([0]);
  });

  test('64-bit integers round once on their way to 32-bit floats', () => {
    // Through a double, 2^60 + 2^36 + 1 would become the tie 2^60 + 2^36 and go down to even.
    expect(list(castTensor(big(2n ** 60n + 2n ** 36n + 1n), formatNamed('f32')!))).toEqual([2 ** 60 + 2 ** 37]);
  });
});

describe('Cast, by the tables of its page', () => {
  const special = 'f32[6] nan inf -inf 1e9 -1e9 -0';
  test.each([
    ['f8e4m3fn', true, [NaN, 448, -448, 448, -448, -0]],
    ['f8e4m3fn', false, [NaN, NaN, NaN, NaN, NaN, -0]],
    ['f8e4m3fnuz', true, [NaN, 240, -240, 240, -240, 0]],
    ['f8e4m3fnuz', false, [NaN, NaN, NaN, NaN, NaN, 0]],
    ['f8e5m2', true, [NaN, 57344, -57344, 57344, -57344, -0]],
    ['f8e5m2', false, [NaN, Infinity, -Infinity, Infinity, -Infinity, -0]],
    ['f8e5m2fnuz', true, [NaN, 57344, -57344, 57344, -57344, 0]],
    ['f8e5m2fnuz', false, [NaN, NaN, NaN, NaN, NaN, 0]],
    ['f4e2m1', true, [-0, 6, -6, 6, -6, -0]],
    ['f16', true, [NaN, Infinity, -Infinity, Infinity, -Infinity, -0]],
  ] as const)('to %s, saturate %s', (to, saturate, wanted) => {
    expect(list(castTensor(x(special), formatNamed(to)!, { saturate, roundMode: 'up' }))).toEqual(wanted);
  });

  test('to f8e8m0 without saturation', () => {
    const to = formatNamed('f8e8m0')!;
    expect(list(castTensor(x('f32[4] 0 inf 1.5 3e38'), to, { saturate: false, roundMode: 'nearest' }))).toEqual([
      NaN,
      NaN,
      2,
      NaN,
    ]);
    expect(list(castTensor(x('f32[3] 0 inf 3e38'), to, { saturate: true, roundMode: 'up' }))).toEqual([
      2 ** -127,
      2 ** 127,
      2 ** 127,
    ]);
  });

  test('strings are refused', () => {
    expect(() => run({ op: 'Cast', opset: 13, attrs: { to: 8 } }, x('f32[1] 1'))).toThrow('NL1106');
  });
});

test('bit patterns survive: every code of the narrow floats', () => {
  for (const name of ['f8e4m3fn', 'f8e4m3fnuz', 'f8e5m2', 'f8e5m2fnuz', 'f4e2m1', 'f8e8m0', 'i4', 'u2']) {
    const format = formatNamed(name)!;
    const codes = Uint8Array.from({ length: 2 ** format.bits }, (_, i) => i);
    const decoded = tensorOfCodes(format, [codes.length], codes);
    const again = codesOf(decoded);
    codes.forEach((code, i) => {
      if (!Number.isNaN(Number(decoded.data[i]))) expect(again[i], `${name} ${code}`).toBe(code);
    });
  }
});

test('strings are compared and chosen', () => {
  const words = (...w: string[]): Tensor => tensor(text, [w.length], w);
  expect(list(run({ op: 'Equal', opset: 19 }, words('a', 'b'), words('a', 'c'))[0])).toEqual([1, 0]);
  expect(run({ op: 'Where', opset: 16 }, x('bool[2] 1 0'), words('a', 'b'), words('c', 'd'))[0]!.data).toEqual([
    'a',
    'd',
  ]);
});

describe('operands that do not fit are refused', () => {
  test.each([
    ['element types differ', { op: 'Add', opset: 14 }, ['f32[1] 1', 'i32[1] 1'], 'NL1015'],
    ['And of numbers', { op: 'And', opset: 7 }, ['f32[1] 1', 'f32[1] 1'], 'NL1015'],
    ['Sin of integers', { op: 'Sin', opset: 7 }, ['i32[1] 1'], 'NL1015'],
    ['shapes', { op: 'Add', opset: 14 }, ['f32[2] 1 2', 'f32[3] 1 2 3'], 'NL1014'],
    ['a slope larger than x', { op: 'PRelu', opset: 16 }, ['f32[2] 1 2', 'f32[2,2] 1 2 3 4'], 'NL1014'],
    [
      'scales of another axis',
      { op: 'QuantizeLinear', opset: 13 },
      ['f32[2,3] *1', 'f32[2] 1 1', 'u8[2] 0 0'],
      'NL1014',
    ],
    [
      'zero point of another shape',
      { op: 'QuantizeLinear', opset: 13 },
      ['f32[2,3] *1', 'f32[3] 1 1 1', 'u8[] 0'],
      'NL1014',
    ],
    [
      'too few scales of blocks',
      { op: 'QuantizeLinear', opset: 21, attrs: { block_size: 2 } },
      ['f32[2,3] *1', 'f32[2,1] 1 1'],
      'NL1014',
    ],
    ['an unknown attribute', { op: 'Mod', opset: 13, attrs: { fmode: 1 } }, ['f32[1] 1', 'f32[1] 1'], 'NL1010'],
    ['bits of another width', { op: 'BitCast', opset: 26, attrs: { to: 11 } }, ['f32[1] 1'], 'NL1015'],
  ] as const)('%s', (_, form, inputs, code) => {
    expect(() => run(form, ...inputs.map(x))).toThrow(code);
  });
});
