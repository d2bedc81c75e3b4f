import { call } from '../../hw-models/work/build.ts';
import { absent } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { scalarOf } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { combined, elementwiseWork } from './kit/elementwise.ts';
import { bitWidth, codeRange, flagAttribute, mustStretch, qonnxDomains } from './kit/qonnx.ts';
import { readRounding, rounder, roundingMode } from './kit/rounding.ts';

/**
 * Version 1 has operands x, scale, zero point, input bits, output bits; version 2 puts the scale of the result before the
 * output bits, and its implementation also a zero point of the result, which it works out itself.
 */
function readTrunc(node: NodeReader): ReadNode {
  const [x, scale, zeroPoint, inBits, ...rest] = node.inputs;
  const outBits = rest[rest.length - 1]!;
  const outScale = rest.length > 1 ? rest[0]! : absent;
  return {
    inputs: [x!, scale!, zeroPoint!, inBits!, outBits, outScale],
    attrs: {
      roundingMode: readRounding(node, 'FLOOR'),
      signed: flagAttribute(node, 'signed', true),
      narrow: flagAttribute(node, 'narrow', false),
    },
  };
}

/** log2 of how many input steps make one output step, a whole number, when the scale of the result is given. */
const shiftOf = (scale: number, outScale: number): number => Math.round(Math.log2(outScale / scale));

/** Dropping low bits of quantised numbers, as after an average (QONNX Trunc, versions 1 and 2; Brevitas). */
export const truncQuant = defineOp('trunc-quant', {
  doc: 'Codes round(x / scale + zero point) with their low bits dropped, as numbers again.',
  onnx: { type: 'Trunc', domains: qonnxDomains, attrs: ['rounding_mode', 'signed', 'narrow'], read: readTrunc },
  operands: ['x', 'scale', 'zeroPoint', 'inBits', 'outBits', 'outScale?'],
  attrs: {
    roundingMode: roundingMode('FLOOR'),
    signed: flag('codes of the result are signed (with a scale of the result)', true),
    narrow: flag('the range gives up the one code that has no opposite (with a scale of the result)', false),
  },
  infer: ({ x, scale, zeroPoint, inBits, outBits, outScale }) => {
    mustBe('trunc-quant', 'float', x);
    mustStretch(x, scale, zeroPoint, outScale);
    for (const bits of [inBits, outBits]) if (bits.value) bitWidth(bits);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, scale, zeroPoint, inBits, outBits, outScale }, { roundingMode: mode, signed, narrow }) => {
    const { round } = rounder(mode);
    const nearest = rounder('ROUND').round;
    const step = x.format.round;
    const code = (v: number, s: number, z: number): number => nearest(step(step(v / s) + z));
    if (!outScale) {
      const unit = 2 ** (scalarOf(inBits) - scalarOf(outBits));
      return combined(
        x.format,
        x.shape,
        [x, scale, zeroPoint],
        ([v, s, z]) => (round(code(v!, s!, z!) / unit) - z!) * s!,
      );
    }
    const { low, high } = codeRange(scalarOf(outBits), signed, narrow);
    return combined(x.format, x.shape, [x, scale, zeroPoint, outScale], ([v, s, z, o]) => {
      const unit = 2 ** shiftOf(s!, o!);
      const held = Math.min(high, Math.max(low, code(v!, s!, z!) / unit));
      return (round(held) - z! / unit) * o!;
    });
  },
  work: ({ x, scale, zeroPoint, inBits, outBits, outScale }, { roundingMode: mode, signed, narrow }, { out }) => {
    const { point } = rounder(mode);
    return elementwiseWork({ x, scale, zeroPoint, outScale }, out[0]!, (v, s, z, o) => {
      const code = call('round', call('tof32', call('add', call('tof32', call('div', v, s)), z)));
      if (!o) {
        const drop = inBits.value && outBits.value ? bitWidth(inBits) - bitWidth(outBits) : 1;
        return call('mul', call('sub', point(call('mul', code, 2 ** -drop)), z), s);
      }
      const { low, high } = codeRange(outBits.value ? bitWidth(outBits) : 8, signed, narrow);
      const unit = call('shiftleft', 1, call('round', call('div', call('log', call('div', o, s)), Math.LN2)));
      const held = call('min', call('max', call('div', code, unit), low), high);
      return call('mul', call('sub', point(held), call('div', z, unit)), o);
    });
  },
  examples: [
    {
      x: 'f32[4] 10 -3 7.4 0',
      scale: 'f32[] 0.5',
      zeroPoint: 'f32[] 0',
      inBits: 'f32[] 8',
      outBits: 'f32[] 6',
      out: 'f32[4] 2.5 -1 1.5 0',
    },
    {
      x: 'f32[3] 10 -3 100',
      scale: 'f32[] 0.5',
      zeroPoint: 'f32[] 0',
      inBits: 'f32[] 8',
      outBits: 'f32[] 4',
      outScale: 'f32[] 2',
      out: 'f32[3] 10 -4 14',
    },
  ],
});
