import { call } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { flag, float } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { numberAttribute } from './kit/dialect.ts';
import { combined, elementwiseWork } from './kit/elementwise.ts';
import { mustStretch } from './kit/qonnx.ts';

function readRequant(node: NodeReader): ReadNode {
  const needed = (value: number | undefined, name: string): number =>
    value ??
    fail('NL1009', {
      message: `attribute "${name}" is missing`,
      cause: 'RequantShift has no default for it',
      fix: 'export the model again',
    });
  const levels = numberAttribute(node, 'n_levels_out') ?? numberAttribute(node, 'n_levels');
  return {
    attrs: {
      div: needed(numberAttribute(node, 'div'), 'div'),
      levels: needed(levels, 'n_levels_out'),
      signed: needed(numberAttribute(node, 'signed'), 'signed') !== 0,
    },
  };
}

const range = (levels: number, signed: boolean): { low: number; high: number } =>
  signed ? { low: -levels / 2, high: levels / 2 - 1 } : { low: 0, high: levels - 1 };

/** Requantisation of integer networks of the PULP platform: half-way cases go up (quantlib, Deeploy). */
export const requantShift = defineOp('requant-shift', {
  doc: 'floor((x * mul + add) / div + 1/2), held within the levels of the result.',
  onnx: {
    type: 'RequantShift',
    domains: ['', 'PACTOps'],
    attrs: ['div', 'n_levels', 'n_levels_out', 'signed'],
    read: readRequant,
  },
  operands: ['x', 'mul', 'add'],
  attrs: {
    div: float('divisor, a power of two where hardware shifts'),
    levels: float('number of codes of the result'),
    signed: flag('codes of the result are centred at 0'),
  },
  infer: ({ x, mul, add }) => {
    mustBe('requant-shift', 'number', x, mul, add);
    mustStretch(x, mul, add);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, mul, add }, { div, levels, signed }) => {
    const { low, high } = range(levels, signed);
    return combined(x.format, x.shape, [x, mul, add], ([v, m, a]) =>
      Math.min(high, Math.max(low, Math.floor((v! * m! + a!) / div + 0.5))),
    );
  },
  work: ({ x, mul, add }, { div, levels, signed }, { out }) => {
    const { low, high } = range(levels, signed);
    return elementwiseWork({ x, mul, add }, out[0]!, (v, m, a) => {
      const scaled = call('div', call('add', call('mul', v, m), a), div);
      return call('min', call('max', call('floor', call('add', scaled, 0.5)), low), high);
    });
  },
  examples: [
    {
      x: 'f32[4] 10 -10 1000 -6',
      mul: 'f32[] 3',
      add: 'f32[] 0',
      attrs: { div: 4, levels: 256, signed: true },
      out: 'f32[4] 8 -7 127 -4',
    },
    {
      x: 'f32[1,2,1] 10 20',
      mul: 'f32[2,1] 1 2',
      add: 'f32[2,1] 0 1',
      attrs: { div: 2, levels: 16, signed: false },
      out: 'f32[1,2,1] 5 15',
    },
    {
      x: 'i32[2] 100000 -3',
      mul: 'i32[] 50',
      add: 'i32[] 7',
      attrs: { div: 65536, levels: 256, signed: true },
      out: 'i32[2] 76 0',
    },
  ],
});
