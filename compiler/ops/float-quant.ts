import { call } from '../../hw-models/work/build.ts';
import type { Scalar } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { exponentOf } from '../formats/float.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { choice } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { combined, elementwiseWork } from './kit/elementwise.ts';
import { flagAttribute, mustStretch, qonnxDomains } from './kit/qonnx.ts';
import { readRounding, rounder, roundingMode } from './kit/rounding.ts';

/** What becomes of numbers beyond the largest one. */
const overflows = { saturate: undefined, infinity: Infinity, nan: NaN } as const;
type Overflow = keyof typeof overflows;

function readFloatQuant(node: NodeReader): ReadNode {
  const [infinite, nan] = [flagAttribute(node, 'has_inf', false), flagAttribute(node, 'has_nan', false)];
  const saturates = flagAttribute(node, 'saturation', true);
  if (!saturates && !infinite && !nan) {
    fail('NL1009', {
      message: 'FloatQuant neither saturates nor has a code for what is too large',
      cause: 'saturation, has_inf and has_nan are all 0',
      fix: 'set one of them',
    });
  }
  const overflow: Overflow = saturates ? 'saturate' : infinite ? 'infinity' : 'nan';
  return { attrs: { roundingMode: readRounding(node, 'ROUND'), overflow } };
}

const names = ['rounding_mode', 'has_inf', 'has_nan', 'has_subnormal', 'saturation', 'signed'];

/** Value `y` of a format whose largest number is `top`. */
const heldValue = (y: number, top: number, beyond: number | undefined): number => {
  if (!(Math.abs(y) > top)) return y;
  return beyond === undefined ? Math.sign(y) * top : Math.sign(y) * beyond;
};

const powerOf = (e: Scalar): Scalar => call('shiftleft', 1, e);

function heldPoint(y: Scalar, top: Scalar, beyond: number | undefined): Scalar {
  const limit = beyond === undefined ? top : beyond;
  return call('select', call('gt', call('abs', y), top), call('mul', call('sign', y), limit), y);
}

/** Rounding to a float of a few bits, kept as 32-bit numbers (QONNX FloatQuant; Brevitas). */
export const floatQuant = defineOp('float-quant', {
  doc: 'x / scale rounded to a float of so many exponent and mantissa bits, times scale.',
  onnx: { type: 'FloatQuant', domains: qonnxDomains, attrs: names, read: readFloatQuant },
  operands: ['x', 'scale', 'exponentBits', 'mantissaBits', 'exponentBias', 'largest?'],
  attrs: {
    roundingMode: roundingMode('ROUND'),
    overflow: choice('what becomes of numbers beyond the largest', ['saturate', 'infinity', 'nan'], 'saturate'),
  },
  infer: ({ x, scale, exponentBits, mantissaBits, exponentBias, largest }) => {
    mustBe('float-quant', 'float', x);
    mustStretch(x, scale, exponentBits, mantissaBits, exponentBias, largest);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, scale, exponentBits, mantissaBits, exponentBias, largest }, { roundingMode: mode, overflow }) => {
    const { round } = rounder(mode);
    const beyond = overflows[overflow];
    const operands = [x, scale, exponentBits, mantissaBits, exponentBias, ...(largest ? [largest] : [])];
    return combined(x.format, x.shape, operands, ([v, s, e, m, bias, most]) => {
      const q = x.format.round(v! / s!);
      const unit = 2 ** (Math.max(exponentOf(q), 1 - bias!) - m!);
      const top = Math.min((2 - 2 ** -m!) * 2 ** (2 ** e! - 1 - bias!), most ?? Infinity);
      return heldValue(Number.isFinite(q) ? unit * round(q / unit) : q, top, beyond) * s!;
    });
  },
  work: (
    { x, scale, exponentBits, mantissaBits, exponentBias, largest },
    { roundingMode: mode, overflow },
    { out },
  ) => {
    const { point } = rounder(mode);
    return elementwiseWork(
      { x, scale, exponentBits, mantissaBits, exponentBias, largest },
      out[0]!,
      (v, s, e, m, bias, most) => {
        const q = call('tof32', call('div', v, s));
        const unit = powerOf(call('sub', call('max', call('exponent', q), call('sub', 1, bias)), m));
        const exponent = call('sub', call('sub', powerOf(e), 1), bias);
        const greatest = call('mul', call('sub', 2, powerOf(call('neg', m))), powerOf(exponent));
        const y = call('select', call('isinf', q), q, call('mul', unit, point(call('div', q, unit))));
        return call('mul', heldPoint(y, most ? call('min', greatest, most) : greatest, overflows[overflow]), s);
      },
    );
  },
  examples: [
    {
      x: 'f32[6] 0.3 1000 -3.3 0 0.001 -500',
      scale: 'f32[] 1',
      exponentBits: 'f32[] 4',
      mantissaBits: 'f32[] 3',
      exponentBias: 'f32[] 7',
      largest: 'f32[] 448',
      out: 'f32[6] 0.3125 448 -3.25 0 0.001953125 -448',
    },
    {
      x: 'f32[3] 1.3 50 -50',
      scale: 'f32[] 2',
      exponentBits: 'f32[] 2',
      mantissaBits: 'f32[] 1',
      exponentBias: 'f32[] 1',
      attrs: { overflow: 'infinity' },
      out: 'f32[3] 1 inf -inf',
    },
  ],
});
