import { sigmoidOf } from './kit/expressions.ts';
import { unaryOp } from './kit/elementwise.ts';

/** 1 / (1 + e^-x), element by element. */
export const sigmoid = unaryOp('sigmoid', {
  doc: '1 / (1 + e^-x), element by element.',
  onnx: { type: 'Sigmoid', attrs: ['consumed_inputs'] },
  accepts: 'float',
  evaluate: (x) => 1 / (1 + Math.exp(-x)),
  point: (x) => sigmoidOf(x),
  examples: [
    { x: 'f32[3] 0 1 -2', out: 'f32[3] 0.5 0.7310586 0.11920292' },
    { x: 'f32[2] -1000 1000', out: 'f32[2] 0 1' },
  ],
});
