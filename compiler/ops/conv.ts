import { at, macs, nest, read, work } from '../../hw-models/work/build.ts';
import { numbers } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { convolve } from './kit/conv-run.ts';
import { checkBias, convAttrs, convNest, convShape, convSizes, readConv } from './kit/conv-sizes.ts';
import { buildWrapped, operandOf, sameFormats } from './kit/elementwise.ts';
import { readFusedConv, readNhwcConv } from './kit/fused-linear.ts';
import { windowAttrNames } from './kit/window.ts';

const fusedAttrs = [...windowAttrNames, 'group', 'activation', 'activation_params'];

export { convSizes, type ConvSizes } from './kit/conv-sizes.ts';

/** Y[n,k,p] = bias[k] + sum over c, r of X[n, c, p*stride + r*dilation - pad] * W[k,c,r], in groups, in 1-D, 2-D or 3-D. */
export const conv = defineOp('conv', {
  doc: 'Convolution (cross-correlation) with strides, dilations, padding and groups.',
  onnx: [
    {
      type: 'Conv',
      attrs: [...windowAttrNames, 'group'],
      read: (node) => ({ attrs: { ...readConv(node, node.inputs[0]!, node.inputs[1]!) } }),
    },
    { type: 'FusedConv', domains: ['com.microsoft'], attrs: fusedAttrs, read: readFusedConv },
    { type: 'NhwcConv', domains: ['com.microsoft'], attrs: [...windowAttrNames, 'group'], read: readNhwcConv },
    { type: 'NhwcFusedConv', domains: ['com.microsoft'], attrs: fusedAttrs, read: readNhwcConv },
  ],
  operands: ['x', 'w', 'bias?'],
  attrs: convAttrs,
  infer({ x, w, bias }, attrs) {
    mustBe('conv', 'number', x, w, bias);
    sameFormats('conv', x, w, bias);
    const s = convSizes(x, w, attrs);
    checkBias(bias, s.k * s.group);
    return { format: x.format, shape: convShape(s) };
  },
  evaluate({ x, w, bias }, attrs) {
    const s = convSizes(x, w, attrs);
    const sums = convolve(numbers(x), numbers(w), bias && numbers(bias), s);
    return buildWrapped(x.format, convShape(s), (i) => sums[i]!);
  },
  work({ x, w, bias }, attrs, { out }) {
    const s = convSizes(x, w, attrs);
    const c = convNest(s);
    const write = c.result('out');
    return work(
      {
        x: operandOf(x),
        w: operandOf(w),
        ...(bias ? { bias: operandOf(bias) } : {}),
        out: operandOf(out[0]!, 'output'),
      },
      ...(bias ? [nest({ loops: c.outer, reads: [at('bias', c.filter)], write, compute: read(0) })] : []),
      macs({ loops: [...c.outer, ...c.sums], reads: [c.x, c.w], write, start: bias ? 'kept' : 'fresh' }),
    );
  },
  examples: [
    { x: 'f32[1,1,3,3] 1 2 3 4 5 6 7 8 9', w: 'f32[1,1,2,2] 1 0 0 -1', out: 'f32[1,1,2,2] -4 -4 -4 -4' },
    {
      x: 'f32[2,4,5,6] ~1',
      w: 'f32[6,2,3,2] ~2',
      bias: 'f32[6] ~3',
      attrs: { group: 2, strides: [2, 1], pads: [1, 0, 1, 1], dilations: [1, 2] },
    },
    { x: 'f32[1,3,7] ~4', w: 'f32[3,1,3] ~5', attrs: { group: 3, pads: [2, 0] } },
    { x: 'f32[1,2,3,4,3] ~6', w: 'f32[2,2,2,2,2] ~7' },
    { x: 'f16[1,2,4,4] ~6', w: 'f16[1,2,3,3] ~7', bias: 'f16[1] ~8', attrs: { pads: [1, 1, 1, 1], strides: [3, 3] } },
    { x: 'f64[1,1,4] 1 2 3 4', w: 'f64[1,1,1] 2', bias: 'f64[1] 0.5', out: 'f64[1,1,4] 2.5 4.5 6.5 8.5' },
  ],
});
