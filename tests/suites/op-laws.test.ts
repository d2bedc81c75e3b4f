import { describe, expect, test } from 'vitest';
import { builtinOps } from '../../compiler/ops/index.ts';
import {
  bareName,
  isVariadic,
  operandNames,
  type Example,
  type OpDef,
  type OperandInfo,
} from '../../compiler/ops/define.ts';
import { exampleTensor } from '../../compiler/ops/example.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { runWork } from '../../compiler/simulate/run-work.ts';
import { absent, valueId, type Attrs, type ValueId } from '../../compiler/ir/types.ts';
import { numbers, type Tensor } from '../../compiler/tensor/tensor.ts';
import type { Procedure, Step } from '../../hw-models/work/types.ts';

/** Ops whose examples live in graphs (bodies), or that have no elements of their own. */
const withoutExamples = new Set(['const', 'if', 'loop', 'scan', 'batched-scan', 'fused']);

/** Tolerance of the loop nest, which computes in doubles, against references that round to the format. */
const tolerance: Record<string, number> = { f64: 1e-12, f32: 1e-5, f16: 4e-3, bf16: 3e-2 };

interface Case {
  readonly inputs: (Tensor | undefined)[];
  readonly infos: (OperandInfo | undefined)[];
  readonly ids: ValueId[];
  readonly attrs: Attrs;
  readonly expected: Map<number, Tensor>;
}

function caseOf(def: OpDef, example: Example): Case {
  const inputs: (Tensor | undefined)[] = [];
  for (const declared of def.operands) {
    const given = example[bareName(declared)];
    if (isVariadic(declared)) for (const text of given as readonly string[]) inputs.push(exampleTensor(text));
    else inputs.push(typeof given === 'string' ? exampleTensor(given) : undefined);
  }
  const expected = new Map<number, Tensor>();
  def.outputs.forEach((declared, i) => {
    const given = example[bareName(declared)];
    if (isVariadic(declared) && Array.isArray(given))
      given.forEach((text: string, k) => expected.set(i + k, exampleTensor(text)));
    else if (typeof given === 'string') expected.set(i, exampleTensor(given));
  });
  return {
    inputs,
    infos: inputs.map((t) => t && { format: t.format, shape: t.shape, value: t }),
    ids: inputs.map((t, i) => (t ? valueId(`v${i}`) : absent)),
    attrs: example.attrs ?? {},
    expected,
  };
}

const allWanted = (def: OpDef): boolean[] => def.outputs.map(() => true);
const context = (def: OpDef) => ({ wanted: allWanted(def), bodies: [], run: () => [] });

/** Steps that state counts because no loop nest tells which elements they touch (sorting, suppression). */
const proceduresOf = (steps: readonly Step[]): Procedure[] =>
  steps.flatMap((s) => (s.kind === 'procedure' ? [s] : s.kind === 'repeat' ? proceduresOf(s.body) : []));

function expectClose(name: string, actual: ArrayLike<number>, wanted: ArrayLike<number>, rtol: number): void {
  expect(actual.length, name).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const [a, w] = [actual[i]!, wanted[i]!];
    if (Number.isNaN(w) ? Number.isNaN(a) : a === w || Math.abs(a - w) <= rtol * Math.max(1, Math.abs(w))) continue;
    expect.fail(`${name}[${i}]: got ${a}, wanted ${w}`);
  }
}

test('kinds and ONNX operators are registered once', () => {
  expect(() => new OpRegistry(builtinOps)).not.toThrow();
});

describe.each(builtinOps.map((def) => [def.kind, def] as const))('%s', (kind, def) => {
  test('says what it means', () => {
    expect(def.doc.length).toBeGreaterThan(10);
    if (!withoutExamples.has(kind)) expect(def.examples.length, `${kind} needs examples`).toBeGreaterThan(0);
  });

  test.each(def.examples.map((e, i) => [i, e] as const))(
    'example %i: evaluate gives what is expected',
    (_, example) => {
      const c = caseOf(def, example);
      const results = def.evaluate(c.inputs, c.attrs, context(def));
      for (const [i, wanted] of c.expected) {
        expect(results[i]!.shape).toEqual(wanted.shape);
        expect(results[i]!.format.name).toBe(wanted.format.name);
        expectClose(`${kind} output ${i}`, numbers(results[i]!), numbers(wanted), tolerance[wanted.format.name] ?? 0);
      }
    },
  );

  test.each(def.examples.map((e, i) => [i, e] as const))(
    'example %i: infer tells format and shape of what evaluate gives',
    (_, example) => {
      const c = caseOf(def, example);
      const types = def.infer(c.infos, c.attrs, context(def));
      const results = def.evaluate(c.inputs, c.attrs, context(def));
      results.forEach((r, i) => {
        if (!r) return;
        expect(types[i]!.format.name).toBe(r.format.name);
        if (types[i]!.assumed) expect(r.shape.length).toBe(types[i]!.shape.length);
        else expect(types[i]!.shape).toEqual(r.shape);
      });
    },
  );

  test.each(def.examples.map((e, i) => [i, e] as const))(
    'example %i: work, run point by point, equals evaluate',
    (_, example) => {
      if (!def.isPriced) return;
      const c = caseOf(def, example);
      const types = def.infer(c.infos, c.attrs, context(def));
      // Weights are told apart from activations in a graph; here the second and later operands count as weights.
      const work = def.work(c.infos, c.attrs, { ...context(def), out: types });
      const results = def.evaluate(c.inputs, c.attrs, context(def));
      if (def.isView) return expect(numbers(results[0]!)).toEqual(numbers(c.inputs[0]!));
      if (def.fromTypes && work.steps.length === 0) return;
      const stated = proceduresOf(work.steps);
      if (stated.length > 0) {
        for (const p of stated)
          expect(p.why.length, `${kind} states counts instead of a loop nest: say why`).toBeGreaterThan(30);
        return;
      }
      const named = new Map<string, ArrayLike<number>>();
      const names = operandNames(def.operands, c.ids);
      for (const [name, id] of names) {
        const t = c.inputs[c.ids.indexOf(id)];
        if (t) named.set(name, numbers(t));
      }
      const values = runWork(work, named);
      const outNames = operandNames(
        def.outputs,
        results.map((_, i) => valueId(`o${i}`)),
      );
      for (const [name, id] of outNames) {
        const r = results[Number(id.slice(1))]!;
        if (!r) continue;
        // Integer arithmetic wraps in the format, and narrow floats round in it; the nest computes in doubles.
        const settles =
          r.format.bits <= 32 && (r.format.kind === 'int' || (r.format.kind === 'float' && r.format.bits < 16));
        const settled = settles ? values.get(name)!.map((x) => r.format.cast(x)) : values.get(name)!;
        expectClose(`${kind} ${name}`, settled, numbers(r), tolerance[r.format.name] ?? 0);
      }
    },
  );
});
