import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { importModel } from '../../compiler/onnx/import.ts';
import { verifyGraph } from '../../compiler/ir/verify.ts';
import type { Graph } from '../../compiler/ir/types.ts';
import { exampleTensor } from '../../compiler/ops/example.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { tripsOf } from '../../compiler/ops/kit/trips.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { runGraph } from '../../compiler/simulate/run-graph.ts';
import { numbers, type Tensor } from '../../compiler/tensor/tensor.ts';

const { onnx } = onnxProto;
const registry = new OpRegistry(builtinOps);

type Value = number | string | readonly number[] | GraphForm;
interface GraphForm {
  /** `Op(a, b) -> c, d {attribute: value}`, one node each. */
  readonly nodes: readonly (readonly [
    op: string,
    inputs: string,
    outputs: string,
    attrs?: Readonly<Record<string, Value>>,
  ])[];
  readonly inputs?: string;
  readonly outputs: string;
  /** By name, as text of an example tensor. */
  readonly constants?: Readonly<Record<string, string>>;
  /** Inputs that are declared as lists of one element. */
  readonly lists?: readonly string[];
}

const words = (text: string | undefined): string[] => (text ? text.split(' ').map((w) => (w === '_' ? '' : w)) : []);

function attribute(name: string, value: Value): object {
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if (typeof value === 'number') return { name, type: 2, i: value };
  if ('nodes' in value) return { name, type: 5, g: graphProto(value) };
  return { name, type: 7, ints: value };
}

function tensorProto(name: string, text: string): object {
  const t = exampleTensor(text);
  const bytes = t.data as Float32Array;
  return {
    name,
    dataType: t.format.onnx,
    dims: t.shape,
    rawData: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  };
}

const graphProto = (g: GraphForm, inputs: Readonly<Record<string, Tensor>> = {}): object => ({
  name: 'g',
  node: g.nodes.map(([opType, i, o, attrs = {}]) => ({
    opType,
    input: words(i),
    output: words(o),
    attribute: Object.entries(attrs).map(([k, v]) => attribute(k, v)),
  })),
  initializer: Object.entries(g.constants ?? {}).map(([name, text]) => tensorProto(name, text)),
  input: [...words(g.inputs), ...Object.keys(inputs)].map((name) => {
    const t = inputs[name];
    const shape = t
      ? { dim: t.shape.map((dimValue) => ({ dimValue })) }
      : g.lists?.includes(name)
        ? { dim: [{ dimValue: 1 }] }
        : undefined;
    return { name, type: { tensorType: { elemType: t?.format.onnx ?? 1, ...(shape ? { shape } : {}) } } };
  }),
  output: words(g.outputs).map((name) => ({ name })),
});

interface Result {
  readonly graph: Graph;
  readonly values: number[][];
  readonly shapes: (readonly number[])[];
}

/** Imports a model without knowing its inputs' values, checks the graph, and runs it. */
function run(form: GraphForm, inputs: Readonly<Record<string, string>> = {}, opset = 18): Result {
  const given = Object.fromEntries(Object.entries(inputs).map(([name, text]) => [name, exampleTensor(text)]));
  const model = onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ version: opset }],
    graph: graphProto(form, given),
  });
  const { graph } = importModel(onnx.ModelProto.encode(model).finish(), registry);
  verifyGraph(graph, registry);
  const results = runGraph(
    graph,
    registry,
    graph.inputs.map((id) => given[id]!),
  );
  return { graph, values: results.map((t) => Array.from(numbers(t))), shapes: results.map((t) => t.shape) };
}

const opOf = (graph: Graph, kind: string) => graph.ops.find((op) => op.kind === kind)!;
const trips = (graph: Graph): number | undefined => tripsOf(opOf(graph, 'loop'), graph, registry);
const typeOf = (graph: Graph, output: number) => graph.types.get(graph.outputs[output]!)!;

describe('loop', () => {
  const always = { inputs: 'i c s', outputs: 'c next s' } as const;

  test('a count alone; scans are stacked', () => {
    const body: GraphForm = { ...always, nodes: [['Add', 's x', 'next']] };
    const { graph, values, shapes } = run(
      { nodes: [['Loop', 'm _ x', 'y z', { body }]], outputs: 'y z', constants: { m: 'i64[] 3' } },
      { x: 'f32[2] 1 2' },
    );
    expect(values).toEqual([
      [4, 8],
      [1, 2, 2, 4, 3, 6],
    ]);
    expect(shapes[1]).toEqual([3, 2]);
    expect(typeOf(graph, 1).shape).toEqual([3, 2]);
    expect(trips(graph)).toBe(3);
  });

  test('a condition that follows from constants is played through', () => {
    const body: GraphForm = {
      inputs: 'i c n s',
      nodes: [
        ['Add', 'n two', 'more'],
        ['Less', 'more limit', 'on'],
        ['Mul', 's two_f', 'next'],
      ],
      outputs: 'on more next',
      constants: { two: 'i64[] 2', two_f: 'f32[] 2', limit: 'i64[] 7' },
    };
    const { graph, values } = run(
      {
        nodes: [['Loop', '_ yes zero x', 'n y', { body }]],
        outputs: 'n y',
        constants: { yes: 'bool[] 1', zero: 'i64[] 0' },
      },
      { x: 'f32[1] 1' },
    );
    expect(values).toEqual([[8], [16]]);
    expect(trips(graph)).toBe(4);
    expect(tripsOf(opOf(graph, 'loop'), graph)).toBeUndefined();
  });

  test('a condition on data leaves the count open, below its limit', () => {
    const body: GraphForm = {
      inputs: 'i c s',
      nodes: [
        ['Add', 's s', 'next'],
        ['Less', 'next limit', 'on'],
      ],
      outputs: 'on next next',
      constants: { limit: 'f32[] 10' },
    };
    const { graph, shapes } = run(
      { nodes: [['Loop', 'm _ x', 'y z', { body }]], outputs: 'y z', constants: { m: 'i64[] 9' } },
      { x: 'f32[] 3' },
    );
    expect(shapes[1]).toEqual([2]);
    expect(typeOf(graph, 1)).toMatchObject({ shape: [9], assumed: true });
    expect(trips(graph)).toBeUndefined();
  });

  test('no turn at all', () => {
    const body: GraphForm = { ...always, nodes: [['Add', 's s', 'next']] };
    const { graph, values, shapes } = run(
      { nodes: [['Loop', 'm _ x', 'y z', { body }]], outputs: 'y z', constants: { m: 'i64[] 0' } },
      { x: 'f32[2] 3 4' },
    );
    expect(values).toEqual([[3, 4], []]);
    expect(shapes[1]).toEqual([0, 2]);
    expect(trips(graph)).toBe(0);
  });

  test('a state that grows has no shape before the run', () => {
    const body: GraphForm = { inputs: 'i c s t', nodes: [['Concat', 's t', 'next', { axis: 0 }]], outputs: 'c next t' };
    const { graph, values } = run(
      { nodes: [['Loop', 'm _ x x', 'y t', { body }]], outputs: 'y t', constants: { m: 'i64[] 2' } },
      { x: 'f32[1] 5' },
    );
    expect(values).toEqual([[5, 5, 5], [5]]);
    expect(typeOf(graph, 0).unknown).toBe(true);
    expect(typeOf(graph, 1).shape).toEqual([1]);
    expect(trips(graph)).toBe(2);
  });

  test('captured values follow absent operands; iteration numbers may be lists', () => {
    const body: GraphForm = {
      inputs: 'i c',
      lists: ['i'],
      nodes: [
        ['Cast', 'i', 'f', { to: 1 }],
        ['Mul', 'f d', 'z'],
      ],
      outputs: 'c z',
    };
    const { values, shapes } = run(
      {
        nodes: [
          ['Add', 'x x', 'd'],
          ['Loop', 'm _', 'z', { body }],
        ],
        outputs: 'z',
        constants: { m: 'i64[] 3' },
      },
      { x: 'f32[2] 1 2' },
    );
    expect(values).toEqual([[0, 0, 2, 4, 4, 8]]);
    expect(shapes).toEqual([[3, 2]]);
  });
});

describe('if', () => {
  const branches = (yes: GraphForm, no: GraphForm) => ({ else_branch: no, then_branch: yes });

  test('then comes first, whatever the order in the file; both see the same captured values', () => {
    const yes: GraphForm = { nodes: [['Add', 'x x', 'y']], outputs: 'y' };
    const no: GraphForm = { nodes: [['Mul', 'x d', 'z']], outputs: 'z' };
    const form: GraphForm = {
      nodes: [
        ['Neg', 'x', 'd'],
        ['If', 'c', 'out', branches(yes, no)],
      ],
      outputs: 'out',
    };
    expect(run(form, { c: 'bool[] 1', x: 'f32[2] 1 3' }).values).toEqual([[2, 6]]);
    expect(run(form, { c: 'bool[1] 0', x: 'f32[2] 1 3' }).values).toEqual([[-1, -9]]);
  });

  test('shapes that differ are assumed, ranks that differ are open', () => {
    const yes: GraphForm = {
      nodes: [
        ['Concat', 'x x', 'a', { axis: 0 }],
        ['Identity', 'x', 'b'],
      ],
      outputs: 'a b',
    };
    const no: GraphForm = {
      nodes: [
        ['Identity', 'x', 'p'],
        ['Unsqueeze', 'x zero', 'q'],
      ],
      outputs: 'p q',
      constants: { zero: 'i64[1] 0' },
    };
    const { graph, shapes } = run(
      { nodes: [['If', 'c', 'a b', branches(yes, no)]], outputs: 'a b' },
      { c: 'bool[] 0', x: 'f32[2] 1 3' },
    );
    expect(shapes).toEqual([[2], [1, 2]]);
    expect(typeOf(graph, 0)).toMatchObject({ shape: [4], assumed: true });
    expect(typeOf(graph, 1).unknown).toBe(true);
  });

  test('inside a loop, with values from both around it', () => {
    const yes: GraphForm = { nodes: [['Add', 's x', 'a']], outputs: 'a' };
    const no: GraphForm = { nodes: [['Sub', 's x', 'b']], outputs: 'b' };
    const body: GraphForm = {
      inputs: 'i c s',
      nodes: [
        ['Less', 'i one', 'first'],
        ['If', 'first', 'next', branches(yes, no)],
      ],
      outputs: 'c next',
      constants: { one: 'i64[] 1' },
    };
    const { values } = run(
      { nodes: [['Loop', 'm _ x', 'y', { body }]], outputs: 'y', constants: { m: 'i64[] 3' } },
      { x: 'f32[1] 5' },
    );
    expect(values).toEqual([[0]]);
  });
});

describe('scan', () => {
  const sums: GraphForm = {
    inputs: 's e',
    nodes: [
      ['Add', 's e', 'next'],
      ['Identity', 'next', 'z'],
    ],
    outputs: 'next z',
  };

  test('axes from the end, and directions', () => {
    const attrs = {
      body: sums,
      num_scan_inputs: 1,
      scan_input_axes: [-1],
      scan_input_directions: [1],
      scan_output_axes: [-1],
      scan_output_directions: [1],
    };
    const { graph, values, shapes } = run(
      { nodes: [['Scan', 's x', 'y z', attrs]], outputs: 'y z' },
      { s: 'f32[2] 0 100', x: 'f32[2,3] 1 2 3 10 20 30' },
    );
    expect(values).toEqual([
      [6, 160],
      [6, 5, 3, 160, 150, 130],
    ]);
    expect(shapes[1]).toEqual([2, 3]);
    expect(tripsOf(opOf(graph, 'scan'), graph)).toBe(3);
  });

  test('of opset 8: a batch of sequences of different lengths', () => {
    const attrs = { body: sums, num_scan_inputs: 1, directions: [1] };
    const { graph, values, shapes } = run(
      { nodes: [['Scan', 'n s x', 'y z', attrs]], outputs: 'y z' },
      { n: 'i64[2] 3 1', s: 'f32[2] 0 100', x: 'f32[2,3] 1 2 3 10 20 30' },
      8,
    );
    expect(values).toEqual([
      [6, 110],
      [3, 5, 6, 110, 0, 0],
    ]);
    expect(shapes).toEqual([[2], [2, 3]]);
    expect(tripsOf(opOf(graph, 'batched-scan'), graph)).toBe(6);
  });
});
