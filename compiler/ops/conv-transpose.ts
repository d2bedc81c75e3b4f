import { at, index, loops, macs, nest, read, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { numbers } from '../tensor/tensor.ts';
import { ints } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { spread } from './kit/conv-run.ts';
import { checkBias, convAttrs, convShape, misfitConv, type ConvAttrs, type ConvSizes } from './kit/conv-sizes.ts';
import { buildWrapped, operandOf, sameFormats } from './kit/elementwise.ts';
import { autoPadOf, reachOf, windowAttrNames, windowLoops, windowOf, type Window } from './kit/window.ts';

interface TransposeAttrs extends ConvAttrs {
  readonly outputPadding: readonly number[];
}

/** Output sizes without padding: where the last window ends. */
const fullSizes = (input: readonly number[], w: Window, more: readonly number[]): number[] =>
  input.map((size, axis) => (size - 1) * w.strides[axis]! + reachOf(w, axis) + (more[axis] ?? 0));

/**
 * Sizes of a transposed convolution of x[n, g*c, ...] with w[g*c, k, ...]; `output` are those of the result.
 * @throws NetloomError NL1014 when ranks, channels, groups or padding do not fit
 */
export function convTransposeSizes(
  x: { shape: readonly number[] },
  w: { shape: readonly number[] },
  attrs: TransposeAttrs,
): ConvSizes {
  const { group, outputPadding } = attrs;
  if (x.shape.length < 3 || w.shape.length !== x.shape.length)
    misfitConv(
      `x has ${x.shape.length} axes and w has ${w.shape.length}; both need batch, channels and one or more spatial axes`,
    );
  const [n, channels, ...input] = x.shape as [number, number, ...number[]];
  const [own, k, ...kernel] = w.shape as [number, number, ...number[]];
  if (channels !== own) misfitConv(`x has ${channels} channels, w expects ${own}`);
  if (!Number.isInteger(group) || group < 1 || channels % group !== 0)
    misfitConv(`${channels} channels do not divide into ${group} groups`);
  const rank = input.length;
  const window = windowOf({ kernel, strides: attrs.strides, dilations: attrs.dilations, pads: attrs.pads }, rank);
  if (outputPadding.length !== 0 && (outputPadding.length !== rank || outputPadding.some((p) => p < 0)))
    misfitConv(`output_padding is [${outputPadding.join(',')}]; it needs ${rank} sizes of at least 0`);
  const output = fullSizes(input, window, outputPadding).map(
    (size, axis) => (input[axis] === 0 ? 0 : size) - window.pads[axis]! - window.pads[axis + rank]!,
  );
  if (output.some((d, axis) => d < 0 && input[axis] !== 0))
    misfitConv(`padding [${window.pads.join(',')}] takes more than the result has`);
  return { n, group, k, c: channels / group, input, output: output.map((d) => Math.max(0, d)), window };
}

/** Makes auto_pad and output_shape explicit: as pads, and where the result is larger than the windows reach, as output padding. */
function readTranspose(node: NodeReader): ReadNode {
  const { attributes: a } = node;
  const [x, w] = [node.info(node.inputs[0]!), node.info(node.inputs[1]!)];
  const input = x.shape.slice(2);
  const kernel = a.ints('kernel_shape') ?? w.shape.slice(2);
  if (!w.unknown && kernel.some((k, i) => k !== w.shape[i + 2]))
    misfitConv(`kernel_shape is [${kernel.join(',')}], the weights are [${w.shape.join(',')}]`);
  const given = {
    strides: a.ints('strides') ?? [],
    dilations: a.ints('dilations') ?? [],
    outputPadding: a.ints('output_padding') ?? [],
    group: a.int('group') ?? 1,
  };
  const mode = autoPadOf(node, node.inputs[0]!);
  const isSame = mode.startsWith('SAME');
  const shape = a.ints('output_shape');
  if (!isSame && !shape?.length) return { attrs: { ...given, pads: mode === 'VALID' ? [] : (a.ints('pads') ?? []) } };
  if (x.unknown)
    fail('NL1107', {
      message: 'the shape under ConvTranspose is only known at run time',
      cause: 'output_shape becomes padding, which depends on it',
      fix: 'fix the shapes of the model',
    });
  const window = windowOf({ kernel, strides: given.strides, dilations: given.dilations }, input.length);
  // Some exporters write the whole shape, batch and channels included.
  const target = shape?.length ? shape.slice(-input.length) : input.map((size, axis) => size * window.strides[axis]!);
  return {
    attrs: {
      ...given,
      ...paddingTo(target, fullSizes(input, window, given.outputPadding), given.outputPadding, mode === 'SAME_UPPER'),
    },
  };
}

/** Padding that cuts `full` down to `target`; the odd one goes to the end with `upper`. What is missing is padded on. */
function paddingTo(
  target: readonly number[],
  full: readonly number[],
  own: readonly number[],
  upper: boolean,
): { pads: number[]; outputPadding: number[] } {
  const total = full.map((size, axis) => Math.max(0, size - target[axis]!));
  const less = total.map((t) => Math.floor(t / 2));
  const more = total.map((t, axis) => t - less[axis]!);
  return {
    pads: upper ? [...less, ...more] : [...more, ...less],
    outputPadding: full.map((size, axis) => (own[axis] ?? 0) + Math.max(0, target[axis]! - size)),
  };
}

/** Y[n, k, p*stride + r*dilation - pad] = bias[k] + sum over c, p, r that fall there of X[n, c, p] * W[c, k, r], in groups. */
export const convTranspose = defineOp('conv-transpose', {
  doc: 'Transposed convolution: each input element spreads over a window of the result.',
  onnx: {
    type: 'ConvTranspose',
    attrs: [...windowAttrNames, 'group', 'output_padding', 'output_shape'],
    read: readTranspose,
  },
  operands: ['x', 'w', 'bias?'],
  attrs: {
    ...convAttrs,
    pads: ints('elements cut off before each axis of the result, then after each', []),
    outputPadding: ints('elements added after each axis of the result', []),
  },
  infer({ x, w, bias }, attrs) {
    mustBe('conv-transpose', 'number', x, w, bias);
    sameFormats('conv-transpose', x, w, bias);
    const s = convTransposeSizes(x, w, attrs);
    checkBias(bias, s.k * s.group);
    return { format: x.format, shape: convShape(s) };
  },
  evaluate({ x, w, bias }, attrs) {
    const s = convTransposeSizes(x, w, attrs);
    const sums = spread(numbers(x), numbers(w), bias && numbers(bias), s);
    return buildWrapped(x.format, convShape(s), (i) => sums[i]!);
  },
  work({ x, w, bias }, attrs, { out }) {
    const s = convTransposeSizes(x, w, attrs);
    // Seen from the input, whose elements are the pixels: a tap says where in the result an element falls.
    const win = windowLoops(s.input, s.window);
    const filter = index(['g', s.k, 'k', 1]);
    const channel = index(['g', s.c, 'c', 1]);
    const all = windowLoops(s.output, s.window);
    const start =
      bias &&
      nest({
        loops: [...loops({ n: s.n, g: s.group, k: s.k }), ...all.pixels],
        reads: [at('bias', filter)],
        write: at('out', 'n', filter, ...all.output),
        compute: read(0),
      });
    return work(
      {
        x: operandOf(x),
        w: operandOf(w),
        ...(bias ? { bias: operandOf(bias) } : {}),
        out: operandOf(out[0]!, 'output'),
      },
      ...(start ? [start] : []),
      macs({
        loops: [
          ...loops({ n: s.n, g: s.group }),
          ...win.pixels,
          ...loops({ k: s.k }),
          ...win.taps,
          ...loops({ c: s.c }),
        ],
        reads: [at('x', 'n', channel, ...win.output), at('w', channel, 'k', ...win.kernel)],
        write: at('out', 'n', filter, ...win.input),
        start: start ? 'kept' : 'fresh',
      }),
    );
  },
  examples: [
    { x: 'f32[1,1,2,2] 1 2 3 4', w: 'f32[1,1,2,2] 1 0 0 10', out: 'f32[1,1,3,3] 1 2 0 3 14 20 0 30 40' },
    {
      x: 'f32[1,1,3] 1 2 3',
      w: 'f32[1,1,1] 2',
      bias: 'f32[1] 1',
      attrs: { strides: [2], outputPadding: [1] },
      out: 'f32[1,1,6] 3 1 5 1 7 1',
    },
    {
      x: 'f32[2,4,3,4] ~1',
      w: 'f32[4,3,3,2] ~2',
      bias: 'f32[6] ~3',
      attrs: { group: 2, strides: [2, 1], pads: [1, 0, 1, 1], dilations: [1, 2] },
    },
    { x: 'f64[1,2,2,3,2] ~4', w: 'f64[2,1,2,2,3] ~5', attrs: { strides: [2, 1, 2], outputPadding: [1, 0, 0] } },
    { x: 'f16[1,2,3] ~4', w: 'f16[2,1,2] ~5', attrs: { strides: [3] } },
  ],
});
