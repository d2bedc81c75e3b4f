import { at, axisLoops, call, index, nest, read, value, work } from '../../../hw-models/work/build.ts';
import type { Combine, Index, Loop, Scalar, Step, Work } from '../../../hw-models/work/types.ts';
import { is64, isInt, type Format } from '../../formats/index.ts';
import type { TensorType } from '../../ir/types.ts';
import type { NodeReader, ReadNode } from '../../onnx/node-reader.ts';
import { normalAxes, rowMajor, walk } from '../../tensor/shape.ts';
import { allocate, numbers, sizeOf, tensor, wholes, type Tensor } from '../../tensor/tensor.ts';
import { flag } from '../attrs.ts';
import { defineOp, type Example, type OnnxForm, type OperandInfo, type TypedOpDef } from '../define.ts';
import { buildWrapped, operandOf } from './elementwise.ts';
import { valueOf } from './known.ts';

/** How a reduction takes in one element after the other. `finish` sees how many there were. */
export interface Folding<T> {
  readonly start: (format: Format) => T;
  readonly take: (sum: T, x: T) => T;
  readonly finish?: (sum: T, count: number) => T;
}

export interface ReduceSpec {
  readonly doc: string;
  /** The ONNX operator, such as ReduceSum, and its domains when they are others than the standard one. */
  readonly type: string;
  readonly domains?: readonly string[];
  readonly fold: Folding<number>;
  /** Exact form for integers; without it they go through doubles. */
  readonly big?: Folding<bigint>;
  /** Largest number of 32-bit integers that `fold` takes in exactly. */
  readonly exactUpTo?: number;
  /** The same as nests: what is combined, how, and what becomes of the combined value. */
  readonly combine: Combine;
  readonly point?: (x: Scalar) => Scalar;
  readonly after?: (sum: Scalar, count: number) => Scalar;
  /** Replaces the evaluation where one pass over the elements is not enough. */
  readonly evaluate?: (x: Tensor, plan: ReducePlan) => Float64Array;
  /** Replaces the nests. */
  readonly work?: (x: OperandInfo, out: TensorType, plan: ReducePlan) => Work;
  readonly examples: readonly Example[];
}

/** Which axes go, and what is left. */
export interface ReducePlan {
  readonly axes: readonly number[];
  readonly shape: readonly number[];
  /** Step of the result per axis of the input: 0 along reduced axes. */
  readonly steps: readonly number[];
  /** Elements that fall on one element of the result. */
  readonly count: number;
  readonly keepdims: boolean;
}

export interface ReduceAttrs {
  readonly keepdims: boolean;
  readonly noopWithEmptyAxes: boolean;
}

/** @throws NetloomError NL1014 for an axis that does not exist or stands twice */
export function reducePlan(
  shape: readonly number[],
  given: readonly number[],
  { keepdims, noopWithEmptyAxes }: ReduceAttrs,
): ReducePlan {
  const axes =
    given.length > 0 ? normalAxes(given, shape.length) : noopWithEmptyAxes ? [] : shape.map((_, axis) => axis);
  const reduced = new Set(axes);
  const full = shape.map((d, axis) => (reduced.has(axis) ? 1 : d));
  const steps = rowMajor(full).map((step, axis) => (reduced.has(axis) ? 0 : step));
  return {
    axes,
    shape: keepdims ? full : full.filter((_, axis) => !reduced.has(axis)),
    steps,
    count: axes.reduce((n, a) => n * shape[a]!, 1),
    keepdims,
  };
}

/** Where the loops over the input fall on the result. */
export const reducedPosition = ({ axes, keepdims }: ReducePlan, loops: readonly Loop[]): Index[] =>
  loops.flatMap((loop, axis) => (axes.includes(axis) ? (keepdims ? [index(0)] : []) : [index(loop.name)]));

export const reduceAttrs = {
  keepdims: flag('keep reduced axes with size 1', true),
  noopWithEmptyAxes: flag('without axes reduce none of them, instead of all', false),
};

/** Axes were an attribute before opset 13 (ReduceSum) or 18 (the others). */
export function readReduce(node: NodeReader): ReadNode {
  const axes = node.attributes.ints('axes');
  const attrs = {
    keepdims: (node.attributes.int('keepdims') ?? 1) !== 0,
    noopWithEmptyAxes: (node.attributes.int('noop_with_empty_axes') ?? 0) !== 0,
  };
  return axes ? { inputs: [node.inputs[0]!, node.wholes(axes, 'axes')], attrs } : { attrs };
}

const readAttrs = ['axes', 'keepdims', 'noop_with_empty_axes'];

/** A reduction over any axes. */
export function reduceOp(kind: string, spec: ReduceSpec): TypedOpDef<typeof reduceAttrs> {
  const onnx: OnnxForm = {
    type: spec.type,
    ...(spec.domains ? { domains: spec.domains } : {}),
    attrs: readAttrs,
    read: readReduce,
  };
  const planOf = (x: OperandInfo, axes: OperandInfo | undefined, attrs: ReduceAttrs): ReducePlan =>
    reducePlan(x.shape, axes ? wholes(valueOf(axes, 'the list of axes')) : [], attrs);
  return defineOp(kind, {
    doc: spec.doc,
    onnx,
    operands: ['x', 'axes?'],
    attrs: reduceAttrs,
    infer: ({ x, axes }, attrs) => ({ format: x.format, shape: planOf(x, axes, attrs).shape }),
    evaluate: ({ x, axes }, attrs) => reduceTensor(x, reducePlan(x.shape, axes ? wholes(axes) : [], attrs), spec),
    work: ({ x, axes }, attrs, { out }) => {
      const plan = planOf(x, axes, attrs);
      return spec.work?.(x, out[0]!, plan) ?? reduceWork(x, out[0]!, plan, spec);
    },
    examples: spec.examples,
  });
}

function reduceTensor(x: Tensor, plan: ReducePlan, spec: ReduceSpec): Tensor {
  const needsBig =
    is64(x.format) || (isInt(x.format) && x.format.bits === 32 && plan.count > (spec.exactUpTo ?? Infinity));
  if (spec.big && needsBig) return reduceBig(x, plan, spec.big);
  const sums = spec.evaluate?.(x, plan) ?? fold(x, plan, spec.fold);
  return buildWrapped(x.format, plan.shape, (i) => sums[i]!);
}

/** Folds the elements of each group in doubles. */
export function fold(x: Tensor, plan: ReducePlan, { start, take, finish }: Folding<number>): Float64Array {
  const sums = new Float64Array(sizeOf(plan.shape)).fill(start(x.format));
  const values = numbers(x);
  walk(x.shape, [plan.steps], (i, offsets) => (sums[offsets[0]!] = take(sums[offsets[0]!]!, values[i]!)));
  if (finish) for (let i = 0; i < sums.length; i++) sums[i] = finish(sums[i]!, plan.count);
  return sums;
}

function reduceBig(x: Tensor, plan: ReducePlan, { start, take, finish }: Folding<bigint>): Tensor {
  const n = sizeOf(plan.shape);
  const sums = new Array<bigint>(n).fill(start(x.format));
  walk(x.shape, [plan.steps], (i, offsets) => (sums[offsets[0]!] = take(sums[offsets[0]!]!, BigInt(x.data[i]!))));
  const data = allocate(x.format, n);
  for (let i = 0; i < n; i++) {
    const sum = finish ? finish(sums[i]!, plan.count) : sums[i]!;
    data[i] = is64(x.format) ? sum : Number(x.format.signed ? BigInt.asIntN(32, sum) : BigInt.asUintN(32, sum));
  }
  return tensor(x.format, plan.shape, data);
}

function reduceWork(x: OperandInfo, out: TensorType, plan: ReducePlan, spec: ReduceSpec): Work {
  const loops = axisLoops('i', x.shape);
  const x_ = at('x', ...loops.map((l) => l.name));
  const point = spec.point ?? ((e: Scalar) => e);
  if (!spec.after) {
    const write = { operand: 'out', at: reducedPosition(plan, loops) };
    return work(
      { x: operandOf(x), out: operandOf(out, 'output') },
      nest({ loops, reads: [x_], write, combine: spec.combine, compute: point(read(0)) }),
    );
  }
  const rest = axisLoops('o', out.shape);
  const here = rest.map((l) => l.name);
  return work(
    { x: operandOf(x), sum: operandOf(out, 'scratch'), out: operandOf(out, 'output') },
    nest({
      loops,
      reads: [x_],
      write: { operand: 'sum', at: reducedPosition(plan, loops) },
      combine: spec.combine,
      compute: point(read(0)),
    }),
    nest({
      loops: rest,
      reads: [at('sum', ...here)],
      write: at('out', ...here),
      compute: spec.after(read(0), plan.count),
    }),
  );
}

/** Nests of log(sum(exp(x))) with the maximum taken out first, so that no exponential overflows. */
export function logSumExpWork(x: OperandInfo, out: TensorType, plan: ReducePlan): Work {
  const loops = axisLoops('i', x.shape);
  const rest = axisLoops('o', out.shape);
  const here = rest.map((l) => l.name);
  const x_ = at('x', ...loops.map((l) => l.name));
  const on = (operand: string): { operand: string; at: Index[] } => ({ operand, at: reducedPosition(plan, loops) });
  const all = (operand: string) => at(operand, ...here);
  // An infinite maximum is not subtracted: inf - inf would be NaN.
  const finite = call('select', call('isinf', read(0)), value(0), read(0));
  const steps: Step[] = [
    nest({ loops, reads: [x_], write: on('max'), combine: 'max', compute: read(0) }),
    nest({ loops: rest, reads: [all('max')], write: all('base'), compute: finite }),
    nest({
      loops,
      reads: [x_, on('base')],
      write: on('sum'),
      combine: 'add',
      compute: call('exp', call('sub', read(0), read(1))),
    }),
    nest({
      loops: rest,
      reads: [all('sum'), all('base')],
      write: all('out'),
      compute: call('add', call('log', read(0)), read(1)),
    }),
  ];
  const scratch = operandOf(out, 'scratch');
  return work({ x: operandOf(x), max: scratch, base: scratch, sum: scratch, out: operandOf(out, 'output') }, ...steps);
}
