import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** |x|, element by element; integers wrap. */
export const abs = unaryOp('abs', {
  doc: '|x|, element by element; integers wrap.',
  onnx: { type: 'Abs', attrs: ['consumed_inputs'] },
  evaluate: (x) => Math.abs(x),
  big: (x) => (x < 0n ? -x : x),
  point: (x) => call('abs', x),
  examples: [
    { x: 'f32[3] 1 -2 -0.5', out: 'f32[3] 1 2 0.5' },
    { x: 'i8[2] -128 -5', out: 'i8[2] -128 5' },
  ],
});
