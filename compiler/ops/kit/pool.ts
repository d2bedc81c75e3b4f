import { at, axisLoops } from '../../../hw-models/work/build.ts';
import type { Access, Loop } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import type { Attrs, ValueId } from '../../ir/types.ts';
import type { NodeReader } from '../../onnx/node-reader.ts';
import { showShape } from '../../tensor/shape.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { flag, ints } from '../attrs.ts';
import {
  autoPadOf,
  readWindow,
  runsOf,
  windowAttrNames,
  windowLoops,
  windowOf,
  windowOutput,
  type Window,
} from './window.ts';
import { tableLength } from './table-limit.ts';

/** Attributes of every pooling over windows. */
export const poolAttrs = {
  kernel: ints('size of the window per axis'),
  strides: ints('step of the window per axis', []),
  dilations: ints('distance of the taps per axis', []),
  pads: ints('positions before each axis, then after each', []),
  ceilMode: flag('a last window may hang over the end', false),
};

export const poolAttrNames: readonly string[] = [...windowAttrNames, 'ceil_mode'];

export interface PoolAttrs {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly ceilMode: boolean;
}

/** Sizes of pooling over the spatial axes of x[n, c, ...]; a plane is one channel of one image. */
export interface PoolSizes {
  readonly lead: readonly [number, number];
  readonly planes: number;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly window: Window;
}

/** @throws NetloomError NL1014 when there are no spatial axes, or the window does not fit */
export function poolSizes(kind: string, x: { readonly shape: readonly number[] }, attrs: PoolAttrs): PoolSizes {
  const [n, c, ...input] = spatialOf(kind, x, 1);
  const window = windowOf(attrs, input.length);
  return { lead: [n!, c!], planes: n! * c!, input, output: windowOutput(input, window, attrs.ceilMode), window };
}

/** @throws NetloomError NL1014 when x has fewer than `least` spatial axes */
export function spatialOf(kind: string, x: { readonly shape: readonly number[] }, least: number): readonly number[] {
  if (x.shape.length >= 2 + least) return x.shape;
  return fail('NL1014', {
    message: `${kind} needs batch, channels and spatial axes`,
    cause: `its input is ${showShape(x.shape)}`,
    fix: 'correct the model, or give the right input shape with --shape',
  });
}

export const pooledShape = (s: PoolSizes): number[] => [...s.lead, ...s.output];

/**
 * The window of a pooling node, auto_pad made explicit. Output sizes under auto_pad are fixed by it, so ceil_mode has
 * no say there.
 */
export function readPool(node: NodeReader, x: ValueId = node.inputs[0]!): Attrs {
  const kernel = node.attributes.ints('kernel_shape');
  if (!kernel)
    return fail('NL1009', {
      message: 'attribute "kernel_shape" is missing',
      cause: `${node.type} has no default for it`,
      fix: 'correct the node in the model, or export it again',
    });
  const explicit = ['NOTSET', ''].includes(autoPadOf(node, x));
  return {
    kernel,
    ...readWindow(node, kernel, x),
    ceilMode: explicit && (node.attributes.int('ceil_mode') ?? 0) !== 0,
  };
}

/** Calls `visit` with the offsets of the output and the input for every tap that meets an element, taps in order. */
export function eachTap(s: PoolSizes, visit: (out: number, at: number, tap: number) => void): void {
  const [pixels, outputs] = [sizeOf(s.input), sizeOf(s.output)];
  const taps = runsOf(s.input, s.output, s.window);
  for (let plane = 0; plane < s.planes; plane++) {
    for (let t = 0; t < taps.length; t++) {
      const { runs, step } = taps[t]!;
      for (let r = 0; r < runs.length; r += 3) {
        let i = plane * pixels + runs[r + 1]!;
        const end = plane * outputs + runs[r]! + runs[r + 2]!;
        for (let o = plane * outputs + runs[r]!; o < end; o++, i += step) visit(o, i, t);
      }
    }
  }
}

/**
 * How many taps of the window at each output position fall on the input; with `padding`, on the input or its padding.
 * What a last window hangs over beyond the padding never counts.
 */
export function tapCounts(s: PoolSizes, padding: boolean): Float64Array {
  const { kernel, strides, dilations, pads } = s.window;
  const rank = s.input.length;
  const outputs = tableLength(sizeOf(s.output), 'the table of window sizes of a pool');
  const perAxis = s.output.map((size, axis) => {
    const low = padding ? -pads[axis]! : 0;
    const high = s.input[axis]! + (padding ? pads[axis + rank]! : 0);
    return Array.from({ length: size }, (_, o) => {
      let count = 0;
      for (let r = 0; r < kernel[axis]!; r++) {
        const i = o * strides[axis]! - pads[axis]! + r * dilations[axis]!;
        if (i >= low && i < high) count++;
      }
      return count;
    });
  });
  return Float64Array.from({ length: outputs }, (_, o) => {
    let product = 1;
    for (let axis = rank - 1; axis >= 0; axis--) {
      product *= perAxis[axis]![o % s.output[axis]!]!;
      o = Math.floor(o / s.output[axis]!);
    }
    return product;
  });
}

/** The loops of a pooling and where they point. */
export interface PoolNest {
  /** n, c, p0.. */
  readonly outer: readonly Loop[];
  readonly taps: readonly Loop[];
  readonly x: Access;
  readonly result: (operand: string) => Access;
  /** The position in an operand of the spatial shape of the result. */
  readonly pixel: (operand: string) => Access;
}

export function poolNest(s: PoolSizes): PoolNest {
  const win = windowLoops(s.output, s.window);
  const [n, c] = s.lead;
  return {
    outer: [{ name: 'n', size: n }, { name: 'c', size: c }, ...win.pixels],
    taps: win.taps,
    x: at('x', 'n', 'c', ...win.input),
    result: (operand) => at(operand, 'n', 'c', ...win.output),
    pixel: (operand) => at(operand, ...win.output),
  };
}

/** Loops over all elements of x[n, c, ...], and the position of their plane in an operand with spatial sizes of 1. */
export function planeNest(shape: readonly number[]): {
  loops: Loop[];
  x: Access;
  plane: (operand: string) => Access;
  outer: Loop[];
} {
  const loops = axisLoops('i', shape);
  return {
    loops,
    outer: loops.slice(0, 2),
    x: at('x', ...loops.map((l) => l.name)),
    plane: (operand) => at(operand, ...loops.map((l, axis) => (axis < 2 ? l.name : 0))),
  };
}

/** The shape of one value per plane. */
export const planeShape = (shape: readonly number[]): number[] => shape.map((d, axis) => (axis < 2 ? d : 1));
