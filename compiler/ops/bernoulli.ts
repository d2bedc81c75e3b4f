import { fail } from '../../src/base/diagnostics.ts';
import { formatOfCode, type Format } from '../formats/index.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { optionalInt } from './attrs.ts';
import { defineOp } from './define.ts';
import { accepts, mustBe } from './kit/accepts.ts';
import { drawCounts, randomReason, randomWork, seedAttr, streamOf } from './kit/random-op.ts';

function resultOf(x: Format, dtype: number | undefined): Format {
  const format = dtype === undefined ? x : formatOfCode(dtype);
  if (format && accepts(format, 'value')) return format;
  return fail('NL1009', {
    message: `attribute "dtype" is ${dtype}`,
    cause: 'it must be the ONNX type code of numbers or truth values',
    fix: 'correct the node in the model',
  });
}

/** 1 with the probability that an element names, else 0. */
export const bernoulli = defineOp('bernoulli', {
  doc: 'Ones and zeros, drawn with given probabilities.',
  onnx: { type: 'Bernoulli', since: 15 },
  operands: ['x'],
  impure: randomReason,
  attrs: { dtype: optionalInt('ONNX type code of the result; that of the operand when absent'), seed: seedAttr },
  infer: ({ x }, { dtype }) => {
    mustBe('bernoulli', 'float', x);
    return { format: resultOf(x.format, dtype), shape: x.shape };
  },
  evaluate: ({ x }, { dtype, seed }) => {
    const random = streamOf(seed);
    const chances = numbers(x);
    return build(resultOf(x.format, dtype), x.shape, (i) => (random.next() < chances[i]! ? 1 : 0));
  },
  work: ({ x }, _, { out }) => randomWork(out[0]!, drawCounts(sizeOf(out[0]!.shape), 1, { compare: 1 }), { x }),
  examples: [
    { x: 'f32[4] 0 1 0 1', out: 'f32[4] 0 1 0 1' },
    { x: 'f64[2,2] *0.5', attrs: { dtype: 9, seed: 3 } },
  ],
});
