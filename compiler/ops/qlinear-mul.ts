import { call } from '../../hw-models/work/build.ts';
import { quantisedBinary } from './kit/qlinear-ops.ts';

/** Product of quantised numbers, quantised again. */
export const qlinearMul = quantisedBinary('qlinear-mul', {
  doc: 'a * b of the numbers that codes stand for, as codes again.',
  type: 'QLinearMul',
  evaluate: (a, b) => a * b,
  point: (a, b) => call('mul', a, b),
  examples: [
    {
      a: 'u8[2,1] 12 8',
      aScale: 'f32[] 0.5',
      aZero: 'u8[] 10',
      b: 'u8[2] 6 2',
      bScale: 'f32[] 1',
      bZero: 'u8[] 2',
      scale: 'f32[] 0.5',
      zero: 'u8[] 100',
      out: 'u8[2,2] 108 100 92 100',
    },
    {
      a: 'i8[2] 100 -3',
      aScale: 'f32[] 1',
      b: 'i8[2] 100 1',
      bScale: 'f32[] 1',
      scale: 'f32[] 2',
      out: 'i8[2] 127 -2',
    },
  ],
});
