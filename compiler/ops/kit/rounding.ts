import { call } from '../../../hw-models/work/build.ts';
import type { Scalar } from '../../../hw-models/work/types.ts';
import { roundHalfEven } from '../../formats/index.ts';
import type { NodeReader } from '../../onnx/node-reader.ts';
import { choice } from '../attrs.ts';

const size = (x: Scalar): Scalar => call('abs', x);
const signed = (x: Scalar, rounded: Scalar): Scalar => call('mul', call('sign', x), rounded);

/** The rounding modes that QONNX names, as numbers and as expressions. */
const modes = {
  ROUND: { round: roundHalfEven, point: (x: Scalar) => call('round', x) },
  HALF_EVEN: { round: roundHalfEven, point: (x: Scalar) => call('round', x) },
  CEIL: { round: Math.ceil, point: (x: Scalar) => call('ceil', x) },
  FLOOR: { round: Math.floor, point: (x: Scalar) => call('floor', x) },
  UP: {
    round: (x: number) => Math.sign(x) * Math.ceil(Math.abs(x)),
    point: (x: Scalar) => signed(x, call('ceil', size(x))),
  },
  DOWN: { round: Math.trunc, point: (x: Scalar) => call('trunc', x) },
  HALF_UP: {
    round: (x: number) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5),
    point: (x: Scalar) => signed(x, call('floor', call('add', size(x), 0.5))),
  },
  HALF_DOWN: {
    round: (x: number) => Math.sign(x) * Math.ceil(Math.abs(x) - 0.5),
    point: (x: Scalar) => signed(x, call('ceil', call('sub', size(x), 0.5))),
  },
} as const;

export type RoundingMode = keyof typeof modes;

const names = Object.keys(modes) as RoundingMode[];

export const roundingMode = (fallback: RoundingMode) => choice('how codes are rounded', names, fallback);

/** The attribute of a node; QONNX takes it in upper and lower case. */
export const readRounding = ({ attributes }: NodeReader, fallback: RoundingMode): string =>
  (attributes.string('rounding_mode') ?? fallback).toUpperCase();

export const rounder = (mode: RoundingMode): { round: (x: number) => number; point: (x: Scalar) => Scalar } =>
  modes[mode];
