import { at, call, loops, loopValue, nest, read, work } from '../../hw-models/work/build.ts';
import { allocate, build, isBig, scalarOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit, single } from './kit/layout.ts';

/** How many steps of `delta` lie in [start, limit); 64-bit integers are counted exactly. */
function countOf(start: Tensor, limit: Tensor, delta: Tensor): number {
  if (scalarOf(delta) === 0) misfit('a range has step 0', 'it would have no end');
  if (isBig(start) && isBig(limit) && isBig(delta)) {
    const [span, step] = [limit.data[0]! - start.data[0]!, delta.data[0]!];
    const whole = span / step;
    const n = whole * step === span || span > 0n !== step > 0n ? whole : whole + 1n;
    return n > 0n ? Number(n) : 0;
  }
  const n = Math.ceil((scalarOf(limit) - scalarOf(start)) / scalarOf(delta));
  return Number.isFinite(n)
    ? Math.max(0, n)
    : misfit(
        'a range has no end',
        `it goes from ${scalarOf(start)} to ${scalarOf(limit)} in steps of ${scalarOf(delta)}`,
      );
}

/** start, start + delta, start + 2 delta, ... before limit. */
export const range = defineOp('range', {
  doc: 'Numbers from a start, in equal steps, before a limit.',
  onnx: { type: 'Range', since: 11 },
  operands: ['start', 'limit', 'delta'],
  infer: ({ start, limit, delta }) => {
    sameFormats('range', start, limit);
    sameFormats('range', start, delta);
    const what = 'a bound of a range';
    return { format: start.format, shape: [countOf(valueOf(start, what), valueOf(limit, what), valueOf(delta, what))] };
  },
  evaluate: ({ start, limit, delta }) => {
    const n = countOf(start, limit, delta);
    if (isBig(start) && isBig(delta)) {
      const data = allocate(start.format, n) as BigInt64Array;
      for (let i = 0; i < n; i++) data[i] = start.data[0]! + BigInt(i) * delta.data[0]!;
      return tensor(start.format, [n], data);
    }
    const [first, step] = [scalarOf(start), scalarOf(delta)];
    return build(start.format, [n], (i) => first + i * step);
  },
  work: ({ start, delta }, _, { out }) =>
    work(
      { start: operandOf(start), delta: operandOf(delta), out: operandOf(out[0]!, 'output') },
      nest({
        loops: loops({ i: out[0]!.shape[0]! }),
        reads: [single('start', start), single('delta', delta)],
        write: at('out', 'i'),
        compute: call('add', read(0), call('mul', loopValue('i'), read(1))),
      }),
    ),
  examples: [
    { start: 'f32[] 1', limit: 'f32[] 5', delta: 'f32[] 2', out: 'f32[2] 1 3' },
    { start: 'i64[] 10', limit: 'i64[] 4', delta: 'i64[] -4', out: 'i64[2] 10 6' },
    { start: 'i64[] 0', limit: 'i64[] -3', delta: 'i64[] 2', out: 'i64[0]' },
    { start: 'i32[] 0', limit: 'i32[] 5', delta: 'i32[] 2', out: 'i32[3] 0 2 4' },
    { start: 'f32[] 0', limit: 'f32[] 1', delta: 'f32[] 0.25', out: 'f32[4] 0 0.25 0.5 0.75' },
  ],
});
