import { at, index, loops } from '../../../hw-models/work/build.ts';
import type { Access, Index, Loop } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import type { NodeReader } from '../../onnx/node-reader.ts';
import type { ValueId } from '../../ir/types.ts';
import { showShape } from '../../tensor/shape.ts';
import { int, ints } from '../attrs.ts';
import { readWindow, windowLoops, windowOf, windowOutput, type Window } from './window.ts';

/** Attributes of every form of convolution. */
export const convAttrs = {
  strides: ints('step of the window per axis', []),
  dilations: ints('distance of the taps per axis', []),
  pads: ints('zeros before each axis, then after each', []),
  group: int('independent groups of channels', 1),
};

export interface ConvAttrs {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly group: number;
}

/** Sizes of a convolution of x[n, g*c, ...] with w[g*k, c, ...]. */
export interface ConvSizes {
  readonly n: number;
  readonly group: number;
  /** Filters and input channels of one group. */
  readonly k: number;
  readonly c: number;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly window: Window;
}

/** @throws NetloomError NL1014: the sizes of a convolution do not fit */
export const misfitConv = (cause: string): never =>
  fail('NL1014', {
    message: 'the sizes of a convolution do not fit',
    cause,
    fix: 'correct the model, or give the right input shape with --shape',
  });

/** @throws NetloomError NL1014 when ranks, channels or groups do not fit */
export function convSizes(
  x: { shape: readonly number[] },
  w: { shape: readonly number[] },
  attrs: ConvAttrs,
): ConvSizes {
  const { group } = attrs;
  if (x.shape.length < 3 || w.shape.length !== x.shape.length)
    misfitConv(
      `x has ${x.shape.length} axes and w has ${w.shape.length}; both need batch, channels and one or more spatial axes`,
    );
  const [n, channels, ...input] = x.shape as [number, number, ...number[]];
  const [filters, c, ...kernel] = w.shape as [number, number, ...number[]];
  if (!Number.isInteger(group) || group < 1 || channels !== c * group)
    misfitConv(`x has ${channels} channels; w expects ${c} in each of ${group} groups`);
  if (filters % group !== 0) misfitConv(`${filters} filters do not divide into ${group} groups`);
  const window = windowOf(
    { kernel, strides: attrs.strides, dilations: attrs.dilations, pads: attrs.pads },
    input.length,
  );
  return { n, group, k: filters / group, c, input, output: windowOutput(input, window), window };
}

export const convShape = (s: ConvSizes): number[] => [s.n, s.group * s.k, ...s.output];

/** @throws NetloomError NL1014 when a bias is no list of one number per filter */
export function checkBias(bias: { shape: readonly number[] } | undefined, filters: number): void {
  if (!bias || (bias.shape.length === 1 && bias.shape[0] === filters)) return;
  fail('NL1014', {
    message: 'the bias of a convolution does not fit',
    cause: `it has shape ${showShape(bias.shape)} for ${filters} filters`,
    fix: 'correct the model',
  });
}

/** The attributes of a node that convolves `x` with `w`, auto_pad made explicit. */
export function readConv(node: NodeReader, x: ValueId, w: ValueId): ConvAttrs {
  const { shape, unknown } = node.info(w);
  const own = shape.slice(2);
  const kernel = node.attributes.ints('kernel_shape') ?? own;
  if (!unknown && (kernel.length !== own.length || !kernel.every((k, i) => k === own[i]))) {
    fail('NL1014', {
      message: 'kernel_shape does not fit the weights',
      cause: `kernel_shape is ${showShape(kernel)}, the weights are ${showShape(shape)}`,
      fix: 'correct the model',
    });
  }
  return { ...readWindow(node, kernel, x), group: node.attributes.int('group') ?? 1 };
}

/** The loops of a convolution and where they point. */
export interface ConvNest {
  /** n, g, k, p0.. */
  readonly outer: readonly Loop[];
  /** c, r0.. */
  readonly sums: readonly Loop[];
  readonly pixels: readonly Loop[];
  /** The filter g * k + k' . */
  readonly filter: Index;
  readonly x: Access;
  readonly w: Access;
  /** The position of a result in an operand of its shape. */
  readonly result: (operand: string) => Access;
}

export function convNest(s: ConvSizes): ConvNest {
  const win = windowLoops(s.output, s.window);
  const filter = index(['g', s.k, 'k', 1]);
  return {
    outer: [...loops({ n: s.n, g: s.group, k: s.k }), ...win.pixels],
    sums: [...loops({ c: s.c }), ...win.taps],
    pixels: win.pixels,
    filter,
    x: at('x', 'n', ['g', s.c, 'c', 1], ...win.input),
    w: at('w', filter, 'c', ...win.kernel),
    result: (operand) => at(operand, 'n', filter, ...win.output),
  };
}
