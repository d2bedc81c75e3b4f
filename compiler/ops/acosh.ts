import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Inverse hyperbolic cosine; NaN below 1. */
export const acosh = unaryOp('acosh', {
  doc: 'Inverse hyperbolic cosine; NaN below 1. Element by element.',
  onnx: { type: 'Acosh', since: 9 },
  accepts: 'float',
  evaluate: (x) => Math.acosh(x),
  point: (x) => call('acosh', x),
  examples: [{ x: 'f32[3] 1 2 0.5', out: 'f32[3] 0 1.3169579 nan' }, { x: 'f16[2,3] ~3' }],
});
