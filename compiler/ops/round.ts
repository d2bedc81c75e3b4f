import { call } from '../../hw-models/work/build.ts';
import { roundHalfEven } from '../formats/index.ts';
import { unaryOp } from './kit/elementwise.ts';

/** The nearest whole number; half-way cases go to the even one. */
export const round = unaryOp('round', {
  doc: 'The nearest whole number; half-way cases go to the even one.',
  onnx: { type: 'Round', since: 11 },
  accepts: 'float',
  evaluate: roundHalfEven,
  point: (x) => call('round', x),
  examples: [{ x: 'f32[6] 0.5 1.5 2.5 -0.5 -1.5 2.4', out: 'f32[6] 0 2 2 0 -2 2' }],
});
