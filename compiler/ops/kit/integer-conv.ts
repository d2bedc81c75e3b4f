import { at, index, loops, nest, padded, read } from '../../../hw-models/work/build.ts';
import type { Access, Loop } from '../../../hw-models/work/types.ts';
import type { TensorType } from '../../ir/types.ts';
import { numbers, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { convolve } from './conv-run.ts';
import { convNest, convShape, type ConvSizes } from './conv-sizes.ts';
import { nameIf, shifting, type IntegerProduct } from './integer-product.ts';
import { windowLoops } from './window.ts';

export interface IntegerConvOperands<T> {
  readonly x: T;
  readonly w: T;
  readonly xZero?: T | undefined;
  readonly wZero?: T | undefined;
}

/** Exact sums of (x - zx)(w - zw) in the order of the result. Padding stands for 0, so it adds nothing. */
export function integerConvSums({ x, w, xZero, wZero }: IntegerConvOperands<Tensor>, s: ConvSizes): Float64Array {
  const zx = xZero ? numbers(xZero)[0]! : 0;
  const zw = wZero && numbers(wZero);
  const perFilter = sizeOf(w.shape.slice(1));
  const ws = numbers(w);
  const weights = zw ? Float64Array.from(ws, (v, i) => v - zw[zw.length === 1 ? 0 : Math.floor(i / perFilter)]!) : ws;
  return convolve(
    Float64Array.from(numbers(x), (v) => v - zx),
    weights,
    undefined,
    s,
  );
}

/** A convolution of codes as a sum of products. */
export function integerConv({ x, w, xZero, wZero }: IntegerConvOperands<OperandInfo>, s: ConvSizes): IntegerProduct {
  const c = convNest(s);
  const shape = convShape(s);
  const zero = shifting(nameIf('xZero', xZero));
  const isPadded = s.window.pads.some((p) => p !== 0);
  const filters = at('', c.filter).at;
  const single = (name: string, info: TensorType): Access => at(name, ...info.shape.map(() => 0));
  const pixels = c.pixels.map((l) => l.name);
  const knownZero = xZero?.value && numbers(xZero.value)[0];
  return {
    x: { name: 'x', info: x },
    w: { name: 'w', info: w },
    xZero: nameIf('xZero', xZero),
    wZero: nameIf('wZero', wZero),
    outer: c.outer,
    sums: c.sums,
    xAt: c.x,
    wAt: c.w,
    ...(zero && isPadded
      ? {
          padded:
            knownZero === undefined
              ? paddedCopy(x, zero.info, s)
              : { at: padded(c.x, knownZero), operands: {}, steps: [] },
        }
      : {}),
    shape,
    result: c.result,
    rows: {
      loops: [...loops({ n: s.n, g: s.group }), ...c.pixels],
      shape: [s.n, s.group, ...s.output],
      at: (operand) => at(operand, 'n', 'g', ...pixels),
    },
    columns: {
      loops: loops({ g: s.group, k: s.k }),
      shape: [s.group * s.k],
      at: (operand) => ({ operand, at: filters }),
    },
    columnSums: (weights) => {
      const inner = sizeOf(weights.shape.slice(1));
      const values = numbers(weights);
      const sums = new Float64Array(s.group * s.k);
      for (let i = 0; i < values.length; i++) sums[Math.floor(i / inner)]! += values[i]!;
      return sums;
    },
    xPart: single,
    wPart: (name, info) => (sizeOf(info.shape) === 1 ? single(name, info) : { operand: name, at: filters }),
  };
}

/** A copy of x with its padding filled with a zero point that only the run knows. */
function paddedCopy(x: OperandInfo, zero: OperandInfo, s: ConvSizes): NonNullable<IntegerProduct['padded']> {
  const rank = s.input.length;
  const { pads } = s.window;
  const spatial = s.input.map((size, axis) => size + pads[axis]! + pads[axis + rank]!);
  const all: Loop[] = [
    ...loops({ n: s.n, c: s.group * s.c }),
    ...spatial.map((size, axis) => ({ name: `p${axis}`, size })),
  ];
  const inside = all.map((l, axis) => (axis < 2 ? l : { name: l.name, size: s.input[axis - 2]! }));
  const shifted = s.input.map((_, axis) => index([`p${axis}`, 1, pads[axis]!]));
  const win = windowLoops(s.output, { ...s.window, pads: pads.map(() => 0) });
  return {
    at: at('paddedX', 'n', ['g', s.c, 'c', 1], ...win.input),
    operands: { paddedX: { role: 'scratch', format: x.format, shape: [s.n, s.group * s.c, ...spatial] } },
    steps: [
      nest({
        loops: all,
        reads: [at('xZero', ...zero.shape.map(() => 0))],
        write: at('paddedX', ...all.map((l) => l.name)),
        compute: read(0),
      }),
      nest({
        loops: inside,
        reads: [at('x', ...inside.map((l) => l.name))],
        write: at('paddedX', 'n', 'c', ...shifted),
        compute: read(0),
      }),
    ],
  };
}
