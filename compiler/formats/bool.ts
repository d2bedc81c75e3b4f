import type { Format } from './format.ts';

/** Truth values, one byte each in memory as ONNX stores them. */
export const bool: Format = {
  name: 'bool',
  kind: 'bool',
  bits: 8,
  signed: false,
  storage: 'u8',
  onnx: 9,
  min: 0,
  max: 1,
  round: (x) => (x ? 1 : 0),
  cast: (x) => (x === 0 ? 0 : 1),
};
