import type { Access, Index, Nest, Operand, Step, Term, Work } from '../../../hw-models/work/types.ts';
import { invariant } from '../../../src/base/diagnostics.ts';
import { absent, isConst, type Graph, type ValueId } from '../../ir/types.ts';
import { workOf } from '../../ir/work-of.ts';
import { operandNames, type OperandInfo } from '../define.ts';
import type { OpRegistry } from '../registry.ts';

/**
 * The works of the ops of a body, one after another. Inputs of the body are called as the op calls them (`names`),
 * its single output `out`; values in between, and what the ops keep for themselves, are scratch with names of their own.
 */
export function joinWorks(
  body: Graph,
  names: readonly string[],
  infos: readonly OperandInfo[],
  registry: Pick<OpRegistry, 'of'>,
): Work {
  const operands: Record<string, Operand> = {};
  const steps: Step[] = [];
  const known = new Map<ValueId, { name: string; info: OperandInfo }>();
  body.inputs.forEach((id, i) => known.set(id, { name: names[i]!, info: infos[i]! }));
  body.ops.forEach((op, turn) => {
    const nameOf = (id: ValueId, i: number): string =>
      id === body.outputs[0] ? 'out' : `t${turn}${i > 0 ? `_${i}` : ''}`;
    op.outputs.forEach(
      (id, i) =>
        id !== absent &&
        known.set(id, { name: nameOf(id, i), info: { ...body.types.get(id)!, value: body.consts.get(id) } }),
    );
    if (isConst(op)) return;
    const def = registry.of(op);
    invariant(def.isPriced && !def.isView && !op.bodies?.length, `${op.kind} cannot be part of a fused op`);
    const work = workOf(op, registry, (id) => known.get(id)!.info);
    const outer = new Map<string, string>();
    for (const [name, id] of [...operandNames(def.operands, op.inputs), ...operandNames(def.outputs, op.outputs)])
      outer.set(name, known.get(id)!.name);
    const rename = (name: string): string => outer.get(name) ?? `t${turn}.${name}`;
    for (const [name, operand] of Object.entries(work.operands)) {
      const to = rename(name);
      // An operand that two ops read is a weight if either of them knows it as one.
      const isOwn = !outer.has(name) || (to !== 'out' && !names.includes(to));
      operands[to] ??=
        isOwn && operand.role !== 'table' && operand.role !== 'weight' ? { ...operand, role: 'scratch' } : operand;
    }
    steps.push(...work.steps.map((step) => renamed(step, rename)));
  });
  return { operands, steps };
}

function renamed(step: Step, rename: (name: string) => string): Step {
  if (step.kind === 'repeat') return { ...step, body: step.body.map((s) => renamed(s, rename)) };
  if (step.kind === 'nest') return renamedNest(step, rename);
  const keys = (counts: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(counts).map(([name, n]) => [rename(name), n]));
  return { ...step, reads: keys(step.reads), writes: keys(step.writes) };
}

function renamedNest(nest: Nest, rename: (name: string) => string): Nest {
  const index = (i: Index): Index => ({
    ...i,
    terms: i.terms.map((t): Term => ('read' in t ? { ...t, read: rename(t.read), at: t.at.map(index) } : t)),
  });
  const access = (a: Access): Access => ({ ...a, operand: rename(a.operand), at: a.at.map(index) });
  return { ...nest, reads: nest.reads.map(access), write: access(nest.write) };
}
