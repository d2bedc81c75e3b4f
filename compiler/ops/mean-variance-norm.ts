import { at, axisLoops, call, index, nest, read, work } from '../../hw-models/work/build.ts';
import type { Access } from '../../hw-models/work/types.ts';
import { normalAxes, walk } from '../tensor/shape.ts';
import { build, numbers } from '../tensor/tensor.ts';
import { ints } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { fold, reducePlan } from './kit/reduce.ts';

/** Added to the deviation (not to the variance) by the operator's definition as a function. */
const epsilon = 1e-9;

/** (x - mean) / (sqrt(mean of squares - square of mean) + 1e-9) over axes. */
export const meanVarianceNorm = defineOp('mean-variance-norm', {
  doc: 'x brought to mean 0 and deviation 1 over axes.',
  onnx: { type: 'MeanVarianceNormalization' },
  operands: ['x'],
  attrs: { axes: ints('axes over which the statistics are taken', [0, 2, 3]) },
  infer: ({ x }, { axes }) => {
    normalAxes(axes, x.shape.length);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x }, { axes }) => {
    const plan = reducePlan(x.shape, axes, { keepdims: true, noopWithEmptyAxes: false });
    const mean = fold(x, plan, { start: () => 0, take: (sum, v) => sum + v, finish: (sum, n) => sum / n });
    const values = numbers(x);
    const squares = new Float64Array(mean.length);
    const out = new Float64Array(values.length);
    walk(x.shape, [plan.steps], (i, offsets) => (squares[offsets[0]!]! += (values[i]! - mean[offsets[0]!]!) ** 2));
    walk(
      x.shape,
      [plan.steps],
      (i, offsets) =>
        (out[i] = (values[i]! - mean[offsets[0]!]!) / (Math.sqrt(squares[offsets[0]!]! / plan.count) + epsilon)),
    );
    return build(x.format, x.shape, (i) => out[i]!);
  },
  work: ({ x }, { axes }, { out }) => {
    const { axes: reduced, count, shape } = reducePlan(x.shape, axes, { keepdims: true, noopWithEmptyAxes: false });
    const loops = axisLoops('i', x.shape);
    const groups = loops.filter((_, axis) => !reduced.includes(axis));
    const all = (operand: string): Access => at(operand, ...loops.map((l) => l.name));
    const group = (operand: string): Access => ({
      operand,
      at: loops.map((l, axis) => (reduced.includes(axis) ? index(0) : index(l.name))),
    });
    const scratch = operandOf({ format: x.format, shape }, 'scratch');
    const difference = call('sub', read(0), read(1));
    return work(
      { x: operandOf(x), total: scratch, mean: scratch, deviation: scratch, out: operandOf(out[0]!, 'output') },
      nest({ loops, reads: [all('x')], write: group('total'), combine: 'add', compute: read(0) }),
      nest({ loops: groups, reads: [group('total')], write: group('mean'), compute: call('div', read(0), count) }),
      nest({
        loops,
        reads: [all('x'), group('mean')],
        write: group('total'),
        combine: 'add',
        compute: call('mul', difference, difference),
      }),
      nest({
        loops: groups,
        reads: [group('total')],
        write: group('deviation'),
        compute: call('add', call('sqrt', call('div', read(0), count)), epsilon),
      }),
      nest({
        loops,
        reads: [all('x'), group('mean'), group('deviation')],
        write: all('out'),
        compute: call('div', difference, read(2)),
      }),
    );
  },
  examples: [
    { x: 'f32[1,2,1,2] 1 3 -5 5', out: 'f32[1,2,1,2] -1 1 -1 1' },
    { x: 'f32[2,3,2] ~1', attrs: { axes: [-1, 0] } },
  ],
});
