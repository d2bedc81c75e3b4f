import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Hyperbolic sine. */
export const sinh = unaryOp('sinh', {
  doc: 'Hyperbolic sine. Element by element.',
  onnx: { type: 'Sinh', since: 9 },
  accepts: 'float',
  evaluate: (x) => Math.sinh(x),
  point: (x) => call('sinh', x),
  examples: [{ x: 'f32[3] 0 1 -2', out: 'f32[3] 0 1.1752012 -3.6268604' }, { x: 'f16[2,3] ~3' }],
});
