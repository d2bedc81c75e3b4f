import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Inverse cosine in radians; NaN outside [-1, 1]. */
export const acos = unaryOp('acos', {
  doc: 'Inverse cosine in radians; NaN outside [-1, 1]. Element by element.',
  onnx: { type: 'Acos', since: 7 },
  accepts: 'float',
  evaluate: (x) => Math.acos(x),
  point: (x) => call('acos', x),
  examples: [{ x: 'f32[4] 0 1 -0.5 2', out: 'f32[4] 1.5707963 0 2.0943951 nan' }, { x: 'f16[2,3] ~3' }],
});
