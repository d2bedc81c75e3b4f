import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Inverse hyperbolic sine. */
export const asinh = unaryOp('asinh', {
  doc: 'Inverse hyperbolic sine. Element by element.',
  onnx: { type: 'Asinh', since: 9 },
  accepts: 'float',
  evaluate: (x) => Math.asinh(x),
  point: (x) => call('asinh', x),
  examples: [{ x: 'f32[3] 0 1 -2', out: 'f32[3] 0 0.8813736 -1.4436355' }, { x: 'f16[2,3] ~3' }],
});
