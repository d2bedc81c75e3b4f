import { at, call, loops, macs, nest, padded, read, work } from '../../hw-models/work/build.ts';
import type { Operand, Scalar, Step } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, type Tensor } from '../tensor/tensor.ts';
import { choice } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';

interface CausalSizes {
  readonly n: number;
  readonly c: number;
  readonly length: number;
  readonly k: number;
  /** Elements kept between calls: one fewer than the window has. */
  readonly kept: number;
}

type Shaped = Pick<OperandInfo, 'shape'>;

/** @throws NetloomError NL1014 when x is no [n, c, length], or weights, bias or state do not fit to it */
function causalSizes(x: Shaped, w: Shaped, bias: Shaped | undefined, past: Shaped | undefined): CausalSizes {
  const wrong = (cause: string): never =>
    fail('NL1014', {
      message: 'the sizes of a causal convolution do not fit',
      cause,
      fix: 'correct the model, or give the right input shape with --shape',
    });
  if (x.shape.length !== 3) wrong(`x is ${showShape(x.shape)}; it needs batch, channels and one axis of time`);
  const [n, c, length] = x.shape as [number, number, number];
  const [filters, depth, k] = w.shape as [number, number, number];
  if (w.shape.length !== 3 || filters !== c || depth !== 1 || k < 1)
    wrong(`x has ${c} channels, the weights are ${showShape(w.shape)}; they must be [${c},1,k]`);
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== c))
    wrong(`the bias is ${showShape(bias.shape)} for ${c} channels`);
  if (past && showShape(past.shape) !== showShape([n, c, k - 1]))
    wrong(`the past state is ${showShape(past.shape)}; a window of ${k} needs ${showShape([n, c, k - 1])}`);
  return { n, c, length, k, kept: k - 1 };
}

/** Each channel's past followed by its input, row by row. */
function joined(x: Tensor, past: Tensor | undefined, s: CausalSizes): Float64Array {
  const width = s.kept + s.length;
  const all = new Float64Array(s.n * s.c * width);
  const [xs, ps] = [numbers(x), past && numbers(past)];
  for (let row = 0; row < s.n * s.c; row++) {
    if (ps) for (let i = 0; i < s.kept; i++) all[row * width + i] = ps[row * s.kept + i]!;
    for (let i = 0; i < s.length; i++) all[row * width + s.kept + i] = xs[row * s.length + i]!;
  }
  return all;
}

const siluOf = (x: Scalar): Scalar => call('div', x, call('add', 1, call('exp', call('neg', x))));

/** out[n,c,t] = activation(bias[c] + sum over r of seq[n,c,t+r] * w[c,0,r]), where seq is the past followed by x. */
export const causalConvWithState = defineOp('causal-conv-with-state', {
  doc: 'Depthwise convolution over time that sees the past only; what the next call needs of this one is given out as its state.',
  onnx: [
    { type: 'CausalConvWithState', since: 27, attrs: ['activation'] },
    { type: 'CausalConvWithState', domains: ['com.microsoft'], attrs: ['activation', 'ndim'] },
  ],
  operands: ['x', 'w', 'bias?', 'past?'],
  outputs: ['out', 'present'],
  attrs: { activation: choice('what is done to each sum', ['none', 'silu', 'swish'], 'none') },
  infer: ({ x, w, bias, past }) => {
    mustBe('causal-conv-with-state', 'float', x, w, bias, past);
    sameFormats('causal-conv-with-state', x, w, bias, past);
    const { n, c, kept } = causalSizes(x, w, bias, past);
    return [
      { format: x.format, shape: x.shape },
      { format: x.format, shape: [n, c, kept] },
    ];
  },
  evaluate: ({ x, w, bias, past }, { activation }) => {
    const s = causalSizes(x, w, bias, past);
    const all = joined(x, past, s);
    const width = s.kept + s.length;
    const [ws, bs] = [numbers(w), bias && numbers(bias)];
    const { round } = x.format;
    const out = build(x.format, x.shape, (i) => {
      const row = Math.floor(i / s.length);
      const first = row * width + (i % s.length);
      let sum = bs ? bs[row % s.c]! : 0;
      for (let r = 0; r < s.k; r++) sum += all[first + r]! * ws[(row % s.c) * s.k + r]!;
      if (activation === 'none') return sum;
      // The standard's own form rounds the sum to the element type before the activation.
      const y = round(sum);
      return y / (1 + Math.exp(-y));
    });
    return [
      out,
      build(x.format, [s.n, s.c, s.kept], (i) => all[Math.floor(i / s.kept) * width + s.length + (i % s.kept)]!),
    ];
  },
  work: ({ x, w, bias, past }, { activation }, { out }) => {
    const s = causalSizes(x, w, bias, past);
    const rows = loops({ n: s.n, c: s.c });
    const outer = [...rows, ...loops({ t: s.length })];
    const state = [...rows, ...loops({ s: s.kept })];
    const isPlain = activation === 'none';
    const sums = at(isPlain ? 'out' : 'sum', 'n', 'c', 't');
    const source = past ? at('all', 'n', 'c', ['t', 1, 'r', 1]) : at('x', 'n', 'c', ['t', 1, 'r', 1, -s.kept]);
    const last = past
      ? at('all', 'n', 'c', ['s', 1, s.length])
      : padded(at('x', 'n', 'c', ['s', 1, s.length - s.kept]), 0);
    const copy: Step[] = [
      nest({ loops: state, reads: [at('past', 'n', 'c', 's')], write: at('all', 'n', 'c', 's'), compute: read(0) }),
      nest({
        loops: outer,
        reads: [at('x', 'n', 'c', 't')],
        write: at('all', 'n', 'c', ['t', 1, s.kept]),
        compute: read(0),
      }),
    ];
    const operands: Record<string, Operand> = {
      x: operandOf(x),
      w: operandOf(w),
      ...(bias ? { bias: operandOf(bias) } : {}),
      ...(past
        ? {
            past: operandOf(past),
            all: operandOf({ format: x.format, shape: [s.n, s.c, s.kept + s.length] }, 'scratch'),
          }
        : {}),
      ...(isPlain ? {} : { sum: operandOf(out[0]!, 'scratch') }),
      out: operandOf(out[0]!, 'output'),
      present: operandOf(out[1]!, 'output'),
    };
    return work(
      operands,
      ...(past ? copy : []),
      ...(bias ? [nest({ loops: outer, reads: [at('bias', 'c')], write: sums, compute: read(0) })] : []),
      macs({
        loops: [...outer, ...loops({ r: s.k })],
        reads: [source, at('w', 'c', 0, 'r')],
        write: sums,
        start: bias ? 'kept' : 'fresh',
      }),
      ...(isPlain
        ? []
        : [nest({ loops: outer, reads: [sums], write: at('out', 'n', 'c', 't'), compute: siluOf(read(0)) })]),
      nest({ loops: state, reads: [last], write: at('present', 'n', 'c', 's'), compute: read(0) }),
    );
  },
  examples: [
    { x: 'f32[1,1,3] 1 2 3', w: 'f32[1,1,2] 10 1', out: 'f32[1,1,3] 1 12 23', present: 'f32[1,1,1] 3' },
    {
      x: 'f32[1,1,1] 5',
      w: 'f32[1,1,3] 100 10 1',
      bias: 'f32[1] 0.5',
      past: 'f32[1,1,2] 1 2',
      out: 'f32[1,1,1] 125.5',
      present: 'f32[1,1,2] 2 5',
    },
    { x: 'f32[2,3,2] ~1', w: 'f32[3,1,5] ~2', bias: 'f32[3] ~3', attrs: { activation: 'silu' } },
    { x: 'f32[2,3,4] ~1', w: 'f32[3,1,4] ~2', past: 'f32[2,3,3] ~4', attrs: { activation: 'swish' } },
    { x: 'f16[1,2,3] ~1', w: 'f16[2,1,1] ~2' },
  ],
});
