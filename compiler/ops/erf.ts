import { call } from '../../hw-models/work/build.ts';
import { erf as erfOf } from '../tensor/scalar.ts';
import { unaryOp } from './kit/elementwise.ts';

/** The error function, element by element. */
export const erf = unaryOp('erf', {
  doc: 'The error function, element by element.',
  onnx: { type: 'Erf', since: 9 },
  evaluate: erfOf,
  point: (x) => call('erf', x),
  examples: [{ x: 'f32[4] 0 1 -0.5 9', out: 'f32[4] 0 0.8427008 -0.5204999 1' }],
});
