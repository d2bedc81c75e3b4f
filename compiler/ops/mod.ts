import { call } from '../../hw-models/work/build.ts';
import { isInt } from '../formats/index.ts';
import { floorMod } from '../tensor/scalar.ts';
import { flag } from './attrs.ts';
import { binaryOp } from './kit/elementwise.ts';

/** Remainder of a whole-number division. The remainder of an integer by 0 is 0. */
export const mod = binaryOp('mod', {
  doc: 'Remainder of a / b, with the sign of b, or with fmod that of a.',
  onnx: { type: 'Mod', since: 10 },
  attrs: { fmod: flag('the remainder has the sign of a, as in C', false) },
  evaluate: (a, b, { fmod }, format) => {
    if (b === 0 && isInt(format)) return 0;
    return fmod ? a % b : floorMod(a, b);
  },
  big: (a, b, { fmod }) => {
    if (b === 0n) return 0n;
    const rest = a % b;
    return !fmod && rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
  },
  point: (a, b, { fmod }, format) => {
    const rest = call(fmod ? 'fmod' : 'mod', a, b);
    return isInt(format) ? call('select', call('eq', b, 0), 0, rest) : rest;
  },
  examples: [
    { a: 'i8[6] -4 7 5 4 -7 8', b: 'i8[6] 2 -3 8 -2 3 5', out: 'i8[6] 0 -2 5 0 2 3' },
    { a: 'f32[3] -4.5 7.5 5', b: 'f32[3] 2 -3.5 8', attrs: { fmod: true }, out: 'f32[3] -0.5 0.5 5' },
    { a: 'i64[2] -7 7', b: 'i64[] 3', attrs: { fmod: true }, out: 'i64[2] -1 1' },
    { a: 'i32[1] 3', b: 'i32[1] 0', out: 'i32[1] 0' },
  ],
});
