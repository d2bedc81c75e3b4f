import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Tangent of an angle in radians. */
export const tan = unaryOp('tan', {
  doc: 'Tangent of an angle in radians. Element by element.',
  onnx: { type: 'Tan', since: 7 },
  accepts: 'float',
  evaluate: (x) => Math.tan(x),
  point: (x) => call('tan', x),
  examples: [{ x: 'f32[3] 0 1 -0.5', out: 'f32[3] 0 1.5574077 -0.5463025' }, { x: 'f16[2,3] ~3' }],
});
