import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** The least whole number not below x. */
export const ceil = unaryOp('ceil', {
  doc: 'The least whole number not below x.',
  onnx: { type: 'Ceil', attrs: ['consumed_inputs'] },
  accepts: 'float',
  evaluate: (x) => Math.ceil(x),
  point: (x) => call('ceil', x),
  examples: [{ x: 'f32[4] -1.5 1.2 2 0.1', out: 'f32[4] -1 2 2 1' }],
});
