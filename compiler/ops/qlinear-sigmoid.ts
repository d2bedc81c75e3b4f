import { sigmoidOf, sigmoidValue } from './kit/expressions.ts';
import { quantisedUnary } from './kit/qlinear-ops.ts';

/** Sigmoid of quantised numbers, quantised again. */
export const qlinearSigmoid = quantisedUnary('qlinear-sigmoid', {
  doc: 'Sigmoid of the numbers that codes stand for, as codes again.',
  type: 'QLinearSigmoid',
  evaluate: sigmoidValue,
  point: sigmoidOf,
  examples: [
    {
      x: 'u8[3] 128 255 0',
      xScale: 'f32[] 0.05',
      xZero: 'u8[] 128',
      scale: 'f32[] 0.00390625',
      zero: 'u8[] 0',
      out: 'u8[3] 128 255 0',
    },
  ],
});
