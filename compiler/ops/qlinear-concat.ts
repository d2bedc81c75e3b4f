import { at, axisLoops, call, nest, read, work } from '../../hw-models/work/build.ts';
import type { Operand, Step } from '../../hw-models/work/types.ts';
import { roundHalfEven, type Format } from '../formats/index.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { normalAxis, showShape } from '../tensor/shape.ts';
import { build, numbers, scalarOf, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { mustBeCodes } from './conv-integer.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe, sameFormats } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { concatenated } from './kit/moves.ts';
import { oneOrEach } from './kit/requantise.ts';

interface Triple<T> {
  readonly x: T;
  readonly scale: T;
  readonly zero: T;
}

/** @throws NetloomError NL1013 when the operands are no triples of codes, scale and zero point */
function triples<T>(parts: readonly T[]): Triple<T>[] {
  if (parts.length === 0 || parts.length % 3 !== 0)
    fail('NL1013', {
      message: 'QLinearConcat takes codes, scale and zero point for each part',
      cause: `${parts.length} operands follow the scale and zero point of the result`,
      fix: 'correct the node in the model',
    });
  return Array.from({ length: parts.length / 3 }, (_, i) => ({
    x: parts[3 * i]!,
    scale: parts[3 * i + 1]!,
    zero: parts[3 * i + 2]!,
  }));
}

function joinedShape(parts: readonly Triple<OperandInfo | Tensor>[], along: number): { axis: number; shape: number[] } {
  const first = parts[0]!.x.shape;
  const axis = normalAxis(along, first.length);
  for (const { x } of parts) {
    if (x.shape.length === first.length && x.shape.every((d, i) => i === axis || d === first[i])) continue;
    fail('NL1014', {
      message: 'the parts of a concatenation do not fit',
      cause: `${showShape(first)} and ${showShape(x.shape)} differ beside axis ${axis}`,
      fix: 'correct the model',
    });
  }
  return { axis, shape: first.map((d, i) => (i === axis ? parts.reduce((n, { x }) => n + x.shape[axis]!, 0) : d)) };
}

/** Codes brought to another scale and zero point, in f32 steps; the same ones stay as they are. */
function recoded({ x, scale, zero }: Triple<Tensor>, toScale: Tensor, toZero: Tensor, format: Format): Tensor {
  const [sx, zx, sy, zy] = [scalarOf(scale), scalarOf(zero), scalarOf(toScale), scalarOf(toZero)];
  const values = numbers(x);
  return build(format, x.shape, (i) => roundHalfEven(Math.fround(Math.fround((values[i]! - zx) * sx) / sy)) + zy);
}

/** Quantised tensors beside each other, all brought to the scale and zero point of the result. */
export const qlinearConcat = defineOp('qlinear-concat', {
  doc: 'Quantised tensors joined along an axis under one scale and zero point (com.microsoft).',
  onnx: { type: 'QLinearConcat', domains: ['com.microsoft'] },
  operands: ['scale', 'zero', 'parts...'],
  attrs: { axis: int('axis along which the parts follow each other') },
  infer: ({ scale, zero, parts }, { axis }) => {
    mustBe('qlinear-concat', 'float', scale);
    const all = triples(parts);
    for (const { x, scale: s, zero: z } of all) {
      mustBeCodes('qlinear-concat', x, z);
      mustBe('qlinear-concat', 'float', s);
      sameFormats('qlinear-concat', zero, x);
      for (const part of [s, z, scale, zero]) oneOrEach('scale or zero point of a QLinearConcat', part);
    }
    return { format: zero.format, shape: joinedShape(all, axis).shape };
  },
  evaluate: ({ scale, zero, parts }, attrs) => {
    const all = triples(parts);
    const { axis, shape } = joinedShape(all, attrs.axis);
    return concatenated(
      zero.format,
      shape,
      axis,
      all.map((part) => recoded(part, scale, zero, zero.format)),
    );
  },
  work: ({ scale, zero, parts }, attrs, { out }) => {
    const { axis } = joinedShape(triples(parts), attrs.axis);
    const operands: Record<string, Operand> = {
      scale: operandOf(scale),
      zero: operandOf(zero),
      out: operandOf(out[0]!, 'output'),
    };
    parts.forEach((part, i) => (operands[`parts${i}`] = operandOf(part)));
    const single = (name: string, info: OperandInfo) => at(name, ...info.shape.map(() => 0));
    let before = 0;
    const steps: Step[] = triples(parts).map((part, i) => {
      const loops = axisLoops('i', part.x.shape);
      const real = call('tof32', call('mul', call('sub', read(0), read(2)), read(1)));
      const code = call('add', call('round', call('tof32', call('div', real, read(3)))), read(4));
      const step = nest({
        loops,
        reads: [
          at(`parts${3 * i}`, ...loops.map((l) => l.name)),
          single(`parts${3 * i + 1}`, part.scale),
          single(`parts${3 * i + 2}`, part.zero),
          single('scale', scale),
          single('zero', zero),
        ],
        write: at('out', ...loops.map((l, a) => (a === axis ? [l.name, 1, before] : l.name))),
        compute: call('min', call('max', code, zero.format.min), zero.format.max),
      });
      before += part.x.shape[axis]!;
      return step;
    });
    return work(operands, ...steps.filter((_, i) => sizeOf(parts[3 * i]!.shape) > 0));
  },
  examples: [
    {
      scale: 'f32[] 0.5',
      zero: 'u8[] 10',
      parts: ['u8[1,2] 1 3', 'f32[] 1', 'u8[] 1', 'u8[1,1] 9', 'f32[] 0.5', 'u8[] 10'],
      attrs: { axis: 1 },
      out: 'u8[1,3] 10 14 9',
    },
    {
      scale: 'f32[] 0.05',
      zero: 'i8[] -3',
      parts: ['i8[2,2,3] ~1', 'f32[] 0.03', 'i8[] 1', 'i8[2,1,3] ~2', 'f32[] 0.2', 'i8[] 0'],
      attrs: { axis: -2 },
    },
  ],
});
