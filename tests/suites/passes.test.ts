import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../compiler/ir/builder.ts';
import { vanished } from '../../compiler/ir/origins.ts';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { rulePass } from '../../compiler/ir/rewrite.ts';
import { valueId, type Graph } from '../../compiler/ir/types.ts';
import { workOf } from '../../compiler/ir/work-of.ts';
import { verifyGraph } from '../../compiler/ir/verify.ts';
import { f32 } from '../../compiler/formats/index.ts';
import { decodeModel } from '../../compiler/onnx/decode.ts';
import { importModel } from '../../compiler/onnx/import.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { passesFor } from '../../compiler/passes/choose.ts';
import { builtinPasses, pipelines } from '../../compiler/passes/pipeline.ts';
import { dumpCollector, runPasses } from '../../compiler/passes/run-passes.ts';
import { compareTensors } from '../../compiler/simulate/compare-tensors.ts';
import { readTensorFile } from '../../compiler/simulate/conformance.ts';
import { runGraph } from '../../compiler/simulate/run-graph.ts';
import { runWork } from '../../compiler/simulate/run-work.ts';
import { numbers, type Tensor } from '../../compiler/tensor/tensor.ts';
import { countWork } from '../../hw-models/work/count.ts';
import { isNetloomError } from '../../src/base/diagnostics.ts';
import { findCases, readCase } from '../../src/files/backend-cases.ts';
import { checkGolden, goldenFiles, readGolden } from '../golden/golden.ts';
import { randomGraph } from '../random-graph.ts';

const registry = new OpRegistry(builtinOps);
const folder = 'tests/golden/passes';

describe('golden cases', () => {
  const files = goldenFiles(folder, '.loom');
  test.each(files)('%s', (path) => {
    const golden = readGolden(path);
    const graph = parseGraph(golden.input, registry, { file: path });
    checkGolden(golden, printGraph(runPasses(graph, passesFor(golden.command), registry)));
  });

  test.each(builtinPasses.map((p) => p.name))('%s has at least two', (name) => {
    expect(files.filter((f) => f.includes(`/${name}/`)).length).toBeGreaterThanOrEqual(2);
  });
});

/** Folded weights are rounded once more to their format. */
const tolerance = { relative: 1e-3, absolute: 1e-3 };

function expectSame(before: Graph, after: Graph, inputs: readonly Tensor[]): void {
  expect(after.inputs).toEqual(before.inputs);
  expect(after.outputs).toEqual(before.outputs);
  expect(vanished(before, after)).toEqual([]);
  const [wanted, got] = [runGraph(before, registry, inputs), runGraph(after, registry, inputs)];
  wanted.forEach((w, i) => {
    const c = compareTensors(got[i]!, w, tolerance);
    expect(
      c.ok,
      `output ${i}: ${c.reason ?? `${c.mismatched} differ by at most ${c.maxAbsError}`}\n${printGraph(before)}\n${printGraph(after)}`,
    ).toBe(true);
  });
}

describe('no pass changes what a graph computes', () => {
  const orders = [...builtinPasses.map((p) => [p.name, [p]] as const), ...Object.entries(pipelines)];
  test.each(orders)('%s', (_, passes) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 30 }), fc.integer({ min: 1, max: 24 }), (seed, steps) => {
        const { graph, inputs } = randomGraph(registry, seed, steps);
        verifyGraph(graph, registry);
        expectSame(graph, runPasses(graph, passes, registry), inputs);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test('a second run has nothing left to do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 30 }), (seed) => {
        const { graph } = randomGraph(registry, seed, 16);
        for (const pass of builtinPasses) {
          const once = pass.run(graph, registry);
          expect(printGraph(pass.run(once, registry)), pass.name).toBe(printGraph(once));
        }
      }),
      { numRuns: 30, seed: 8 },
    );
  });
});

test('the work of a fused op, run point by point, equals its evaluation', () => {
  let seen = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 30 }), (seed) => {
      const { graph, inputs } = randomGraph(registry, seed, 12);
      const after = runPasses(graph, pipelines.estimate!, registry);
      const values = new Map<string, Tensor>(after.inputs.map((id, i) => [id, inputs[i]!]));
      runGraph(after, registry, inputs, {
        observe: (op, outputs) => outputs.forEach((t, i) => values.set(op.outputs[i]!, t)),
      });
      for (const op of after.ops.filter((o) => o.kind === 'fused')) {
        seen++;
        const work = workOf(op, registry, (id) => ({ ...after.types.get(id)!, value: after.consts.get(id) }));
        const got = runWork(work, new Map(op.inputs.map((id, i) => [`xs${i}`, numbers(values.get(id)!)])));
        const wanted = values.get(op.outputs[0]!)!;
        const tensor = { ...wanted, data: Float32Array.from(got.get('out')!) };
        expect(compareTensors(tensor, wanted, tolerance).ok, printGraph(after)).toBe(true);
        expect(Object.values(work.operands).filter((o) => o.role === 'output').length).toBe(1);
      }
    }),
    { numRuns: 60, seed: 9 },
  );
  expect(seen).toBeGreaterThan(20);
});

describe('the driver', () => {
  const chain = (kind: string, n: number): Graph => {
    const builder = new GraphBuilder(registry, 'chain');
    let id = builder.input(valueId('x'), { format: f32, shape: [2, 2] });
    for (let i = 0; i < n; i++)
      id = builder.op({ kind, inputs: [id], outputs: [valueId(`v${i}`)], origins: [{ node: `n${i}`, op: kind }] })
        .outputs[0]!;
    builder.output(id);
    return builder.build();
  };

  test('a chain of 100,000 nodes goes through every pass in seconds', () => {
    const graph = runPasses(chain('relu', 100_000), pipelines.estimate!, registry);
    expect(graph.ops.length).toBe(1);
    expect(graph.removed.length).toBe(99_999);
  });

  test('100,000 transposes cancel', () => {
    const graph = runPasses(chain('transpose', 100_001), passesFor(['--pass', 'merge-transposes']), registry);
    expect(graph.ops.length).toBe(1);
  });

  test('a rule without an end is stopped, and named', () => {
    const endless = rulePass({
      name: 'turn-around',
      doc: 'Swaps the operands of a sum for ever.',
      rule: (op, { replace }) =>
        op.kind === 'add' ? replace([op], [{ ...op, inputs: [op.inputs[1]!, op.inputs[0]!] }]) : undefined,
    });
    const graph = parseGraph(
      'graph g(%x: f32[2]) {\n  %y: f32[2] = add(%x, %x) from /a (Add)\n  return %y\n}',
      registry,
    );
    expect(() => runPasses(graph, [endless], registry)).toThrow(/turn-around does not come to an end/);
  });

  test('a rule that makes something that does not fit is named', () => {
    const wrong = rulePass({
      name: 'go-wrong',
      doc: 'Makes a reshape without a shape.',
      rule: (op, { replace }) => (op.kind === 'relu' ? replace([op], [{ ...op, kind: 'reshape' }]) : undefined),
    });
    expect(() => runPasses(chain('relu', 1), [wrong], registry)).toThrow(/go-wrong/);
  });

  test('a node that vanishes is noticed', () => {
    const forgetful = {
      name: 'forget',
      doc: 'Loses an origin.',
      needs: [],
      gives: [],
      run: (g: Graph): Graph => ({ ...g, ops: g.ops.map((op) => ({ ...op, origins: [{ node: 'other', op: '' }] })) }),
    };
    expect(() => runPasses(chain('relu', 2), [forgetful], registry)).toThrow(/after forget: node "n0"/);
  });

  test('a need that nothing gives is noticed', () => {
    const needy = rulePass({
      name: 'needy',
      doc: 'Needs what is not there.',
      needs: ['integer-only'],
      rule: () => undefined,
    });
    expect(() => runPasses(chain('relu', 1), [needy], registry)).toThrow(/needs "integer-only"/);
  });

  test('dumps hold the import and each pass that changed something', () => {
    const graph = chain('relu', 2);
    const { dumps, onPass } = dumpCollector('all', graph);
    runPasses(graph, pipelines.import!, registry, { onPass });
    expect(dumps.map((d) => d.name)).toEqual(['00-import.loom', '03-drop-no-ops.loom']);
    expect(dumps[1]!.text).toContain('removed');
  });

  test('passes that nobody has are refused with a suggestion', () => {
    expect(() => passesFor(['--pass', 'fold-bm'])).toThrow(/NL1032/);
  });
});

const models = process.env.NETLOOM_MODELS ?? '../shared/models';

/** Scalar operations of a graph, as far as loop nests tell. */
const pointsIn = (graph: Graph): number =>
  graph.ops.reduce((n, op) => {
    try {
      return (
        n +
        Object.values(
          countWork(workOf(op, registry, (id) => ({ ...graph.types.get(id)!, value: graph.consts.get(id) }))),
        ).reduce((a, b) => a + b, 0)
      );
    } catch (e) {
      if (isNetloomError(e)) return n; // an index that is computed
      throw e;
    }
  }, 0);

describe.skipIf(!existsSync(models))('models (skipped where there are none)', () => {
  const cases = existsSync(models) ? findCases(models) : [];
  test.each(cases.map((path) => [basename(path), path] as const))(
    '%s: every node is accounted for, results stay, the text reads back',
    (name, path) => {
      const { model, readExternal, dataSets } = readCase(path);
      const names = (decodeModel(model, name).graph?.input ?? []).map((i) => i.name ?? '');
      const given = new Map(
        [...(dataSets[0]?.inputs ?? [])].map(([k, bytes]) => [names[k] ?? '', readTensorFile(bytes, name)]),
      );
      const shapes = Object.fromEntries([...given].map(([input, t]) => [input, t.shape]));
      let graph: Graph;
      try {
        graph = importModel(model, registry, { shapes, ...(readExternal ? { readExternal } : {}) }).graph;
      } catch (e) {
        if (isNetloomError(e)) return; // what the importer refuses is a matter of its own suites
        throw e;
      }
      verifyGraph(graph, registry);
      const after = runPasses(graph, pipelines.estimate!, registry);
      expect(vanished(graph, after)).toEqual([]);
      for (const g of [graph, after]) expect(printGraph(parseGraph(printGraph(g), registry))).toBe(printGraph(g));
      const inputs = graph.inputs.map((id) => given.get(id));
      if (pointsIn(graph) > 5e6 || inputs.some((t) => !t)) return; // the plain reference would take minutes
      expectSame(graph, after, inputs as Tensor[]);
    },
  );
});
