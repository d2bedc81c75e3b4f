import type { RuleContext } from '../../ir/rewrite.ts';
import { absent, type Op, type ValueId } from '../../ir/types.ts';
import { isFloat } from '../../formats/index.ts';
import { build, numbers, sizeOf, type Tensor } from '../../tensor/tensor.ts';

/** An op that is linear in constant weights, and whose outputs are told apart by channels. */
export interface LinearOp {
  readonly op: Op;
  readonly weight: ValueId;
  readonly bias: ValueId | undefined;
  /** The axis of the result along which a bias runs. */
  readonly axis: number;
  readonly channels: number;
  /** The output channel that an element of the weights belongs to. */
  readonly channelOf: (element: number) => number;
  /** Whether the op has a place for a bias. */
  readonly takesBias: boolean;
}

/** The op as a linear one; undefined when it is none, or its weights are computed. */
export function linearOp(op: Op | undefined, context: RuleContext): LinearOp | undefined {
  const [, weight, given] = op?.inputs ?? [];
  const value = context.constOf(weight);
  if (!op || !weight || !value || !isFloat(value.format)) return undefined;
  const bias = given === absent ? undefined : given;
  const { shape } = value;
  switch (op.kind) {
    case 'conv': {
      const inner = sizeOf(shape.slice(1));
      return {
        op,
        weight,
        bias,
        axis: 1,
        channels: shape[0]!,
        channelOf: (i) => Math.floor(i / inner),
        takesBias: true,
      };
    }
    case 'conv-transpose': {
      // w[c, m, ...]: the filters of a group stand along axis 1, the groups along axis 0.
      const group = (op.attrs.group as number | undefined) ?? 1;
      const [inputs, each] = shape as readonly [number, number];
      const taps = sizeOf(shape.slice(2));
      const channelOf = (i: number): number =>
        Math.floor(i / (taps * each * (inputs / group))) * each + (Math.floor(i / taps) % each);
      return { op, weight, bias, axis: 1, channels: each * group, channelOf, takesBias: true };
    }
    case 'gemm': {
      const { alpha = 1, beta = 1, transB } = op.attrs;
      if (alpha !== 1 || beta !== 1) return undefined;
      const [rows, columns] = shape as readonly [number, number];
      return {
        op,
        weight,
        bias,
        axis: 1,
        channels: transB ? rows : columns,
        channelOf: transB ? (i) => Math.floor(i / columns) : (i) => i % columns,
        takesBias: true,
      };
    }
    case 'matmul': {
      if (shape.length !== 2) return undefined;
      const columns = shape[1]!;
      return {
        op,
        weight,
        bias: undefined,
        axis: context.typeOf(op.outputs[0]!).shape.length - 1,
        channels: columns,
        channelOf: (i) => i % columns,
        takesBias: false,
      };
    }
    default:
      return undefined;
  }
}

/** The bias per channel: zeros where there is none, undefined where it is computed or has more than one row. */
export function biasOf(linear: LinearOp, context: RuleContext): Float64Array | undefined {
  if (!linear.bias) return new Float64Array(linear.channels);
  const value = context.constOf(linear.bias);
  if (!value || value.data.length !== sizeOf(value.shape.slice(-1))) return undefined;
  const given = numbers(value);
  if (given.length !== 1 && given.length !== linear.channels) return undefined;
  return Float64Array.from({ length: linear.channels }, (_, c) => given[given.length === 1 ? 0 : c]!);
}

/** The weights with each output channel multiplied by a factor. */
export function scaledWeights(linear: LinearOp, weights: Tensor, factor: Float64Array): Tensor {
  const values = numbers(weights);
  return build(weights.format, weights.shape, (i) => values[i]! * factor[linear.channelOf(i)]!);
}

export const isFinite = (values: Float64Array): boolean => values.every((x) => Number.isFinite(x));
