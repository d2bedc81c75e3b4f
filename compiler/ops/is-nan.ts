import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Finds what is not a number. */
export const isNan = unaryOp('is-nan', {
  doc: 'Whether x is NaN.',
  onnx: { type: 'IsNaN', since: 9 },
  accepts: 'float',
  gives: 'bool',
  evaluate: (x) => (Number.isNaN(x) ? 1 : 0),
  point: (x) => call('isnan', x),
  examples: [{ x: 'f32[4] 1 nan inf -2', out: 'bool[4] 0 1 0 0' }],
});
