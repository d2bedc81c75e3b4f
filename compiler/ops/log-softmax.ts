import { call, nest, read, work } from '../../hw-models/work/build.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { eachLine, linesAlong } from './kit/lines.ts';
import { exponentialSteps, lineNests, readSoftmax, softmaxScratch } from './kit/softmax.ts';
import { normalAxis } from '../tensor/shape.ts';
import { build, numbers } from '../tensor/tensor.ts';

/** x - log(sum(exp(x))) along an axis. */
export const logSoftmax = defineOp('log-softmax', {
  doc: 'Natural logarithm of the softmax along one axis.',
  onnx: { type: 'LogSoftmax', attrs: ['axis'], read: readSoftmax('log-softmax') },
  operands: ['x'],
  attrs: { axis: int('axis along which the softmax is taken', -1) },
  infer: ({ x }, { axis }) => {
    if (x.shape.length > 0) normalAxis(axis, x.shape.length);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x }, { axis }) => {
    const out = logSoftmaxOf(numbers(x), x.shape, axis);
    return build(x.format, x.shape, (i) => out[i]!);
  },
  work: ({ x }, { axis }, { out }) => {
    const n = lineNests(x.shape.length === 0 ? [1] : x.shape, normalAxis(axis, Math.max(1, x.shape.length)));
    const compute = call('sub', call('sub', read(0), read(1)), call('log', read(2)));
    return work(
      { x: operandOf(x), ...softmaxScratch(n, x.shape, x.format), out: operandOf(out[0]!, 'output') },
      ...exponentialSteps(n, 'x'),
      nest({ loops: n.loops, reads: [n.all('x'), n.perLine('max'), n.perLine('sum')], write: n.all('out'), compute }),
    );
  },
  examples: [
    { x: 'f32[1,3] -1 0 1', out: 'f32[1,3] -2.4076059644443806 -1.4076059644443806 -0.4076059644443806' },
    { x: 'f32[2,3,4] ~1', attrs: { axis: -3 } },
  ],
});

/** Log-softmax of a flat list that has `shape`, in doubles. */
export function logSoftmaxOf(values: ArrayLike<number>, shape: readonly number[], axis: number): Float64Array {
  const out = new Float64Array(values.length);
  const lines = linesAlong(shape.length === 0 ? [1] : shape, axis);
  eachLine(lines, (start) => {
    const end = start + lines.length * lines.inner;
    let max = -Infinity;
    for (let i = start; i < end; i += lines.inner) if (values[i]! > max || Number.isNaN(values[i]!)) max = values[i]!;
    let sum = 0;
    for (let i = start; i < end; i += lines.inner) sum += Math.exp(values[i]! - max);
    const logSum = Math.log(sum);
    for (let i = start; i < end; i += lines.inner) out[i] = values[i]! - max - logSum;
  });
  return out;
}
