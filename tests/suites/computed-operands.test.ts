import { describe, expect, test } from 'vitest';
import { linear } from '../../compiler/ops/lists/linear.ts';
import { bareName, isVariadic, operandNames, type OpDef } from '../../compiler/ops/define.ts';
import { exampleTensor } from '../../compiler/ops/example.ts';
import { runWork } from '../../compiler/simulate/run-work.ts';
import { countWork, flatten } from '../../hw-models/work/count.ts';
import { asContraction } from '../../hw-models/work/contraction.ts';
import { valueId } from '../../compiler/ir/types.ts';
import { numbers, type Tensor } from '../../compiler/tensor/tensor.ts';

/** Operands that shapes depend on stay known; all others are as if computed elsewhere: weights, scales, zero points. */
const shapeOperands = new Set(['outputShape', 'imageShape', 'blockShape']);
const tolerance: Record<string, number> = { f64: 1e-12, f32: 1e-5, f16: 4e-3 };

const context = (def: OpDef) => ({ wanted: def.outputs.map(() => true), bodies: [], run: () => [] });

function operandsOf(def: OpDef, example: OpDef['examples'][number]): { name: string; tensor: Tensor | undefined }[] {
  return def.operands.flatMap((declared) => {
    const given = example[bareName(declared)];
    if (isVariadic(declared))
      return (given as readonly string[]).map((text) => ({ name: declared, tensor: exampleTensor(text) }));
    return [{ name: bareName(declared), tensor: typeof given === 'string' ? exampleTensor(given) : undefined }];
  });
}

describe.each(linear.map((def) => [def.kind, def] as const))('%s', (_kind, def) => {
  test.each(def.examples.map((e, i) => [i, e] as const))(
    'example %i: work over operands that only the run knows equals evaluate',
    (_, example) => {
      const operands = operandsOf(def, example);
      const tensors = operands.map((o) => o.tensor);
      const infos = operands.map(
        ({ name, tensor: t }) =>
          t && { format: t.format, shape: t.shape, ...(shapeOperands.has(name) ? { value: t } : {}) },
      );
      const attrs = example.attrs ?? {};
      const work = def.work(infos, attrs, { ...context(def), out: def.infer(infos, attrs, context(def)) });
      const ids = tensors.map((t, i) => valueId(t ? `v${i}` : ''));
      const values = new Map(
        [...operandNames(def.operands, ids)].map(([name, id]) => [name, numbers(tensors[ids.indexOf(id)]!)]),
      );
      const results = runWork(work, values);
      def.evaluate(tensors, attrs, context(def)).forEach((wanted, i) => {
        const got = results.get(bareName(def.outputs[i]!))!;
        const rtol = tolerance[wanted.format.name] ?? 0;
        Array.from(numbers(wanted)).forEach((w, k) => {
          const x = wanted.format.kind === 'int' && wanted.format.bits <= 32 ? wanted.format.cast(got[k]!) : got[k]!;
          if (!(x === w || Math.abs(x - w) <= rtol * Math.max(1, Math.abs(w))))
            expect.fail(`${def.kind}[${k}]: got ${x}, wanted ${w}`);
        });
      });
      // Every sum of products is one that array machines can map.
      for (const { step } of flatten(work.steps)) {
        if (step.kind !== 'nest' || !countWork({ operands: work.operands, steps: [step] }).mac) continue;
        const loops = step.loops.filter((l) => l.size > 1).length;
        if (loops > 1) expect(asContraction(step, work.operands), `${def.kind} is no contraction`).toBeDefined();
      }
    },
  );
});
