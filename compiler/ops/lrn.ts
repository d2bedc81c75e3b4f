import { at, axisLoops, call, nest, read, work } from '../../hw-models/work/build.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { float, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { spatialOf } from './kit/pool.ts';

/** Channels before the one in the middle of a window of `size`; one fewer than after it when the size is even. */
const before = (size: number): number => Math.floor((size - 1) / 2);

/** Local response normalisation across channels (Krizhevsky et al. 2012): x / (bias + alpha/size * sum of squares)^beta. */
export const lrn = defineOp('lrn', {
  doc: 'Each element divided by a power of the mean square of its neighbours in nearby channels.',
  onnx: { type: 'LRN' },
  operands: ['x'],
  attrs: {
    size: int('channels that are summed over'),
    alpha: float('factor of the sum', Math.fround(0.0001)),
    beta: float('exponent', 0.75),
    bias: float('added to the sum', 1),
  },
  infer: ({ x }, { size }) => {
    mustBe('lrn', 'float', x);
    spatialOf('lrn', x, 0);
    if (!(size >= 1))
      fail('NL1009', {
        message: `attribute "size" is ${size}`,
        cause: 'the window has at least one channel',
        fix: 'correct the node in the model',
      });
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x }, { size, alpha, beta, bias }) => {
    const c = x.shape[1]!;
    const pixels = sizeOf(x.shape.slice(2));
    const values = numbers(x);
    return build(x.format, x.shape, (i) => {
      const channel = Math.floor(i / pixels) % c;
      const first = Math.max(0, channel - before(size));
      const last = Math.min(c - 1, channel - before(size) + size - 1);
      let squares = 0;
      for (let k = first; k <= last; k++) squares += values[i + (k - channel) * pixels]! ** 2;
      return values[i]! / (bias + (alpha / size) * squares) ** beta;
    });
  },
  work: ({ x }, { size, alpha, beta, bias }, { out }) => {
    const all = axisLoops('i', x.shape);
    const here = all.map((l) => l.name);
    const neighbour = at('x', here[0]!, [here[1]!, 1, 'k', 1, -before(size)], ...here.slice(2));
    const base = call('add', bias, call('mul', alpha / size, read(1)));
    return work(
      { x: operandOf(x), squares: operandOf(out[0]!, 'scratch'), out: operandOf(out[0]!, 'output') },
      nest({
        loops: [...all, { name: 'k', size }],
        reads: [neighbour],
        write: at('squares', ...here),
        combine: 'add',
        compute: call('mul', read(0), read(0)),
      }),
      nest({
        loops: all,
        reads: [at('x', ...here), at('squares', ...here)],
        write: at('out', ...here),
        compute: call('div', read(0), call('pow', base, beta)),
      }),
    );
  },
  examples: [
    {
      x: 'f32[1,3,1] 1 2 3',
      attrs: { size: 3, alpha: 3, beta: 1, bias: 1 },
      out: 'f32[1,3,1] 0.16666667 0.13333333 0.21428572',
    },
    { x: 'f32[2,5,2,3] ~1', attrs: { size: 4, alpha: 0.5 } },
  ],
});
