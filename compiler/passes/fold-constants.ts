import { countWork } from '../../hw-models/work/count.ts';
import { isNetloomError, isOutOfMemory } from '../../src/base/diagnostics.ts';
import { wantedOutputs } from '../ir/infer.ts';
import { joinOrigins } from '../ir/origins.ts';
import { rulePass, type RuleContext } from '../ir/rewrite.ts';
import { absent, isConst, type Op, type Origin, type ValueId } from '../ir/types.ts';
import { workOf } from '../ir/work-of.ts';
import { sameType } from '../ir/verify.ts';
import type { OpDef, OperandInfo } from '../ops/define.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { isSettled } from './kit/known.ts';

/** Scalar operations that one fold may take: a few seconds of the plain reference. */
const workLimit = 2 ** 27;

/** Origins carried along by a folded constant; those of longer chains end in `removed`. */
const mostOrigins = 16;

/** Ops that say how a weight is stored. Folding them would turn a quantised weight into a float one. */
const storesWeights = new Set(['dequantize-linear', 'quant', 'bipolar-quant', 'trunc-quant', 'float-quant']);

/** Ops on constants, and ops that only look at shapes, become constants. */
export const foldConstants = rulePass({
  name: 'fold-constants',
  doc: 'Ops whose operands are all constant, or that only ask for shapes, are computed now; at most 64 MiB of new constants are made. Dequantisation of weights is kept.',
  gives: ['folded'],
  rule(op, context) {
    if (isConst(op) || op.bodies?.length || storesWeights.has(op.kind)) return;
    const def = context.registry.of(op);
    const outputs = op.outputs.filter((id) => id !== absent);
    if (def.impure !== undefined || outputs.length === 0 || !outputs.every((id) => isSettled(context.typeOf(id))))
      return;
    const infos = op.inputs.map((id): OperandInfo | undefined => (id === absent ? undefined : context.infoOf(id)));
    const results = resultsOf(op, def, infos, context);
    if (!results) return;
    return context.replace(
      [op],
      op.outputs.flatMap((id, i) =>
        id === absent
          ? []
          : [{ kind: 'const', inputs: [], outputs: [id], value: results[i]!, origins: originsOf(op, context) }],
      ),
    );
  },
});

function resultsOf(
  op: Op,
  def: OpDef,
  infos: readonly (OperandInfo | undefined)[],
  context: RuleContext,
): readonly Tensor[] | undefined {
  const given = infos.filter((i) => i !== undefined);
  if (def.fromTypes && given.every(isSettled) && isAffordable(op, def, context)) {
    const value = def.fromTypes(infos, op.attrs);
    if (value) return [value];
  }
  const values = op.inputs.map((id) => context.constOf(id));
  if (values.some((v, i) => !v && op.inputs[i] !== absent)) return undefined;
  if (!isAffordable(op, def, context)) return undefined;
  const results = computed(() =>
    def.evaluate(values, op.attrs, { wanted: wantedOutputs(def, op), bodies: [], run: () => [] }),
  );
  if (!results) return undefined;
  const areAsInferred = op.outputs.every(
    (id, i) =>
      id === absent ||
      (results[i] !== undefined &&
        sameType(context.typeOf(id), { format: results[i].format, shape: results[i].shape })),
  );
  return areAsInferred ? results : undefined;
}

/** What cannot be computed now is left to the run, which says so with the node's name. */
function computed<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (e) {
    if (isNetloomError(e) || isOutOfMemory(e)) return undefined;
    throw e;
  }
}

/** Bytes count as far as the constants that go do not make up for them. */
function isAffordable(op: Op, def: OpDef, context: RuleContext): boolean {
  const out = op.outputs.map((id) => (id === absent ? undefined : context.typeOf(id)));
  const bytesOf = (types: readonly ({ format: { bits: number }; shape: readonly number[] } | undefined)[]): number =>
    types.reduce((n, t) => n + (t ? Math.ceil((sizeOf(t.shape) * t.format.bits) / 8) : 0), 0);
  const freed = op.inputs.flatMap((id) => (id !== absent && context.soleUser(id) ? [context.typeOf(id)] : []));
  if (def.isPriced && !def.isView) {
    const work = computed(() => workOf(op, context.registry, context.infoOf));
    if (!work || Object.values(countWork(work)).reduce((n, k) => n + k, 0) > workLimit) return false;
  }
  return context.spend(Math.max(0, bytesOf(out) - bytesOf(freed)));
}

/** The node itself, and the constants that only it read. */
function originsOf(op: Op, context: RuleContext): readonly Origin[] {
  const sources = op.inputs.flatMap((id: ValueId) =>
    context.constOf(id) && context.soleUser(id) ? [context.producer(id)!.origins] : [],
  );
  return joinOrigins([op.origins, ...sources.filter((s) => s.length < mostOrigins)]).slice(0, mostOrigins);
}
