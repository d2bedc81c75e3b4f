import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Every bit turned over. */
export const bitwiseNot = unaryOp('bitwise-not', {
  doc: 'Every bit of x turned over.',
  onnx: { type: 'BitwiseNot', since: 18 },
  accepts: 'int',
  evaluate: (x) => ~x,
  big: (x) => ~x,
  point: (x) => call('bitnot', x),
  examples: [
    { x: 'i8[3] 0 5 -128', out: 'i8[3] -1 -6 127' },
    { x: 'u16[2] 0 5', out: 'u16[2] 65535 65530' },
  ],
});
