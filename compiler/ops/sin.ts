import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Sine of an angle in radians. */
export const sin = unaryOp('sin', {
  doc: 'Sine of an angle in radians. Element by element.',
  onnx: { type: 'Sin', since: 7 },
  accepts: 'float',
  evaluate: (x) => Math.sin(x),
  point: (x) => call('sin', x),
  examples: [{ x: 'f32[3] 0 1 -2', out: 'f32[3] 0 0.84147098 -0.90929743' }, { x: 'f16[2,3] ~3' }],
});
