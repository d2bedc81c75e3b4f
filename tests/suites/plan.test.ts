import { describe, expect, test } from 'vitest';
import type { Graph } from '../../compiler/ir/types.ts';
import { plan, type Plan } from '../../compiler/schedule/plan.ts';
import { parsePrecision, precisionNames } from '../../compiler/schedule/precision.ts';
import { bytesOf, countWork, macsOf } from '../../hw-models/work/count.ts';
import { estimatePipeline } from '../../compiler/passes/pipeline.ts';
import { runPasses } from '../../compiler/passes/run-passes.ts';
import { isNetloomError } from '../../src/base/diagnostics.ts';
import { createNetloom } from '../../src/netloom.ts';
import { externalFloats, ModelBuilder } from '../models/onnx-builder.ts';
import { Net, registry } from '../networks.ts';
import { workCases } from '../works.ts';

const planOf = (graph: Graph, precision = 'native'): Plan =>
  plan(graph, registry, { precision: parsePrecision(precision) });

function block(): Graph {
  const n = new Net('block');
  const x = n.x([1, 8, 10, 10]);
  const y = n.op('relu', [n.op('conv', [x, n.w([8, 8, 3, 3]), n.w([8])], { pads: [1, 1, 1, 1] })]);
  return n.finish(n.op('add', [y, x]));
}

describe('tensors and tasks', () => {
  const { network, layers, edges } = planOf(block());

  test('one task an op, in order, parallel to the layers', () => {
    expect(network.tasks.map((t) => t.kind)).toEqual(['conv', 'relu', 'add']);
    expect(layers.map((l) => l.op)).toEqual(['conv', 'relu', 'add']);
    expect(edges).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  test('a tensor lives from its maker to its last reader; results to the end', () => {
    const life = network.tensors.map((t) => [t.role, t.bytes, t.from, t.until]);
    expect(life).toEqual([
      ['input', 3200, -1, 2],
      ['weight', 2304, -1, 0],
      ['weight', 32, -1, 0],
      ['activation', 3200, 0, 1],
      ['activation', 3200, 1, 2],
      ['output', 3200, 2, 3],
    ]);
  });

  test('loops, products and parameters of a layer', () => {
    expect(Object.values(layers[0]!.loops).reduce((n, s) => n * s, 1)).toBe(8 * 8 * 9 * 100);
    expect(layers[0]).toMatchObject({
      macs: 57_600,
      parameters: 584,
      inputs: [[1, 8, 10, 10]],
      outputs: [[1, 8, 10, 10]],
    });
    expect(layers[1]!.macs).toBe(0);
  });

  test('a view is its operand under another shape', () => {
    const n = new Net('views');
    const y = n.op('reshape', [n.op('relu', [n.x([2, 6])]), n.wholes([3, 4])]);
    const { network: viewed } = planOf(n.finish(n.op('sigmoid', [y])));
    const [relu, view, sigmoid] = viewed.tasks;
    expect(view!.work.steps).toEqual([]);
    expect(sigmoid!.tensors.x).toBe(relu!.tensors.out);
    expect(viewed.tensors[relu!.tensors.out!]).toMatchObject({ from: 0, until: 2, shape: [2, 6] });
  });

  test('fused passes keep every ONNX node behind a layer, and the same products', () => {
    const plain = planOf(block());
    const fused = planOf(runPasses(block(), estimatePipeline, registry));
    expect(fused.network.tasks.length).toBeLessThan(plain.network.tasks.length);
    const nodes = (p: Plan): string[] => p.layers.flatMap((l) => l.onnxNodes).sort();
    expect(nodes(fused)).toEqual(nodes(plain));
    expect(fused.layers.reduce((n, l) => n + l.macs, 0)).toBe(57_600);
  });
});

describe('precision', () => {
  test('float tensors are stored in it, packed to whole bytes; integers stay', () => {
    for (const [name, bits] of [
      ['fp32', 32],
      ['fp16', 16],
      ['int8', 8],
      ['int4', 4],
      ['binary', 1],
      ['w4a8', undefined],
    ] as const) {
      const { network } = planOf(block(), name);
      for (const t of network.tensors) {
        const own = bits ?? (t.role === 'weight' ? 4 : 8);
        expect(t.format.bits, `${name} ${t.name}`).toBe(own);
        expect(t.bytes).toBe(Math.ceil((t.shape.reduce((a, b) => a * b, 1) * own) / 8));
      }
    }
  });

  test('integer products are summed in 32 bits and brought back once an element', () => {
    const { network } = planOf(block(), 'int8');
    const { work } = network.tasks[0]!;
    const sum = Object.entries(work.operands).find(([, o]) => o.role === 'scratch');
    expect(sum?.[1].format).toMatchObject({ kind: 'int', bits: 32 });
    expect(work.operands.bias!.format.bits).toBe(32);
    const last = work.steps.at(-1)!;
    expect(last).toMatchObject({ kind: 'nest', writeBack: true });
    expect(countWork(work).mac).toBe(57_600);
    expect(countWork(work).mul).toBe(800);
  });

  test('a product of one-bit factors is an XNOR', () => {
    const { network } = planOf(block(), 'binary');
    expect(countWork(network.tasks[0]!.work)).toMatchObject({ xnor: 57_600 });
    expect(macsOf(network.tasks[0]!.work)).toBe(57_600);
  });

  test.each([...precisionNames, 'w1a2', 'w3a7', 'w16a16'])('%s counts the same products of every op', (precision) => {
    for (const c of workCases) {
      const n = new Net('case');
      const graph = n.finish(c.build(n, 1));
      const total = (name: string): number =>
        planOf(graph, name).network.tasks.reduce((sum, t) => sum + macsOf(t.work), 0);
      expect(total(precision), c.name).toBe(total('native'));
    }
  });

  test('a precision that does not exist is refused with the nearest', () => {
    for (const text of ['int88', 'w0a8', 'w17a8', '', 'fp23']) {
      try {
        parsePrecision(text);
        expect.fail(text);
      } catch (e) {
        expect(isNetloomError(e) && e.diagnostics[0]?.code).toBe('NL3101');
      }
    }
  });
});

describe('operands and tensors agree', () => {
  test.each(workCases)('$name', ({ build }) => {
    for (const precision of ['native', 'int8', 'w4a8'] as const) {
      const n = new Net('case');
      const { network } = planOf(n.finish(build(n, 1)), precision);
      for (const task of network.tasks) {
        for (const [name, index] of Object.entries(task.tensors)) {
          const [operand, tensor] = [task.work.operands[name]!, network.tensors[index]!];
          expect(operand.role === 'weight' || operand.role === 'table', name).toBe(tensor.role === 'weight');
          // Biases of integer products are kept wider than they are counted in memory.
          if (operand.role !== 'weight') expect(bytesOf(operand), `${task.kind} ${name}`).toBe(tensor.bytes);
        }
      }
    }
  });
});

describe('loops', () => {
  const netloom = createNetloom();

  test('a body is priced as often as it runs', () => {
    const b = new ModelBuilder('looped');
    const x = b.input('x', [1, 4, 6]);
    const y = b.node('LSTM', [x, b.outsideWeight([1, 20, 6]), b.outsideWeight([1, 20, 5])], { hidden_size: 5 });
    b.output(y);
    // 4 gates of 5, from 6 inputs and 5 states, over a single step of 4 inputs at once.
    const model = netloom.loadModel(b.bytes(), { readExternal: externalFloats() });
    const { network } = plan(model.graph, netloom.registry, { precision: parsePrecision('native') });
    expect(network.tasks.reduce((n, t) => n + t.times * macsOf(t.work), 0)).toBe(4 * 20 * (6 + 5));
  });
});
