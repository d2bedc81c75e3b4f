import { call } from '../../hw-models/work/build.ts';
import type { Scalar } from '../../hw-models/work/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { flag } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { combined, elementwiseWork } from './kit/elementwise.ts';
import { bitWidth, codeRange, flagAttribute, mustStretch, qonnxDomains } from './kit/qonnx.ts';
import { readRounding, rounder, roundingMode, type RoundingMode } from './kit/rounding.ts';
import { scalarOf } from '../tensor/tensor.ts';

const readQuant = (node: NodeReader): ReadNode => ({
  attrs: {
    signed: flagAttribute(node, 'signed', true),
    narrow: flagAttribute(node, 'narrow', false),
    roundingMode: readRounding(node, 'ROUND'),
  },
});

const names = ['signed', 'narrow', 'rounding_mode'];

interface Coding {
  readonly signed: boolean;
  readonly narrow: boolean;
  readonly roundingMode: string;
}

/** The code of x / scale + zero point. One signed bit is read as a sign: -1 or 1. */
function coder(bits: number, { signed, narrow, roundingMode: mode }: Coding): (y: number) => number {
  if (bits === 1 && signed) return (y) => (y >= 0 ? 1 : -1);
  const { low, high } = codeRange(bits, signed, narrow);
  const { round } = rounder(mode as RoundingMode);
  return (y) => round(Math.min(high, Math.max(low, y)));
}

function codeOf(y: Scalar, bits: number, { signed, narrow, roundingMode: mode }: Coding): Scalar {
  if (bits === 1 && signed) return call('select', call('ge', y, 0), 1, -1);
  const { low, high } = codeRange(bits, signed, narrow);
  return rounder(mode as RoundingMode).point(call('min', call('max', y, low), high));
}

/** Codes of an operand whose elements are not known yet can have any width; the most usual one is priced. */
const pricedWidth = (bits: OperandInfo): number => (bits.value ? bitWidth(bits) : 8);

/** Rounding to numbers of a few bits, kept as numbers (QONNX IntQuant; Brevitas). */
export const quant = defineOp('quant', {
  doc: '(code - zero point) * scale, with code = round(x / scale + zero point) held within the bit width.',
  onnx: ['Quant', 'IntQuant'].map((type) => ({ type, domains: qonnxDomains, attrs: names, read: readQuant })),
  operands: ['x', 'scale', 'zeroPoint', 'bits'],
  attrs: {
    signed: flag('codes are signed', true),
    narrow: flag('the range gives up the one code that has no opposite', false),
    roundingMode: roundingMode('ROUND'),
  },
  infer: ({ x, scale, zeroPoint, bits }) => {
    mustBe('quant', 'float', x);
    mustStretch(x, scale, zeroPoint);
    if (bits.value) bitWidth(bits);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, scale, zeroPoint, bits }, attrs) => {
    const { round } = x.format; // each step is in the format of x
    const code = coder(scalarOf(bits), attrs);
    return combined(x.format, x.shape, [x, scale, zeroPoint], ([v, s, z]) => {
      const y = code(round(round(v! / s!) + z!));
      return round(y - z!) * s!;
    });
  },
  work: ({ x, scale, zeroPoint, bits }, attrs, { out }) =>
    elementwiseWork({ x, scale, zeroPoint }, out[0]!, (v, s, z) => {
      const y = codeOf(call('tof32', call('add', call('tof32', call('div', v, s)), z)), pricedWidth(bits), attrs);
      return call('mul', call('sub', y, z), s);
    }),
  examples: [
    {
      x: 'f32[5] 0.6 -0.6 10 -10 0.25',
      scale: 'f32[] 0.5',
      zeroPoint: 'f32[] 0',
      bits: 'f32[] 4',
      out: 'f32[5] 0.5 -0.5 3.5 -4 0',
    },
    {
      x: 'f32[2,2] -10 3 -10 0.3',
      scale: 'f32[2,1] 1 0.5',
      zeroPoint: 'f32[] 0',
      bits: 'f32[] 3',
      attrs: { narrow: true },
      out: 'f32[2,2] -3 3 -1.5 0.5',
    },
    {
      x: 'f32[3] -1 0.7 99',
      scale: 'f32[] 0.5',
      zeroPoint: 'f32[] 2',
      bits: 'f32[] 2',
      attrs: { signed: false, roundingMode: 'FLOOR' },
      out: 'f32[3] -1 0.5 0.5',
    },
    { x: 'f32[3] -0.2 0 0.7', scale: 'f32[] 0.5', zeroPoint: 'f32[] 0', bits: 'f32[] 1', out: 'f32[3] -0.5 0.5 0.5' },
    {
      x: 'f32[4] 0.5 -0.5 1.5 1.2',
      scale: 'f32[] 1',
      zeroPoint: 'f32[] 0',
      bits: 'f32[] 8',
      attrs: { roundingMode: 'HALF_UP' },
      out: 'f32[4] 1 -1 2 1',
    },
  ],
});
