import type { Format } from './format.ts';

const never = (): number => NaN;

/** Strings: read so that a model that carries them can be named and refused, never computed with. */
export const text: Format = {
  name: 'str',
  kind: 'text',
  bits: 64,
  signed: false,
  storage: 'text',
  onnx: 8,
  min: NaN,
  max: NaN,
  round: never,
  cast: never,
};
