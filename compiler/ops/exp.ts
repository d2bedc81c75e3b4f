import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** e to the power of x, element by element. */
export const exp = unaryOp('exp', {
  doc: 'e to the power of x, element by element.',
  onnx: { type: 'Exp', attrs: ['consumed_inputs'] },
  accepts: 'float',
  evaluate: (x) => Math.exp(x),
  point: (x) => call('exp', x),
  examples: [{ x: 'f32[3] 0 1 -1', out: 'f32[3] 1 2.7182817 0.36787945' }, { x: 'f64[2] ~1' }],
});
