import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** -x, element by element; integers wrap. */
export const neg = unaryOp('neg', {
  doc: '-x, element by element; integers wrap.',
  onnx: { type: 'Neg', attrs: ['consumed_inputs'] },
  evaluate: (x) => -x,
  big: (x) => -x,
  point: (x) => call('neg', x),
  examples: [
    { x: 'f32[3] 1 -2 0.5', out: 'f32[3] -1 2 -0.5' },
    { x: 'i8[2] -128 5', out: 'i8[2] -128 -5' },
    { x: 'i64[2] 9007199254740993 -4', out: 'i64[2] -9007199254740993 4' },
  ],
});
