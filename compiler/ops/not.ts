import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Negation of truth values. */
export const not = unaryOp('not', {
  doc: 'Whether x is false.',
  onnx: { type: 'Not' },
  accepts: 'bool',
  evaluate: (x) => (x === 0 ? 1 : 0),
  point: (x) => call('not', x),
  examples: [{ x: 'bool[2,2] 0 1 1 0', out: 'bool[2,2] 1 0 0 1' }],
});
