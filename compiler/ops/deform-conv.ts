import { at, loops, macs, nest, read, work } from '../../hw-models/work/build.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { checkBias, convAttrs, convNest, convShape, readConv } from './kit/conv-sizes.ts';
import { deformedSums, deformSizes, sampleSteps } from './kit/deform.ts';
import { buildWrapped, operandOf, sameFormats } from './kit/elementwise.ts';

/** A convolution whose taps are moved by offsets; between elements x is interpolated linearly, outside it is 0 (Zhu et al. 2019). */
export const deformConv = defineOp('deform-conv', {
  doc: 'Convolution whose taps are moved by offsets that are data, and weighted by an optional mask.',
  onnx: {
    type: 'DeformConv',
    since: 19,
    attrs: ['kernel_shape', 'strides', 'dilations', 'pads', 'group', 'offset_group'],
    read: (node) => ({
      attrs: {
        ...readConv(node, node.inputs[0]!, node.inputs[1]!),
        offsetGroup: node.attributes.int('offset_group') ?? 1,
      },
    }),
  },
  operands: ['x', 'w', 'offset', 'bias?', 'mask?'],
  attrs: { ...convAttrs, offsetGroup: int('groups of channels that share offsets', 1) },
  infer({ x, w, offset, bias, mask }, attrs) {
    mustBe('deform-conv', 'float', x, w, offset, bias, mask);
    sameFormats('deform-conv', x, w, offset, bias, mask);
    const s = deformSizes(x, w, offset, mask, attrs);
    checkBias(bias, s.group * s.k);
    return { format: x.format, shape: convShape(s) };
  },
  evaluate({ x, w, offset, bias, mask }, attrs) {
    const s = deformSizes(x, w, offset, mask, attrs);
    const sums = deformedSums({ x, w, offset, bias, mask }, s);
    return buildWrapped(x.format, convShape(s), (i) => sums[i]!);
  },
  work({ x, w, offset, bias, mask }, attrs, { out }) {
    const s = deformSizes(x, w, offset, mask, attrs);
    const c = convNest(s);
    const rank = s.input.length;
    const taps = s.window.kernel.map((_, axis) => `r${axis}`);
    const write = c.result('out');
    const scratch = (shape: readonly number[]) => operandOf({ format: x.format, shape }, 'scratch');
    return work(
      {
        ...{ x: operandOf(x), w: operandOf(w), offset: operandOf(offset) },
        ...(bias ? { bias: operandOf(bias) } : {}),
        ...(mask ? { mask: operandOf(mask) } : {}),
        ...{ place: scratch(offset.shape), low: scratch(offset.shape) },
        sample: scratch([s.n, s.group * s.c, ...s.window.kernel, ...s.output]),
        out: operandOf(out[0]!, 'output'),
      },
      ...sampleSteps(s, mask !== undefined),
      ...(bias ? [nest({ loops: c.outer, reads: [at('bias', c.filter)], write, compute: read(0) })] : []),
      macs({
        loops: [...c.outer, ...loops({ c: s.c }), ...s.window.kernel.map((size, axis) => ({ name: `r${axis}`, size }))],
        reads: [
          at('sample', 'n', ['g', s.c, 'c', 1], ...taps, ...Array.from({ length: rank }, (_, i) => `p${i}`)),
          c.w,
        ],
        write,
        start: bias ? 'kept' : 'fresh',
      }),
    );
  },
  examples: [
    {
      x: 'f32[1,1,1,3] 1 2 4',
      w: 'f32[1,1,1,1] 10',
      offset: 'f32[1,2,1,3] 0 0 0 0.5 1 0.5',
      out: 'f32[1,1,1,3] 15 40 20',
    },
    {
      x: 'f32[2,4,4,5] ~1',
      w: 'f32[4,2,2,3] ~2',
      offset: 'f32[2,24,3,3] ~3',
      bias: 'f32[4] ~4',
      mask: 'f32[2,12,3,3] ~5',
      attrs: { group: 2, offsetGroup: 2 },
    },
    {
      x: 'f64[1,2,4,4] ~1',
      w: 'f64[1,2,2,2] ~2',
      offset: 'f64[1,8,3,2] ~3',
      attrs: { pads: [1, 1, 1, 1], strides: [2, 2], dilations: [1, 2] },
    },
    { x: 'f64[1,1,6] ~1', w: 'f64[2,1,3] ~2', offset: 'f64[1,3,4] ~3' },
  ],
});
