import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Hyperbolic tangent. */
export const tanh = unaryOp('tanh', {
  doc: 'Hyperbolic tangent. Element by element.',
  onnx: { type: 'Tanh', attrs: ['consumed_inputs'] },
  accepts: 'float',
  evaluate: (x) => Math.tanh(x),
  point: (x) => call('tanh', x),
  examples: [{ x: 'f32[3] 0 1 -2', out: 'f32[3] 0 0.7615942 -0.9640276' }, { x: 'f16[2,3] ~3' }],
});
