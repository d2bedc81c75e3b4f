import { softplusOf, softplusValue } from './kit/expressions.ts';
import { unaryOp } from './kit/elementwise.ts';

/** ln(1 + e^x), element by element, without overflow. */
export const softplus = unaryOp('softplus', {
  doc: 'ln(1 + e^x), element by element, without overflow.',
  onnx: { type: 'Softplus' },
  accepts: 'float',
  evaluate: softplusValue,
  point: (x) => softplusOf(x),
  examples: [
    { x: 'f32[3] 0 1 -2', out: 'f32[3] 0.6931472 1.3132616 0.126928' },
    { x: 'f32[2] -1000 1000', out: 'f32[2] 0 1000' },
  ],
});
