import { invariant } from '../../src/base/diagnostics.ts';
import type { Access, Nest, OpCounts, OpKind, Operand, Scalar, ScalarOp, Step, Work } from './types.ts';

/** Rounding to the precision of a step is part of that step: `tof32` and its like have no kind of their own. */
const kindOf: Partial<Record<ScalarOp, OpKind>> = {
  ...byKind('add', ['add', 'sub', 'neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'trunc']),
  ...byKind('mul', ['mul']),
  ...byKind('div', ['div', 'mod', 'fmod', 'sqrt']),
  ...byKind('compare', ['min', 'max', 'lt', 'le', 'gt', 'ge', 'eq', 'ne', 'select', 'isnan', 'isinf']),
  ...byKind('logic', [
    'and',
    'or',
    'xor',
    'not',
    'bitand',
    'bitor',
    'bitxor',
    'bitnot',
    'shiftleft',
    'shiftright',
    'exponent',
  ]),
  ...byKind('exp', ['exp', 'log', 'pow', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan']),
  ...byKind('exp', ['sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'erf']),
};

function byKind(kind: OpKind, ops: readonly ScalarOp[]): Partial<Record<ScalarOp, OpKind>> {
  return Object.fromEntries(ops.map((op) => [op, kind]));
}

export const pointsOf = (nest: Nest): number => nest.loops.reduce((n, loop) => n * loop.size, 1);

/** Loops whose value takes part in where an access points. */
export function loopsIn(access: Access): Set<string> {
  const found = new Set<string>();
  const visit = (a: Pick<Access, 'at'>): void => {
    for (const i of a.at)
      for (const t of i.terms)
        if ('loop' in t) found.add(t.loop);
        else visit(t);
  };
  visit(access);
  return found;
}

/** Loops summed (or otherwise combined) away: those the written position does not depend on. */
export function reduceLoops(nest: Nest): string[] {
  const kept = loopsIn(nest.write);
  return nest.loops.filter((l) => !kept.has(l.name)).map((l) => l.name);
}

function addScalar(counts: OpCounts, expression: Scalar, times: number): void {
  if (!('op' in expression)) return;
  const kind = kindOf[expression.op];
  if (kind) counts[kind] = (counts[kind] ?? 0) + times;
  for (const part of expression.of) addScalar(counts, part, times);
}

/** A product of two different values. A square is none: norms and variances sum squares, but are no matrix product. */
const isProduct = (e: Scalar): e is { op: 'mul'; of: readonly Scalar[] } =>
  'op' in e && e.op === 'mul' && JSON.stringify(e.of[0]) !== JSON.stringify(e.of[1]);

/** A sum of products: one MAC a point. */
export const isMacNest = (nest: Nest): boolean => nest.combine === 'add' && isProduct(nest.compute);

const bitwise = (operand: Operand | undefined): boolean => operand?.format.kind === 'bipolar';

/** Scalar operations of one run of a nest, by kind. A product of two bipolar operands is an XNOR. */
export function countNest(nest: Nest, operands: Readonly<Record<string, Operand>>): OpCounts {
  const counts: OpCounts = {};
  const points = pointsOf(nest);
  if (isMacNest(nest)) {
    const product = nest.compute as { of: readonly Scalar[] };
    const binary = nest.reads.length >= 2 && nest.reads.every((r) => bitwise(operands[r.operand]));
    counts[binary ? 'xnor' : 'mac'] = points;
    for (const factor of product.of) addScalar(counts, factor, points);
  } else {
    addScalar(counts, nest.compute, points);
    if (nest.combine !== 'set') {
      const kind: OpKind =
        nest.combine === 'add'
          ? 'add'
          : nest.combine === 'mul'
            ? 'mul'
            : nest.combine === 'max' || nest.combine === 'min'
              ? 'compare'
              : 'logic';
      counts[kind] = (counts[kind] ?? 0) + points;
    }
    if (Object.keys(counts).length === 0) counts.move = points;
  }
  return counts;
}

export function addCounts(total: OpCounts, more: OpCounts, times = 1): OpCounts {
  const sum: OpCounts = { ...total };
  for (const [kind, n] of Object.entries(more) as [OpKind, number][]) sum[kind] = (sum[kind] ?? 0) + n * times;
  return sum;
}

/** A step that runs once, and how many times it does: repeats are multiplied out. */
export interface FlatStep {
  readonly step: Exclude<Step, { kind: 'repeat' }>;
  readonly times: number;
}

export function flatten(steps: readonly Step[], times = 1): FlatStep[] {
  return steps.flatMap((step) =>
    step.kind === 'repeat' ? flatten(step.body, times * step.loop.size) : [{ step, times }],
  );
}

/** Scalar operations of a whole work, by kind. */
export function countWork(work: Work): OpCounts {
  return flatten(work.steps).reduce<OpCounts>(
    (total, { step, times }) =>
      addCounts(total, step.kind === 'nest' ? countNest(step, work.operands) : step.counts, times),
    {},
  );
}

/**
 * Multiply-accumulates of a work, as networks are compared by them. Sums that only weigh values by fixed tables of the op
 * itself (interpolation, transforms) are left out by that convention; machines are asked to price them all the same.
 */
export function macsOf(work: Work): number {
  let total = 0;
  for (const { step, times } of flatten(work.steps)) {
    const isTable = step.kind === 'nest' && step.reads.some((r) => work.operands[r.operand]?.role === 'table');
    if (isTable) continue;
    const counts = step.kind === 'nest' ? countNest(step, work.operands) : step.counts;
    total += ((counts.mac ?? 0) + (counts.xnor ?? 0)) * times;
  }
  return total;
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const bytesOf = (operand: Pick<Operand, 'shape' | 'format'>): number =>
  Math.ceil((elementsOf(operand.shape) * operand.format.bits) / 8);

/** Number of distinct positions an access visits along one axis, bounded by the size of the axis. */
function span(access: Access, axis: number, nest: Nest, size: number): number {
  let reach = 1;
  const steps: number[] = [];
  for (const t of access.at[axis]!.terms) {
    if (!('loop' in t)) return size;
    const loop = nest.loops.find((l) => l.name === t.loop);
    if (!loop || loop.size === 1) continue;
    if ('table' in t) return Math.min(size, new Set(Array.from(t.table)).size * reach);
    steps.push(Math.abs(t.by));
    reach += Math.abs(t.by) * (loop.size - 1);
  }
  // Positions that no combination of steps can reach are not visited: a single strided loop leaves gaps.
  const stride = steps.reduce(gcd, 0) || 1;
  return Math.min(size, Math.floor((reach - 1) / stride) + 1, pointsOf(nest));
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Distinct elements an access touches (for gathers: an upper bound), never more than the operand has. */
export function footprint(nest: Nest, access: Access, operand: Operand): number {
  invariant(
    access.at.length === operand.shape.length,
    `access to ${access.operand} has ${access.at.length} indices for ${operand.shape.length} axes`,
  );
  const distinct = access.at.reduce((n, _, axis) => n * span(access, axis, nest, operand.shape[axis]!), 1);
  return Math.min(distinct, pointsOf(nest));
}
