import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** 1 / x, element by element. */
export const reciprocal = unaryOp('reciprocal', {
  doc: '1 / x, element by element.',
  onnx: { type: 'Reciprocal', attrs: ['consumed_inputs'] },
  accepts: 'float',
  evaluate: (x) => 1 / x,
  point: (x) => call('div', 1, x),
  examples: [{ x: 'f32[4] -4 2 8 0', out: 'f32[4] -0.25 0.5 0.125 inf' }],
});
