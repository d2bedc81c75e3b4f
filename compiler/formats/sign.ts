import { roundHalfEven, type Format } from './format.ts';

/** {-1, +1} in one bit (BNN, Hubara 2016). Zero counts as +1. */
export const bipolar: Format = {
  name: 'bipolar',
  kind: 'bipolar',
  bits: 1,
  signed: true,
  storage: 'i8',
  min: -1,
  max: 1,
  round: (x) => (x < 0 ? -1 : 1),
  cast: (x) => (x < 0 ? -1 : 1),
};

/** {-1, 0, +1} in two bits. */
export const ternary: Format = {
  name: 'ternary',
  kind: 'ternary',
  bits: 2,
  signed: true,
  storage: 'i8',
  min: -1,
  max: 1,
  round: (x) => (Number.isNaN(x) ? 0 : Math.sign(roundHalfEven(Math.max(-1, Math.min(1, x))))),
  cast: (x) => Math.sign(Math.trunc(x)),
};
