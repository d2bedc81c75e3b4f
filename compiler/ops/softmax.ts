import { work } from '../../hw-models/work/build.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { eachLine, linesAlong } from './kit/lines.ts';
import { lineNests, readSoftmax, softmaxScratch, softmaxSteps } from './kit/softmax.ts';
import { normalAxis } from '../tensor/shape.ts';
import { build, numbers } from '../tensor/tensor.ts';

/** exp(x) / sum(exp(x)) along an axis. The maximum is taken out first, so that nothing overflows. */
export const softmax = defineOp('softmax', {
  doc: 'Normalised exponentials along one axis.',
  onnx: { type: 'Softmax', attrs: ['axis'], read: readSoftmax('softmax') },
  operands: ['x'],
  attrs: { axis: int('axis of the exponentials that sum to 1', -1) },
  infer: ({ x }, { axis }) => {
    if (x.shape.length > 0) normalAxis(axis, x.shape.length);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x }, { axis }) => {
    const values = numbers(x);
    const out = softmaxOf(values, x.shape, axis);
    return build(x.format, x.shape, (i) => out[i]!);
  },
  work: ({ x }, { axis }, { out }) => {
    const n = lineNests(x.shape.length === 0 ? [1] : x.shape, normalAxis(axis, Math.max(1, x.shape.length)));
    return work(
      { x: operandOf(x), ...softmaxScratch(n, x.shape, x.format), out: operandOf(out[0]!, 'output') },
      ...softmaxSteps(n, 'x', 'out'),
    );
  },
  examples: [
    { x: 'f32[1,3] -1 0 1', out: 'f32[1,3] 0.09003057317038046 0.24472847105479767 0.6652409557748219' },
    { x: 'f32[2,2] 1000 1000 -1000 -1000', out: 'f32[2,2] 0.5 0.5 0.5 0.5' },
    { x: 'f32[2,3,4] ~1', attrs: { axis: 1 } },
    { x: 'f16[2,5] ~2' },
  ],
});

/** Softmax of a flat list that has `shape`, in doubles. */
export function softmaxOf(values: ArrayLike<number>, shape: readonly number[], axis: number): Float64Array {
  const out = new Float64Array(values.length);
  const lines = linesAlong(shape.length === 0 ? [1] : shape, axis);
  eachLine(lines, (start) => {
    const end = start + lines.length * lines.inner;
    let max = -Infinity;
    for (let i = start; i < end; i += lines.inner) if (values[i]! > max || Number.isNaN(values[i]!)) max = values[i]!;
    let sum = 0;
    for (let i = start; i < end; i += lines.inner) sum += out[i] = Math.exp(values[i]! - max);
    for (let i = start; i < end; i += lines.inner) out[i]! /= sum;
  });
  return out;
}
