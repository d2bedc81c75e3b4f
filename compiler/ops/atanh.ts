import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Inverse hyperbolic tangent; NaN outside [-1, 1]. */
export const atanh = unaryOp('atanh', {
  doc: 'Inverse hyperbolic tangent; NaN outside [-1, 1]. Element by element.',
  onnx: { type: 'Atanh', since: 9 },
  accepts: 'float',
  evaluate: (x) => Math.atanh(x),
  point: (x) => call('atanh', x),
  examples: [{ x: 'f32[3] 0 0.5 2', out: 'f32[3] 0 0.5493061 nan' }, { x: 'f16[2,3] ~3' }],
});
