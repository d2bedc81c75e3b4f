import { at, axisLoops, index, nest, read, work } from '../../../hw-models/work/build.ts';
import type { Access, Loop, Operand, Role, Scalar, Work } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { bool, is64, isInt, type Format } from '../../formats/index.ts';
import type { AttrSpecs, AttrsOf } from '../attrs.ts';
import { defineOp, type Example, type OnnxForm, type OperandInfo, type TypedOpDef } from '../define.ts';
import { broadcast, broadcastSteps, walk } from '../../tensor/shape.ts';
import { allocate, isBig, numbers, sizeOf, store, tensor, type NumberData, type Tensor } from '../../tensor/tensor.ts';
import type { TensorType } from '../../ir/types.ts';
import { mustBe, sameFormats, type Accepts } from './accepts.ts';

export { sameFormats } from './accepts.ts';

/** Fills a tensor with computed values; integers keep their low bits, as machine arithmetic does. */
export function buildWrapped(format: Format, shape: readonly number[], valueAt: (i: number) => number): Tensor {
  const n = sizeOf(shape);
  const data = allocate(format, n);
  if (isInt(format) && !is64(format)) {
    const out = data as NumberData;
    const native = format.bits === 8 || format.bits === 16 || format.bits === 32;
    for (let i = 0; i < n; i++) out[i] = native ? valueAt(i) : format.cast(valueAt(i));
  } else store(format, data, n, valueAt);
  return tensor(format, shape, data);
}

/** 64-bit integers computed exactly, keeping their low bits. Widths between 32 and 64 are held in 64 and wrapped. */
export function buildBig(format: Format, shape: readonly number[], valueAt: (i: number) => bigint): Tensor {
  const n = sizeOf(shape);
  const data = allocate(format, n) as BigInt64Array;
  const wrap = (x: bigint): bigint => (format.signed ? BigInt.asIntN(format.bits, x) : BigInt.asUintN(format.bits, x));
  const native = format.bits === 64;
  for (let i = 0; i < n; i++) data[i] = native ? valueAt(i) : wrap(valueAt(i));
  return tensor(format, shape, data);
}

/** The access to an operand of `shape` while the loops run over `target` (broadcast axes stay at 0). */
export function broadcastAccess(
  name: string,
  shape: readonly number[],
  loops: readonly Loop[],
  target: readonly number[],
): Access {
  const lead = target.length - shape.length;
  return { operand: name, at: shape.map((size, axis) => (size === 1 ? index(0) : index(loops[axis + lead]!.name))) };
}

export const operandOf = (info: OperandInfo | TensorType, role?: Role): Operand => ({
  role: role ?? ('value' in info && info.value ? 'weight' : 'input'),
  format: info.format,
  shape: info.shape,
});

/** One point per element of the result, reading each operand at its broadcast position. */
export function elementwiseWork(
  operands: Readonly<Record<string, OperandInfo | undefined>>,
  out: TensorType,
  compute: (...x: Scalar[]) => Scalar,
): Work {
  const loops = axisLoops('i', out.shape);
  const present = Object.entries(operands).flatMap(([name, info]) => (info ? [{ name, info }] : []));
  return work(
    { ...Object.fromEntries(present.map(({ name, info }) => [name, operandOf(info)])), out: operandOf(out, 'output') },
    nest({
      loops,
      reads: present.map(({ name, info }) => broadcastAccess(name, info.shape, loops, out.shape)),
      write: at('out', ...loops.map((l) => l.name)),
      compute: compute(...present.map((_, i) => read(i))),
    }),
  );
}

/**
 * Numbers computed from those of several operands at their broadcast positions. `valueAt` gets them in the order of
 * the operands, in a list that is used again for the next position.
 */
export function combined(
  format: Format,
  shape: readonly number[],
  operands: readonly Tensor[],
  valueAt: (x: readonly number[]) => number,
): Tensor {
  const lists = operands.map(numbers);
  const x = new Array<number>(operands.length).fill(0);
  const results = new Float64Array(sizeOf(shape));
  const steps = operands.map((t) => broadcastSteps(t.shape, shape));
  walk(shape, steps, (i, offsets) => {
    for (let k = 0; k < lists.length; k++) x[k] = lists[k]![offsets[k]!]!;
    results[i] = valueAt(x);
  });
  return buildWrapped(format, shape, (i) => results[i]!);
}

export interface UnarySpec<Specs extends AttrSpecs> {
  readonly doc: string;
  readonly onnx?: OnnxForm | readonly OnnxForm[];
  readonly attrs?: Specs;
  /** Element types it is defined for; any number when absent. */
  readonly accepts?: Accepts;
  readonly evaluate: (x: number, attrs: AttrsOf<Specs>) => number;
  /** For 64-bit integers; without it they go through doubles. */
  readonly big?: (x: bigint) => bigint;
  /** The same as an expression that machines count. */
  readonly point: (x: Scalar, attrs: AttrsOf<Specs>) => Scalar;
  readonly gives?: 'same' | 'bool';
  readonly examples: readonly Example[];
}

/** An op that maps each element of `x` by itself. */
export const unaryOp = <Specs extends AttrSpecs = Record<never, never>>(
  kind: string,
  spec: UnarySpec<Specs>,
): TypedOpDef<Specs> =>
  defineOp<readonly ['x'], Specs>(kind, {
    doc: spec.doc,
    ...(spec.onnx ? { onnx: spec.onnx } : {}),
    operands: ['x'],
    ...(spec.attrs ? { attrs: spec.attrs } : {}),
    infer: ({ x }) => {
      mustBe(kind, spec.accepts ?? 'number', x);
      return { format: spec.gives === 'bool' ? bool : x.format, shape: x.shape };
    },
    evaluate: ({ x }, attrs) => {
      const { big } = spec;
      if (isBig(x) && big && spec.gives !== 'bool') return buildBig(x.format, x.shape, (i) => big(x.data[i]!));
      const values = numbers(x);
      const format = spec.gives === 'bool' ? bool : x.format;
      return buildWrapped(format, x.shape, (i) => spec.evaluate(values[i]!, attrs));
    },
    work: ({ x }, attrs, { out }) => elementwiseWork({ x }, out[0]!, (e) => spec.point(e, attrs)),
    examples: spec.examples,
  });

export interface BinarySpec<Specs extends AttrSpecs> {
  readonly doc: string;
  readonly onnx?: OnnxForm | readonly OnnxForm[];
  readonly attrs?: Specs;
  /** Element types it is defined for; any number when absent. */
  readonly accepts?: Accepts;
  readonly evaluate: (a: number, b: number, attrs: AttrsOf<Specs>, format: Format) => number;
  readonly big?: (a: bigint, b: bigint, attrs: AttrsOf<Specs>) => bigint;
  readonly bigTest?: (a: bigint, b: bigint) => boolean;
  readonly point: (a: Scalar, b: Scalar, attrs: AttrsOf<Specs>, format: Format) => Scalar;
  readonly gives?: 'same' | 'bool';
  /** True when the operands may differ in format; the result has the first one's. */
  readonly mixed?: boolean;
  readonly examples: readonly Example[];
}

/** An op on two operands with multidirectional broadcasting. */
export const binaryOp = <Specs extends AttrSpecs = Record<never, never>>(
  kind: string,
  spec: BinarySpec<Specs>,
): TypedOpDef<Specs> =>
  defineOp<readonly ['a', 'b'], Specs>(kind, {
    doc: spec.doc,
    ...(spec.onnx ? { onnx: spec.onnx } : {}),
    operands: ['a', 'b'],
    ...(spec.attrs ? { attrs: spec.attrs } : {}),
    infer: ({ a, b }) => {
      mustBe(kind, spec.accepts ?? 'number', a, b);
      if (!spec.mixed) sameFormats(kind, a, b);
      return { format: spec.gives === 'bool' ? bool : a.format, shape: broadcast(a.shape, b.shape) };
    },
    evaluate: ({ a, b }, attrs) => binaryValues(spec, a, b, attrs),
    work: ({ a, b }, attrs, { out }) => elementwiseWork({ a, b }, out[0]!, (x, y) => spec.point(x, y, attrs, a.format)),
    examples: spec.examples,
  });

function binaryValues<Specs extends AttrSpecs>(
  spec: BinarySpec<Specs>,
  a: Tensor,
  b: Tensor,
  attrs: AttrsOf<Specs>,
): Tensor {
  const shape = broadcast(a.shape, b.shape);
  const n = sizeOf(shape);
  const format = spec.gives === 'bool' ? bool : a.format;
  const steps = [broadcastSteps(a.shape, shape), broadcastSteps(b.shape, shape)];
  if (isBig(a) && isBig(b) && (spec.big || spec.bigTest)) {
    if (spec.gives === 'bool') {
      const out = new Uint8Array(n);
      walk(shape, steps, (i, [p, q]) => (out[i] = spec.bigTest!(a.data[p!]!, b.data[q!]!) ? 1 : 0));
      return tensor(bool, shape, out);
    }
    const results = new Array<bigint>(n);
    walk(shape, steps, (i, [p, q]) => (results[i] = spec.big!(a.data[p!]!, b.data[q!]!, attrs)));
    return buildBig(format, shape, (i) => results[i]!);
  }
  const [left, right] = [numbers(a), numbers(b)];
  const f = spec.evaluate;
  if (left.length === n && right.length === n)
    return buildWrapped(format, shape, (i) => f(left[i]!, right[i]!, attrs, a.format));
  if (left.length === n && right.length === 1)
    return buildWrapped(format, shape, (i) => f(left[i]!, right[0]!, attrs, a.format));
  const results = new Float64Array(n);
  walk(shape, steps, (i, [p, q]) => (results[i] = f(left[p!]!, right[q!]!, attrs, a.format)));
  return buildWrapped(format, shape, (i) => results[i]!);
}

export interface VariadicSpec {
  readonly doc: string;
  readonly onnx: OnnxForm | readonly OnnxForm[];
  /** Takes in one more operand. */
  readonly fold: (old: number, x: number) => number;
  readonly bigFold: (old: bigint, x: bigint) => bigint;
  /** What becomes of the folded value of `count` operands. */
  readonly finish?: (folded: number, count: number) => number;
  readonly point: (xs: readonly Scalar[]) => Scalar;
  readonly examples: readonly Example[];
}

/** An op on one or more operands of one format, folded from the left with broadcasting. */
export const variadicOp = (kind: string, spec: VariadicSpec): TypedOpDef<Record<never, never>> =>
  defineOp(kind, {
    doc: spec.doc,
    onnx: spec.onnx,
    operands: ['xs...'],
    infer: ({ xs }) => {
      if (xs.length === 0)
        fail('NL1013', {
          message: `${kind} has no operands`,
          cause: 'it needs at least one',
          fix: 'correct the node in the model',
        });
      mustBe(kind, 'number', ...xs);
      sameFormats(kind, ...xs);
      return { format: xs[0]!.format, shape: broadcast(...xs.map((x) => x.shape)) };
    },
    evaluate: ({ xs }) => {
      const shape = broadcast(...xs.map((x) => x.shape));
      return xs.every(isBig) && !spec.finish ? foldedBig(spec, shape, xs) : folded(spec, shape, xs);
    },
    work: ({ xs }, _, { out }) => {
      const named = Object.fromEntries(xs.map((x, i) => [`xs${i}`, x]));
      return elementwiseWork(named, out[0]!, (...values) => spec.point(values));
    },
    examples: spec.examples,
  });

function folded({ fold, finish }: VariadicSpec, shape: readonly number[], xs: readonly Tensor[]): Tensor {
  const results = new Float64Array(sizeOf(shape));
  xs.forEach((x, k) => {
    const values = numbers(x);
    walk(shape, [broadcastSteps(x.shape, shape)], (i, [p]) => {
      results[i] = k === 0 ? values[p!]! : fold(results[i]!, values[p!]!);
    });
  });
  return buildWrapped(xs[0]!.format, shape, (i) => (finish ? finish(results[i]!, xs.length) : results[i]!));
}

function foldedBig({ bigFold }: VariadicSpec, shape: readonly number[], xs: readonly Tensor[]): Tensor {
  const results = new Array<bigint>(sizeOf(shape));
  xs.forEach((x, k) => {
    const values = x.data as BigInt64Array;
    walk(shape, [broadcastSteps(x.shape, shape)], (i, [p]) => {
      results[i] = k === 0 ? values[p!]! : bigFold(results[i]!, values[p!]!);
    });
  });
  return buildBig(xs[0]!.format, shape, (i) => results[i]!);
}
