import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Rectified linear unit. NaN stays NaN. */
export const relu = unaryOp('relu', {
  doc: 'max(x, 0), element by element.',
  onnx: { type: 'Relu', attrs: ['consumed_inputs'] },
  evaluate: (x) => (x < 0 ? 0 : x),
  big: (x) => (x < 0n ? 0n : x),
  point: (x) => call('max', x, 0),
  examples: [
    { x: 'f32[4] -1 0 2.5 -3', out: 'f32[4] 0 0 2.5 0' },
    { x: 'i8[2,2] -1 2 -128 127', out: 'i8[2,2] 0 2 0 127' },
  ],
});
