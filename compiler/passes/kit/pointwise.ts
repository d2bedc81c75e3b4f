import { countWork } from '../../../hw-models/work/count.ts';
import type { Access, Index, Loop, Nest, Work } from '../../../hw-models/work/types.ts';
import { isNetloomError } from '../../../src/base/diagnostics.ts';
import { absent, type Op, type ValueId } from '../../ir/types.ts';
import { workOf } from '../../ir/work-of.ts';
import { operandNames, type OperandInfo } from '../../ops/define.ts';
import type { OpRegistry } from '../../ops/registry.ts';
import { isSettled } from './known.ts';

/** Where the types of values are looked up: a graph, or the body of an op. */
export interface Surroundings {
  readonly registry: Pick<OpRegistry, 'of'>;
  readonly infoOf: (id: ValueId) => OperandInfo;
}

/** What the work of an op says, for ops with one output, no bodies and shapes that are known; undefined for others. */
export function knownWork(op: Op, { registry, infoOf }: Surroundings): Work | undefined {
  const def = registry.of(op);
  if (!def.isPriced || def.isView || op.bodies?.length || op.outputs.length !== 1 || def.impure !== undefined)
    return undefined;
  const ids = [...op.inputs.filter((id) => id !== absent), op.outputs[0]!];
  if (!ids.every((id) => isSettled(infoOf(id)))) return undefined;
  try {
    return workOf(op, registry, infoOf);
  } catch (e) {
    // What cannot be told now (an axis that is computed) stops no compilation by itself.
    if (isNetloomError(e)) return undefined;
    throw e;
  }
}

const isLoop = (index: Index, loop: Loop | undefined): boolean => {
  const [term] = index.terms;
  return (
    loop !== undefined &&
    index.offset === 0 &&
    index.terms.length === 1 &&
    term !== undefined &&
    'by' in term &&
    'loop' in term &&
    term.by === 1 &&
    term.loop === loop.name
  );
};

const isFirst = (index: Index): boolean => index.offset === 0 && index.terms.length === 0;

/** `operand[i0, i1, ...]` for the loops in their order: the point of a nest, and nothing around it. */
const isHere = (access: Access, loops: readonly Loop[]): boolean =>
  access.at.length === loops.length &&
  access.at.every((index, axis) => isLoop(index, loops[axis]) || (loops[axis]!.size === 1 && isFirst(index)));

/** A read that follows numpy's broadcasting: axes aligned at the end, at 0 along those of size 1. */
const broadcasts = (access: Access, loops: readonly Loop[], shape: readonly number[]): boolean =>
  access.outside === undefined &&
  access.at.every(
    (index, axis) => isLoop(index, loops[axis + loops.length - shape.length]) || (shape[axis] === 1 && isFirst(index)),
  );

const isFinal = (nest: Nest): boolean =>
  nest.combine === 'set' &&
  !nest.sequential?.length &&
  nest.write.operand === outName &&
  isHere(nest.write, nest.loops);

/** What ops with one output call it. */
const outName = 'out';

/**
 * Whether an op works element by element with plain broadcasting, told from its loop nest: axes may then be put in
 * another order before or after it alike.
 */
export function isElementwise(op: Op, around: Surroundings): boolean {
  const work = knownWork(op, around);
  const [nest] = work?.steps ?? [];
  if (work?.steps.length !== 1 || nest?.kind !== 'nest' || !isFinal(nest)) return false;
  const usesLoops = JSON.stringify(nest.compute).includes('"loop"');
  return !usesLoops && nest.reads.every((r) => broadcasts(r, nest.loops, work.operands[r.operand]!.shape));
}

/**
 * Whether each element of the output needs, of operand `id`, only the element at its own place: what a kernel can do
 * to a result before it leaves. Other operands may be read anywhere, and prepared in steps before.
 */
export function readsInPlace(op: Op, id: ValueId, around: Surroundings): boolean {
  const work = knownWork(op, around);
  if (!work) return false;
  const names = new Set(
    [...operandNames(around.registry.of(op).operands, op.inputs)].flatMap(([name, value]) =>
      value === id ? [name] : [],
    ),
  );
  const readers = work.steps.filter((s) => s.kind !== 'nest' || s.reads.some((r) => names.has(r.operand)));
  const [last] = readers;
  if (readers.length !== 1 || last?.kind !== 'nest' || work.steps.at(-1) !== last || !isFinal(last)) return false;
  return last.reads.every((r) => !names.has(r.operand) || isHere(r, last.loops));
}

/** Whether an op computes something (moving elements is no computation), and a loop nest tells what. */
export function computes(op: Op, around: Surroundings): boolean {
  const work = knownWork(op, around);
  if (!work || work.steps.length === 0 || work.steps.some((s) => s.kind === 'procedure')) return false;
  return Object.entries(countWork(work)).some(([kind, n]) => kind !== 'move' && n > 0);
}

/** Whether an op is a single nest that reads some operand in place: it can stand in the middle of a fused op. */
export const isPointwise = (op: Op, around: Surroundings): boolean =>
  op.inputs.some((id) => id !== absent && readsInPlace(op, id, around)) && computes(op, around);
