import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Cosine of an angle in radians. */
export const cos = unaryOp('cos', {
  doc: 'Cosine of an angle in radians. Element by element.',
  onnx: { type: 'Cos', since: 7 },
  accepts: 'float',
  evaluate: (x) => Math.cos(x),
  point: (x) => call('cos', x),
  examples: [{ x: 'f32[3] 0 1 -2', out: 'f32[3] 1 0.54030231 -0.41614684' }, { x: 'f16[2,3] ~3' }],
});
