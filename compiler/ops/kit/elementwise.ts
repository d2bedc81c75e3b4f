import { at, axisLoops, index, nest, read, work } from '../../../hw-models/work/build.ts';
import type { Access, Loop, Operand, Role, Scalar, Work } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { bool, is64, isInt, type Format } from '../../formats/index.ts';
import type { AttrSpecs, AttrsOf } from '../attrs.ts';
import { defineOp, type Example, type OnnxForm, type OperandInfo, type TypedOpDef } from '../define.ts';
import { broadcast, broadcastSteps, walk } from '../../tensor/shape.ts';
import { allocate, isBig, numbers, sizeOf, store, tensor, type NumberData, type Tensor } from '../../tensor/tensor.ts';
import type { TensorType } from '../../ir/types.ts';

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

/** The access to an operand of `shape` while the loops run over `target` (broadcast axes stay at 0). */
export function broadcastAccess(name: string, shape: readonly number[], loops: readonly Loop[], target: readonly number[]): Access {
  const lead = target.length - shape.length;
  return { operand: name, at: shape.map((size, axis) => (size === 1 ? index(0) : index(loops[axis + lead]!.name))) };
}

export const operandOf = (info: OperandInfo | TensorType, role?: Role): Operand => ({
  role: role ?? ('value' in info && info.value ? 'weight' : 'input'),
  format: info.format,
  shape: info.shape,
});

/** One point per element of the result, reading each operand at its broadcast position. */
export function elementwiseWork(operands: Readonly<Record<string, OperandInfo>>, out: TensorType, compute: (...x: Scalar[]) => Scalar): Work {
  const loops = axisLoops('i', out.shape);
  const names = Object.keys(operands);
  return work(
    { ...Object.fromEntries(names.map((n) => [n, operandOf(operands[n]!)])), out: operandOf(out, 'output') },
    nest({
      loops,
      reads: names.map((n) => broadcastAccess(n, operands[n]!.shape, loops, out.shape)),
      write: at('out', ...loops.map((l) => l.name)),
      compute: compute(...names.map((_, i) => read(i))),
    }),
  );
}

export interface UnarySpec<Specs extends AttrSpecs> {
  readonly doc: string;
  readonly onnx: OnnxForm | readonly OnnxForm[];
  readonly attrs?: Specs;
  readonly evaluate: (x: number, attrs: AttrsOf<Specs>) => number;
  /** For 64-bit integers; without it they go through doubles. */
  readonly big?: (x: bigint) => bigint;
  /** The same as an expression that machines count. */
  readonly point: (x: Scalar, attrs: AttrsOf<Specs>) => Scalar;
  readonly gives?: 'same' | 'bool';
  readonly examples: readonly Example[];
}

/** An op that maps each element of `x` by itself. */
export const unaryOp = <Specs extends AttrSpecs = Record<never, never>>(kind: string, spec: UnarySpec<Specs>): TypedOpDef<Specs> =>
  defineOp(kind, {
    doc: spec.doc,
    onnx: spec.onnx,
    operands: ['x'],
    ...(spec.attrs ? { attrs: spec.attrs } : {}),
    infer: ({ x }) => ({ format: spec.gives === 'bool' ? bool : x.format, shape: x.shape }),
    evaluate: ({ x }, attrs) => {
      const format = spec.gives === 'bool' ? bool : x.format;
      if (isBig(x) && spec.big && spec.gives !== 'bool') {
        const data = x.data.slice();
        for (let i = 0; i < data.length; i++) data[i] = spec.big(data[i]!);
        return tensor(format, x.shape, data);
      }
      const values = numbers(x);
      return buildWrapped(format, x.shape, (i) => spec.evaluate(values[i]!, attrs as AttrsOf<Specs>));
    },
    work: ({ x }, attrs, { out }) => elementwiseWork({ x }, out[0]!, (e) => spec.point(e!, attrs as AttrsOf<Specs>)),
    examples: spec.examples,
  }) as TypedOpDef<Specs>;

export interface BinarySpec<Specs extends AttrSpecs> {
  readonly doc: string;
  readonly onnx: OnnxForm | readonly OnnxForm[];
  readonly attrs?: Specs;
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
export const binaryOp = <Specs extends AttrSpecs = Record<never, never>>(kind: string, spec: BinarySpec<Specs>): TypedOpDef<Specs> =>
  defineOp(kind, {
    doc: spec.doc,
    onnx: spec.onnx,
    operands: ['a', 'b'],
    ...(spec.attrs ? { attrs: spec.attrs } : {}),
    infer: ({ a, b }) => {
      if (!spec.mixed) sameFormats(kind, a, b);
      return { format: spec.gives === 'bool' ? bool : a.format, shape: broadcast(a.shape, b.shape) };
    },
    evaluate: ({ a, b }, rawAttrs) => {
      const attrs = rawAttrs as AttrsOf<Specs>;
      const shape = broadcast(a.shape, b.shape);
      const format = spec.gives === 'bool' ? bool : a.format;
      const steps = [broadcastSteps(a.shape, shape), broadcastSteps(b.shape, shape)];
      if (isBig(a) && isBig(b) && (spec.big || spec.bigTest)) {
        const out = allocate(format, sizeOf(shape));
        walk(shape, steps, (i, [p, q]) => {
          const [x, y] = [a.data[p!]!, b.data[q!]!];
          if (spec.gives === 'bool') (out as NumberData)[i] = spec.bigTest!(x, y) ? 1 : 0;
          else (out as BigInt64Array)[i] = spec.big!(x, y, attrs);
        });
        return tensor(format, shape, out);
      }
      const [left, right] = [numbers(a), numbers(b)];
      const same = a.data.length === sizeOf(shape) && b.data.length === sizeOf(shape);
      if (same) return buildWrapped(format, shape, (i) => spec.evaluate(left[i]!, right[i]!, attrs, a.format));
      const results = new Float64Array(sizeOf(shape));
      walk(shape, steps, (i, [p, q]) => (results[i] = spec.evaluate(left[p!]!, right[q!]!, attrs, a.format)));
      return buildWrapped(format, shape, (i) => results[i]!);
    },
    work: ({ a, b }, attrs, { out }) =>
      elementwiseWork({ a, b }, out[0]!, (x, y) => spec.point(x!, y!, attrs as AttrsOf<Specs>, a.format)),
    examples: spec.examples,
  }) as TypedOpDef<Specs>;

/** @throws NetloomError NL1015 */
export function sameFormats(kind: string, a: TensorType, b: TensorType): void {
  if (a.format.name === b.format.name) return;
  fail('NL1015', {
    message: `${kind} needs operands of one element type`,
    cause: `they are ${a.format.name} and ${b.format.name}`,
    fix: 'put a Cast before one of them',
  });
}
