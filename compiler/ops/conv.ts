import { at, index, loops, macs, nest, read, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { int, ints } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';
import { readWindow, tapsOf, windowAttrNames, windowLoops, windowOf, windowOutput, type Window } from './kit/window.ts';

interface ConvAttrs {
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

/** @throws NetloomError NL1014 when ranks, channels or groups do not fit */
export function convSizes(x: { shape: readonly number[] }, w: { shape: readonly number[] }, attrs: ConvAttrs): ConvSizes {
  const { group } = attrs;
  const wrong = (cause: string): never => fail('NL1014', { message: 'the sizes of a convolution do not fit', cause, fix: 'correct the model, or give the right input shape with --shape' });
  if (x.shape.length < 3 || w.shape.length !== x.shape.length) wrong(`x has ${x.shape.length} axes and w has ${w.shape.length}; both need batch, channels and one or more spatial axes`);
  const [n, channels, ...input] = x.shape as [number, number, ...number[]];
  const [filters, c, ...kernel] = w.shape as [number, number, ...number[]];
  if (!Number.isInteger(group) || group < 1 || channels !== c * group) wrong(`x has ${channels} channels; w expects ${c} in each of ${group} groups`);
  if (filters % group !== 0) wrong(`${filters} filters do not divide into ${group} groups`);
  const window = windowOf({ kernel, strides: attrs.strides, dilations: attrs.dilations, pads: attrs.pads }, input.length);
  return { n, group, k: filters / group, c, input, output: windowOutput(input, window), window };
}

/** Y[n,k,p] = bias[k] + sum over c, r of X[n, c, p*stride + r*dilation - pad] * W[k,c,r], in groups, in 1-D, 2-D or 3-D. */
export const conv = defineOp('conv', {
  doc: 'Convolution (cross-correlation) with strides, dilations, padding and groups.',
  onnx: {
    type: 'Conv',
    attrs: [...windowAttrNames, 'group'],
    read: (node) => {
      const kernel = node.attributes.ints('kernel_shape') ?? node.info(node.inputs[1]!).shape.slice(2);
      checkKernel(kernel, node.info(node.inputs[1]!));
      return { attrs: { ...readWindow(node, kernel), group: node.attributes.int('group') ?? 1 } };
    },
  },
  operands: ['x', 'w', 'bias?'],
  attrs: {
    strides: ints('step of the window per axis', []),
    dilations: ints('distance of the taps per axis', []),
    pads: ints('zeros before each axis, then after each', []),
    group: int('independent groups of channels', 1),
  },
  infer({ x, w, bias }, attrs) {
    sameFormats('conv', x, w);
    const s = convSizes(x, w, attrs);
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== s.k * s.group)) {
      fail('NL1014', { message: 'the bias of a convolution does not fit', cause: `it has shape [${bias.shape.join(',')}] for ${s.k * s.group} filters`, fix: 'correct the model' });
    }
    return { format: x.format, shape: [s.n, s.group * s.k, ...s.output] };
  },
  evaluate({ x, w, bias }, attrs) {
    const s = convSizes(x, w, attrs);
    const { outputs, taps, offset } = tapsOf(s.input, s.output, s.window);
    const pixels = sizeOf(s.input);
    const [xs, ws] = [numbers(x), numbers(w)];
    const bs = bias && numbers(bias);
    const filters = s.group * s.k;
    // One output element at a time: image, filter, position; then channels and taps. Sums are in double precision.
    return build(x.format, [s.n, filters, ...s.output], (i) => {
      const o = i % outputs;
      const f = Math.floor(i / outputs) % filters;
      const n = Math.floor(i / (outputs * filters));
      const firstChannel = n * s.group * s.c + Math.floor(f / s.k) * s.c;
      let sum = bs ? bs[f]! : 0;
      for (let t = 0; t < taps; t++) {
        const p = offset(o, t);
        if (p < 0) continue;
        for (let c = 0; c < s.c; c++) sum += xs[(firstChannel + c) * pixels + p]! * ws[(f * s.c + c) * taps + t]!;
      }
      return sum;
    });
  },
  work({ x, w, bias }, attrs, { out }) {
    const s = convSizes(x, w, attrs);
    const win = windowLoops(s.output, s.window);
    const filter = index(['g', s.k, 'k', 1]);
    const outer = loops({ n: s.n, g: s.group, k: s.k });
    const write = at('out', 'n', filter, ...win.output);
    return work(
      { x: operandOf(x), w: operandOf(w), ...(bias ? { bias: operandOf(bias) } : {}), out: operandOf(out[0]!, 'output') },
      ...(bias ? [nest({ loops: [...outer, ...win.pixels], reads: [at('bias', filter)], write, compute: read(0) })] : []),
      macs({
        loops: [...outer, ...win.pixels, ...loops({ c: s.c }), ...win.taps],
        reads: [at('x', 'n', ['g', s.c, 'c', 1], ...win.input), at('w', filter, 'c', ...win.kernel)],
        write,
        start: bias ? 'kept' : 'fresh',
      }),
    );
  },
  examples: [
    { x: 'f32[1,1,3,3] 1 2 3 4 5 6 7 8 9', w: 'f32[1,1,2,2] 1 0 0 -1', out: 'f32[1,1,2,2] -4 -4 -4 -4' },
    { x: 'f32[2,4,5,6] ~1', w: 'f32[6,2,3,2] ~2', bias: 'f32[6] ~3', attrs: { group: 2, strides: [2, 1], pads: [1, 0, 1, 1], dilations: [1, 2] } },
    { x: 'f32[1,3,7] ~4', w: 'f32[3,1,3] ~5', attrs: { group: 3, pads: [2, 0] } },
    { x: 'f32[1,2,3,4,3] ~6', w: 'f32[2,2,2,2,2] ~7' },
  ],
});

function checkKernel(kernel: readonly number[], w: OperandInfo): void {
  const own = w.shape.slice(2);
  if (kernel.length === own.length && kernel.every((k, i) => k === own[i])) return;
  fail('NL1014', { message: 'kernel_shape does not fit the weights', cause: `kernel_shape is [${kernel.join(',')}], the weights are [${w.shape.join(',')}]`, fix: 'correct the model' });
}
