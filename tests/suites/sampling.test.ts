import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { importModel } from '../../compiler/onnx/import.ts';
import { exampleTensor } from '../../compiler/ops/example.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { fftPlan, runFft } from '../../compiler/ops/kit/fft.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { runGraph } from '../../compiler/simulate/run-graph.ts';
import { numbers, type Tensor } from '../../compiler/tensor/tensor.ts';

const { onnx } = onnxProto;
const registry = new OpRegistry(builtinOps);

type Value = number | string | readonly number[];

/** Lists are floats; whole numbers are integers. */
function attribute(name: string, value: Value): object {
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if (typeof value !== 'number') return { name, type: 6, floats: value };
  return Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value };
}

/** Runs one node of an opset on operands given as text; '' leaves one out. */
function run(
  op: string,
  opset: number,
  attrs: Readonly<Record<string, Value>>,
  ...operands: readonly string[]
): number[] {
  const values = new Map<string, Tensor>(
    operands.flatMap((text, i) => (text ? [[`x${i}`, exampleTensor(text)] as const] : [])),
  );
  const model = onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ version: opset }],
    graph: {
      name: 'g',
      node: [
        {
          opType: op,
          input: operands.map((text, i) => (text ? `x${i}` : '')),
          output: ['y'],
          attribute: Object.entries(attrs).map(([k, v]) => attribute(k, v)),
        },
      ],
      input: [...values].map(([name, t]) => ({
        name,
        type: { tensorType: { elemType: t.format.onnx, shape: { dim: t.shape.map((dimValue) => ({ dimValue })) } } },
      })),
      output: [{ name: 'y' }],
    },
  });
  const { graph } = importModel(onnx.ModelProto.encode(model).finish(), registry, { values });
  const [y] = runGraph(
    graph,
    registry,
    graph.inputs.map((id) => values.get(id)!),
  );
  expect(graph.types.get(graph.outputs[0]!)!.shape).toEqual(y!.shape);
  return Array.from(numbers(y!), (v) => Math.round(v * 1e4) / 1e4);
}

const pair = 'f32[1,1,1,2] 1 3';

describe('older forms', () => {
  test('Upsample: two attributes, one attribute, an operand', () => {
    expect(run('Upsample', 1, { height_scale: 1.5, width_scale: 2.5, mode: 'bilinear' }, pair)).toEqual([
      1, 1.8, 2.6, 3, 3,
    ]);
    expect(run('Upsample', 7, { scales: [1, 1, 2, 2] }, pair)).toEqual([1, 1, 3, 3, 1, 1, 3, 3]);
    expect(run('Upsample', 9, { mode: 'linear' }, pair, 'f32[4] 1 1 1 2')).toEqual([1, 2, 3, 3]);
  });

  test('Resize 10 and 11, with empty lists for what is left out', () => {
    expect(run('Resize', 10, { mode: 'nearest' }, 'f32[1,4] 1 2 3 4', 'f32[2] 1 0.6')).toEqual([1, 3]);
    expect(run('Resize', 11, { mode: 'nearest' }, pair, 'f32[0]', 'f32[0]', 'i64[4] 1 1 1 4')).toEqual([1, 1, 3, 3]);
    expect(
      run(
        'Resize',
        11,
        { coordinate_transformation_mode: 'tf_half_pixel_for_nn', nearest_mode: 'floor' },
        pair,
        '',
        'f32[4] 1 1 1 2',
      ),
    ).toEqual([1, 1, 3, 3]);
  });

  test('GridSample 16, RoiAlign 10 and DFT 17 have their own names and defaults', () => {
    expect(run('GridSample', 16, { mode: 'bilinear', align_corners: 1 }, pair, 'f32[1,1,2,2] 0 0 1 0')).toEqual([2, 3]);
    expect(run('RoiAlign', 10, {}, 'f32[1,1,3,3] 0 1 2 3 4 5 6 7 8', 'f32[1,4] 0 0 2 2', 'i64[1] 0')).toEqual([4]);
    expect(run('RoiAlign', 16, {}, 'f32[1,1,3,3] 0 1 2 3 4 5 6 7 8', 'f32[1,4] 0 0 2 2', 'i64[1] 0')).toEqual([2]);
    expect(run('DFT', 17, { onesided: 1 }, 'f32[1,2,1] 3 1')).toEqual([4, 0, 2, 0]);
  });
});

test('random numbers depend on their seed alone', () => {
  const once = run('RandomNormal', 1, { shape: [], seed: 2.5 });
  expect(run('RandomNormal', 1, { shape: [], seed: 2.5 })).toEqual(once);
  expect(run('RandomNormal', 1, { shape: [], seed: 3.5 })).not.toEqual(once);
  const many = run('RandomUniformLike', 22, { low: -1.5, high: 2.5, seed: 0.5 }, 'f32[4000] *0');
  expect(many.reduce((a, b) => a + b, 0) / many.length).toBeCloseTo(0.5, 1);
  expect(Math.min(...many)).toBeGreaterThanOrEqual(-1.5);
  expect(Math.max(...many)).toBeLessThan(2.5);
});

describe('fast Fourier transforms equal their definition', () => {
  test.each([1, 2, 3, 8, 9, 30, 49, 61, 67, 128, 134, 400, 1009])('%i points', (n) => {
    for (const inverse of [false, true]) {
      const x = Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i * i + 1));
      const y = runFft(fftPlan(n, inverse), x);
      for (let k = 0; k < n; k += 1 + (n >> 5)) {
        let [real, imaginary] = [0, 0];
        for (let t = 0; t < n; t++) {
          const angle = ((inverse ? 2 : -2) * Math.PI * ((t * k) % n)) / n;
          real += x[2 * t]! * Math.cos(angle) - x[2 * t + 1]! * Math.sin(angle);
          imaginary += x[2 * t]! * Math.sin(angle) + x[2 * t + 1]! * Math.cos(angle);
        }
        expect(Math.abs(y[2 * k]! - real) + Math.abs(y[2 * k + 1]! - imaginary)).toBeLessThan(1e-11);
      }
    }
  });
});
