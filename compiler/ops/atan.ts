import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Inverse tangent in radians. */
export const atan = unaryOp('atan', {
  doc: 'Inverse tangent in radians. Element by element.',
  onnx: { type: 'Atan', since: 7 },
  accepts: 'float',
  evaluate: (x) => Math.atan(x),
  point: (x) => call('atan', x),
  examples: [{ x: 'f32[3] 0 1 -inf', out: 'f32[3] 0 0.7853982 -1.5707963' }, { x: 'f16[2,3] ~3' }],
});
