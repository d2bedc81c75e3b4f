import { invariant } from '../../src/base/diagnostics.ts';
import { rowMajor } from '../tensor/shape.ts';
import { scalarFunctions } from '../tensor/scalar.ts';
import type { Access, Combine, Index, Nest, Scalar, Step, Work } from '../../hw-models/work/types.ts';

/** Elements of the operands of a work, by name, as doubles. */
export type WorkValues = Map<string, Float64Array>;

const identity: Record<Exclude<Combine, 'set'>, number> = {
  add: 0,
  mul: 1,
  max: -Infinity,
  min: Infinity,
  or: 0,
  and: 1,
  xor: 0,
};

const combiners: Record<Combine, (old: number, x: number) => number> = {
  set: (_, x) => x,
  add: (old, x) => old + x,
  mul: (old, x) => old * x,
  max: (old, x) => (Number.isNaN(x) || x > old ? x : old),
  min: (old, x) => (Number.isNaN(x) || x < old ? x : old),
  or: (old, x) => (old !== 0 || x !== 0 ? 1 : 0),
  and: (old, x) => (old !== 0 && x !== 0 ? 1 : 0),
  xor: (old, x) => ((old !== 0) !== (x !== 0) ? 1 : 0),
};

/**
 * Runs a work point by point in the order written, in doubles, and answers the value of each operand. This is what
 * holds `work` to `evaluate`: a cost model that reads the same description cannot be about another computation.
 * Values are not rounded to the operands' formats; the caller does that when it compares.
 */
export function runWork(work: Work, inputs: ReadonlyMap<string, ArrayLike<number>>): WorkValues {
  const values: WorkValues = new Map();
  for (const [name, operand] of Object.entries(work.operands)) {
    const n = operand.shape.reduce((p, d) => p * d, 1);
    const given = operand.data ?? inputs.get(name);
    invariant(!given || given.length === n, `operand ${name} has ${given?.length} elements, not ${n}`);
    values.set(name, given ? Float64Array.from(given) : new Float64Array(n));
  }
  runSteps(work, work.steps, values, new Map());
  return values;
}

function runSteps(work: Work, steps: readonly Step[], values: WorkValues, outer: Map<string, number>): void {
  for (const step of steps) {
    if (step.kind === 'procedure') throw new Error('a procedure has no points to run');
    if (step.kind === 'nest') runNest(work, step, values, outer);
    else
      for (let i = 0; i < step.loop.size; i++) runSteps(work, step.body, values, new Map(outer).set(step.loop.name, i));
  }
}

function runNest(work: Work, nest: Nest, values: WorkValues, outer: ReadonlyMap<string, number>): void {
  const out = values.get(nest.write.operand);
  invariant(out, `no operand ${nest.write.operand}`);
  const fresh = nest.start === 'fresh' && nest.combine !== 'set';
  const started = fresh ? new Uint8Array(out.length) : undefined;
  const at = new Map(outer);
  const place = (access: Access): number => {
    const operand = work.operands[access.operand];
    invariant(operand, `no operand ${access.operand}`);
    const strides = rowMajor(operand.shape);
    let offset = 0;
    for (let axis = 0; axis < access.at.length; axis++) {
      const i = position(access.at[axis]!, operand.shape[axis]!);
      if (i < 0 || i >= operand.shape[axis]!) return -1;
      offset += i * strides[axis]!;
    }
    return offset;
  };
  const position = (index: Index, size: number): number =>
    index.terms.reduce((sum, term) => {
      if ('table' in term) return sum + term.table[at.get(term.loop)!]!;
      if ('loop' in term) {
        const i = at.get(term.loop);
        invariant(i !== undefined, `loop ${term.loop} is not open`);
        return sum + term.by * i;
      }
      const fetched = values.get(term.read)![place({ operand: term.read, at: term.at })]!;
      return sum + term.by * (term.wrap && fetched < 0 ? fetched + size : fetched);
    }, index.offset);
  const scalar = (e: Scalar, reads: readonly number[]): number => {
    if ('read' in e) return reads[e.read]!;
    if ('value' in e) return e.value;
    if ('loop' in e) return at.get(e.loop)!;
    return scalarFunctions[e.op](...e.of.map((x) => scalar(x, reads)));
  };
  const point = (): void => {
    const reads: number[] = [];
    for (const r of nest.reads) {
      const i = place(r);
      if (i < 0 && r.outside === undefined) return;
      reads.push(i < 0 ? r.outside! : values.get(r.operand)![i]!);
    }
    const target = place(nest.write);
    if (target < 0) return;
    const x = scalar(nest.compute, reads);
    if (started && !started[target]) {
      started[target] = 1;
      out[target] = identity[nest.combine as Exclude<Combine, 'set'>];
    }
    out[target] = combiners[nest.combine](out[target]!, x);
  };
  const descend = (depth: number): void => {
    const loop = nest.loops[depth];
    if (!loop) return point();
    for (let i = 0; i < loop.size; i++) {
      at.set(loop.name, i);
      descend(depth + 1);
    }
  };
  // Elements that no point falls on still hold the identity of a fresh combination (a sum over nothing is 0).
  if (fresh) fillUntouched(nest, out);
  descend(0);
}

function fillUntouched(nest: Nest, out: Float64Array): void {
  if (nest.combine === 'set') return;
  // The nest owns the whole operand only where its write covers it; a sliced write leaves the rest alone.
  const partial = nest.write.at.some((i) => i.offset !== 0 || i.terms.some((t) => !('loop' in t) || 'table' in t));
  if (!partial) out.fill(identity[nest.combine]);
}
