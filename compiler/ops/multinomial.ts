import { fail } from '../../src/base/diagnostics.ts';
import { i32, i64, type Format } from '../formats/index.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { TensorType } from '../ir/types.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { misfit } from './kit/layout.ts';
import { drawCounts, randomReason, randomWork, seedAttr, streamOf } from './kit/random-op.ts';

function resultOf(dtype: number): Format {
  if (dtype === i32.onnx) return i32;
  if (dtype === i64.onnx) return i64;
  return fail('NL1009', {
    message: `attribute "dtype" is ${dtype}`,
    cause: 'it can be 6 (i32) or 7 (i64)',
    fix: 'correct the node in the model',
  });
}

function shapeOf(x: TensorType, samples: number): number[] {
  const [batch, classes] = x.shape;
  if (x.shape.length !== 2 || classes === 0)
    misfit(
      'the operand of a Multinomial does not fit',
      `its shape is ${showShape(x.shape)}; [batch, classes] with at least one class is needed`,
    );
  if (samples < 0) misfit(`sample_size is ${samples}`, 'it must not be negative');
  return [batch!, samples];
}

/** Running sums of exp(x - greatest) for each row: where a uniform number below the last of them falls names a class. */
function ladders(x: Tensor): Float64Array {
  const classes = x.shape[1]!;
  const values = numbers(x);
  const sums = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += classes) {
    let greatest = -Infinity;
    for (let c = 0; c < classes; c++) greatest = Math.max(greatest, values[start + c]!);
    let sum = 0;
    for (let c = 0; c < classes; c++) sums[start + c] = sum += Math.exp(values[start + c]! - greatest);
  }
  return sums;
}

/** Classes drawn with probabilities proportional to the exponential of the elements (unnormalised log-probabilities). */
export const multinomial = defineOp('multinomial', {
  doc: 'Classes drawn by their log-probabilities.',
  onnx: { type: 'Multinomial', since: 7 },
  operands: ['x'],
  impure: randomReason,
  attrs: {
    dtype: int('ONNX type code of the result: 6 or 7', 6),
    sampleSize: int('draws for each row', 1),
    seed: seedAttr,
  },
  infer: ({ x }, { dtype, sampleSize }) => {
    mustBe('multinomial', 'float', x);
    return { format: resultOf(dtype), shape: shapeOf(x, sampleSize) };
  },
  evaluate: ({ x }, { dtype, sampleSize, seed }) => {
    const random = streamOf(seed);
    const classes = x.shape[1]!;
    const sums = ladders(x);
    return build(resultOf(dtype), shapeOf(x, sampleSize), (i) => {
      const start = Math.floor(i / sampleSize) * classes;
      const mark = random.next() * sums[start + classes - 1]!;
      let c = 0;
      while (c < classes - 1 && !(sums[start + c]! > mark)) c++;
      return c;
    });
  },
  work: ({ x }, _, { out }) => {
    const n = sizeOf(out[0]!.shape);
    const counts = drawCounts(n, 1, { mul: 1, compare: x.shape[1]! });
    const each = sizeOf(x.shape);
    return randomWork(
      out[0]!,
      { ...counts, exp: each, add: (counts.add ?? 0) + 2 * each, compare: (counts.compare ?? 0) + each },
      { x },
    );
  },
  examples: [
    { x: 'f32[2,3] -inf 0 -inf 0 -inf -inf', attrs: { sampleSize: 4, seed: 1 }, out: 'i32[2,4] 1 1 1 1 0 0 0 0' },
    { x: 'f32[1,3] 0.1 0.2 0.3', attrs: { dtype: 7 } },
  ],
});
