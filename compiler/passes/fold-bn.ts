import { rulePass, type NewOp, type Rewrite, type RuleContext } from '../ir/rewrite.ts';
import type { Op, ValueId } from '../ir/types.ts';
import { batchNorm } from '../ops/batch-norm.ts';
import { fromNumbers, numbers, type Tensor } from '../tensor/tensor.ts';
import { biasOf, isFinite, linearOp, scaledWeights } from './kit/affine.ts';
import { constantSide, isSettled, perChannel } from './kit/known.ts';

/** y = x * factor + shift, per channel along `axis` of x. */
interface Affine {
  readonly x: ValueId;
  readonly axis: number;
  readonly factor: Float64Array;
  readonly shift: Float64Array;
  /** The constants it comes from. */
  readonly from: readonly ValueId[];
}

/** Scales and shifts per channel become part of the weights and bias of the op before them. */
export const foldBn = rulePass({
  name: 'fold-bn',
  doc: 'Batch normalisation, and products and sums with a constant per channel, become part of the weights and bias before them (conv, conv-transpose, gemm, matmul). A batch normalisation that stands alone becomes a product and a sum.',
  rule(op, context) {
    const linear =
      linearOp(context.producer(op.inputs[0]), context) ?? linearOp(context.producer(op.inputs[1]), context);
    const affine = linear && affineOf(op, linear.op.outputs[0]!, linear.axis, context);
    if (!linear || !affine) return batchNorm.is(op) ? spelledOut(op, context) : undefined;
    const bias = biasOf(linear, context);
    const isAlone = context.soleUser(affine.x) === op && context.soleUser(linear.weight) === linear.op;
    if (!bias || !isAlone || affine.factor.length !== linear.channels)
      return batchNorm.is(op) ? spelledOut(op, context) : undefined;
    const shift = bias.map((b, c) => b * affine.factor[c]! + affine.shift[c]!);
    if (!isFinite(affine.factor) || !isFinite(shift)) return;
    const isShifted = linear.bias !== undefined || shift.some((x) => x !== 0);
    if (isShifted && !linear.takesBias) return;

    const weights = context.constOf(linear.weight)!;
    const [x] = linear.op.inputs as readonly [ValueId];
    const isScaled = affine.factor.some((f) => f !== 1);
    const weight = isScaled
      ? context.constant(`${linear.weight}/scaled`, scaledWeights(linear, weights, affine.factor), [
          linear.weight,
          ...affine.from,
        ])
      : linear.weight;
    const biasHint = `${linear.bias ?? `${op.outputs[0]!}/bias`}${linear.bias ? '/shifted' : ''}`;
    const biases = isShifted
      ? [
          context.constant(biasHint, fromNumbers(weights.format, [linear.channels], shift), [
            ...(linear.bias ? [linear.bias] : []),
            ...affine.from,
          ]),
        ]
      : [];
    return context.replace(
      [linear.op, op],
      [
        {
          ...linear.op,
          origins: [...linear.op.origins, ...op.origins],
          inputs: [x, weight, ...biases],
          outputs: op.outputs,
        },
      ],
    );
  },
});

/** What an op does to `x`, when that is a factor and a shift per channel. */
function affineOf(op: Op, x: ValueId, axis: number, context: RuleContext): Affine | undefined {
  const type = context.typeOf(x);
  const [out] = op.outputs as readonly [ValueId];
  if (!isSettled(type) || !isSettled(context.typeOf(out)) || type.shape[axis] === undefined) return undefined;
  if (batchNorm.is(op))
    return op.inputs[0] === x && (axis === 1 || type.shape.length === 1) ? normalisation(op, context) : undefined;
  if (!['add', 'sub', 'mul', 'div'].includes(op.kind)) return undefined;
  const side = constantSide(context, op);
  const constant = side && perChannel(side.value, type.shape, axis);
  if (!side || !constant || side.other !== x || context.typeOf(out).shape.length !== type.shape.length)
    return undefined;
  const filled = (value: number): Float64Array => new Float64Array(constant.length).fill(value);
  const affine = (factor: Float64Array, shift: Float64Array): Affine => ({
    x,
    axis,
    factor,
    shift,
    from: [side.constant],
  });
  switch (op.kind) {
    case 'add':
      return affine(filled(1), constant);
    case 'mul':
      return affine(constant, filled(0));
    case 'sub':
      return side.isRight
        ? affine(
            filled(1),
            constant.map((c) => -c),
          )
        : affine(filled(-1), constant);
    default:
      return side.isRight
        ? affine(
            constant.map((c) => 1 / c),
            filled(0),
          )
        : undefined;
  }
}

/** Factor and shift of a batch normalisation with constant statistics. */
function normalisation(op: Op, context: RuleContext): Affine | undefined {
  const parts = op.inputs.slice(1).map((id) => context.constOf(id));
  const [x, ...from] = op.inputs as readonly [ValueId, ...ValueId[]];
  if (parts.some((p) => !p)) return undefined;
  const [scale, bias, mean, variance] = parts.map((p) => Float64Array.from(numbers(p!))) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const { epsilon } = batchNorm.attrsOf(op);
  const factor = scale.map((s, c) => s / Math.sqrt(variance[c]! + epsilon));
  const shift = bias.map((b, c) => b - mean[c]! * factor[c]!);
  return isFinite(factor) && isFinite(shift) ? { x, axis: 1, factor, shift, from } : undefined;
}

/** A batch normalisation that nothing before it can take over: a product and a sum, which other ops can. */
function spelledOut(op: Op, context: RuleContext): Rewrite | undefined {
  const affine = normalisation(op, context);
  const { format, shape, ...type } = context.typeOf(op.outputs[0]!);
  if (!affine || !isSettled({ format, shape, ...type })) return undefined;
  const column = [affine.factor.length, ...new Array<number>(Math.max(0, shape.length - 2)).fill(1)];
  const [out] = op.outputs as readonly [ValueId];
  const list = (values: Float64Array): Tensor => fromNumbers(format, column, values);
  const scaled = context.fresh(`${out}/scaled`);
  const factor = context.constant(`${out}/factor`, list(affine.factor), affine.from);
  const shift = context.constant(`${out}/shift`, list(affine.shift), affine.from);
  const ops: NewOp[] = [
    { kind: 'mul', inputs: [affine.x, factor], outputs: [scaled] },
    { kind: 'add', inputs: [scaled, shift], outputs: [out] },
  ];
  return context.replace([op], ops);
}
