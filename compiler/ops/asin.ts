import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Inverse sine in radians; NaN outside [-1, 1]. */
export const asin = unaryOp('asin', {
  doc: 'Inverse sine in radians; NaN outside [-1, 1]. Element by element.',
  onnx: { type: 'Asin', since: 7 },
  accepts: 'float',
  evaluate: (x) => Math.asin(x),
  point: (x) => call('asin', x),
  examples: [{ x: 'f32[4] 0 1 -0.5 2', out: 'f32[4] 0 1.5707963 -0.5235988 nan' }, { x: 'f16[2,3] ~3' }],
});
