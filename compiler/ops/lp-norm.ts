import { call, nest, read, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { normalAxis } from '../tensor/shape.ts';
import { build, numbers } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { eachLine, linesAlong } from './kit/lines.ts';
import { lineNests } from './kit/softmax.ts';

/** x divided by its 1-norm or 2-norm along an axis; 0 where the norm is 0. */
export const lpNorm = defineOp('lp-norm', {
  doc: 'Each line along an axis divided by its 1-norm or 2-norm.',
  onnx: { type: 'LpNormalization' },
  operands: ['x'],
  attrs: { axis: int('axis of the norm', -1), p: int('1 or 2', 2) },
  infer: ({ x }, { axis, p }) => {
    normalAxis(axis, x.shape.length);
    if (p !== 1 && p !== 2)
      fail('NL1009', {
        message: `attribute "p" is ${p}`,
        cause: 'it can be 1 or 2',
        fix: 'correct the node in the model',
      });
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x }, { axis, p }) => {
    const values = numbers(x);
    const out = new Float64Array(values.length);
    const lines = linesAlong(x.shape, axis);
    eachLine(lines, (start) => {
      const end = start + lines.length * lines.inner;
      let sum = 0;
      for (let i = start; i < end; i += lines.inner) sum += p === 1 ? Math.abs(values[i]!) : values[i]! ** 2;
      const norm = p === 1 ? sum : Math.sqrt(sum);
      for (let i = start; i < end; i += lines.inner) out[i] = norm === 0 ? 0 : values[i]! / norm;
    });
    return build(x.format, x.shape, (i) => out[i]!);
  },
  work: ({ x }, { axis, p }, { out }) => {
    const n = lineNests(x.shape, normalAxis(axis, x.shape.length));
    const scratch = operandOf({ format: x.format, shape: n.lineShape }, 'scratch');
    // A norm of 0 becomes 1, so that 0 / 0 stays 0.
    const norm = p === 1 ? read(0) : call('sqrt', read(0));
    return work(
      { x: operandOf(x), sum: scratch, norm: scratch, out: operandOf(out[0]!, 'output') },
      nest({
        loops: n.loops,
        reads: [n.all('x')],
        write: n.perLine('sum'),
        combine: 'add',
        compute: p === 1 ? call('abs', read(0)) : call('mul', read(0), read(0)),
      }),
      nest({
        loops: n.rest,
        reads: [n.perLine('sum')],
        write: n.perLine('norm'),
        compute: call('select', call('eq', read(0), 0), 1, norm),
      }),
      nest({
        loops: n.loops,
        reads: [n.all('x'), n.perLine('norm')],
        write: n.all('out'),
        compute: call('div', read(0), read(1)),
      }),
    );
  },
  examples: [
    { x: 'f32[2,2] 3 4 0 0', out: 'f32[2,2] 0.6 0.8 0 0' },
    { x: 'f32[2,2] 3 -5 1 5', attrs: { axis: 0, p: 1 }, out: 'f32[2,2] 0.75 -0.5 0.25 0.5' },
    { x: 'f32[2,3,2] ~1', attrs: { axis: 1 } },
  ],
});
