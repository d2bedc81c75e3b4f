import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Hyperbolic cosine. */
export const cosh = unaryOp('cosh', {
  doc: 'Hyperbolic cosine. Element by element.',
  onnx: { type: 'Cosh', since: 9 },
  accepts: 'float',
  evaluate: (x) => Math.cosh(x),
  point: (x) => call('cosh', x),
  examples: [{ x: 'f32[3] 0 1 -2', out: 'f32[3] 1 1.5430806 3.7621957' }, { x: 'f16[2,3] ~3' }],
});
