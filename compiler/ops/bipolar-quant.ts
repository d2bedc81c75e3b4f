import { call } from '../../hw-models/work/build.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { combined, elementwiseWork } from './kit/elementwise.ts';
import { mustStretch, qonnxDomains } from './kit/qonnx.ts';

/** The sign of x, scaled; 0 counts as positive (QONNX; binarized networks, Hubara et al. 2016, arXiv:1602.02830). */
export const bipolarQuant = defineOp('bipolar-quant', {
  doc: 'scale where x >= 0, else -scale.',
  onnx: { type: 'BipolarQuant', domains: qonnxDomains },
  operands: ['x', 'scale'],
  infer: ({ x, scale }) => {
    mustBe('bipolar-quant', 'float', x);
    mustStretch(x, scale);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, scale }) => combined(x.format, x.shape, [x, scale], ([v, s]) => (v! >= 0 ? s! : -s!)),
  work: ({ x, scale }, _, { out }) =>
    elementwiseWork({ x, scale }, out[0]!, (v, s) => call('select', call('ge', v, 0), s, call('neg', s))),
  examples: [{ x: 'f32[2,2] -1 0 3 -0.5', scale: 'f32[2,1] 1 0.25', out: 'f32[2,2] -1 1 0.25 -0.25' }],
});
