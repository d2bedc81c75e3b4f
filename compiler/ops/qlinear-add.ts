import { call } from '../../hw-models/work/build.ts';
import { quantisedBinary } from './kit/qlinear-ops.ts';

/** Sum of quantised numbers, quantised again. */
export const qlinearAdd = quantisedBinary('qlinear-add', {
  doc: 'a + b of the numbers that codes stand for, as codes again.',
  type: 'QLinearAdd',
  evaluate: (a, b) => a + b,
  point: (a, b) => call('add', a, b),
  examples: [
    {
      a: 'u8[3] 10 20 255',
      aScale: 'f32[] 0.5',
      aZero: 'u8[] 10',
      b: 'u8[1] 6',
      bScale: 'f32[] 1',
      bZero: 'u8[] 2',
      scale: 'f32[] 1',
      zero: 'u8[] 3',
      out: 'u8[3] 7 12 130',
    },
    {
      a: 'i8[2] 100 -3',
      aScale: 'f32[] 1',
      b: 'i8[2] 100 1',
      bScale: 'f32[] 1',
      scale: 'f32[] 1',
      out: 'i8[2] 127 -2',
    },
  ],
});
