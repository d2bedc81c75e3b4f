import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** The greatest whole number not above x. */
export const floor = unaryOp('floor', {
  doc: 'The greatest whole number not above x.',
  onnx: { type: 'Floor', attrs: ['consumed_inputs'] },
  accepts: 'float',
  evaluate: (x) => Math.floor(x),
  point: (x) => call('floor', x),
  examples: [{ x: 'f32[4] -1.5 1.2 2 -0.1', out: 'f32[4] -2 1 2 -1' }],
});
