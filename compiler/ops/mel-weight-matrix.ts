import { at, call, index, loops, loopValue, nest, read, work } from '../../hw-models/work/build.ts';
import type { Scalar, Step } from '../../hw-models/work/types.ts';
import { f64 } from '../formats/index.ts';
import { build, scalarOf, type Tensor } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit, single } from './kit/layout.ts';
import { countIn, numberFormatOf } from './kit/window-function.ts';

/** The mel scale of the standard: 2595 log10(1 + f / 700). */
const mel = (hertz: number): number => (2595 / Math.LN10) * Math.log(1 + hertz / 700);

interface Filters {
  readonly filters: number;
  readonly length: number;
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
}

/** Spectrum bins where the triangles begin, peak and end: those of filter i are entries i, i + 1 and i + 2. */
function edges({ filters, length, rate, lower, upper }: Filters): Float64Array {
  const [low, high] = [mel(lower), mel(upper)];
  const step = (high - low) / (filters + 2);
  return Float64Array.from({ length: filters + 2 }, (_, i) => {
    const hertz = 700 * (Math.pow(10, (i * step + low) / 2595) - 1);
    return Math.floor(((length + 1) * hertz) / rate);
  });
}

/** Height of a triangle at bin `k`: 1 at its centre; a side without width counts as the centre alone. */
function weightAt(k: number, low: number, centre: number, high: number): number {
  if (k === centre) return 1;
  if (k < centre) return k >= low ? (k - low) / (centre - low) : 0;
  return k < high ? (high - k) / (high - centre) : 0;
}

const what = 'a size of a mel weight matrix';
const sizesOf = (filters: Tensor, length: Tensor): { filters: number; length: number } => ({
  filters: countIn(filters, what),
  length: countIn(length, what, 1),
});
const binsOf = (length: number): number => Math.floor(length / 2) + 1;

/** Triangular filters, equally far apart on the mel scale, that turn a spectrum [..., bins] into mel bands by MatMul. */
export const melWeightMatrix = defineOp('mel-weight-matrix', {
  doc: 'Weights that turn a spectrum into mel bands.',
  onnx: { type: 'MelWeightMatrix', since: 17 },
  operands: ['filters', 'length', 'rate', 'lower', 'upper'],
  attrs: { outputDatatype: int('ONNX type code of the result', 1) },
  infer: ({ filters, length }, { outputDatatype }) => {
    const s = sizesOf(valueOf(filters, what), valueOf(length, what));
    return { format: numberFormatOf(outputDatatype, 'output_datatype'), shape: [binsOf(s.length), s.filters] };
  },
  evaluate: ({ filters, length, rate, lower, upper }, { outputDatatype }) => {
    const s = { ...sizesOf(filters, length), rate: scalarOf(rate), lower: scalarOf(lower), upper: scalarOf(upper) };
    if (!(s.rate > 0)) misfit(`the sample rate of a mel weight matrix is ${s.rate}`, 'it must be positive');
    const edge = edges(s);
    return build(numberFormatOf(outputDatatype, 'output_datatype'), [binsOf(s.length), s.filters], (i) => {
      const [k, f] = [Math.floor(i / s.filters), i % s.filters];
      return weightAt(k, edge[f]!, edge[f + 1]!, edge[f + 2]!);
    });
  },
  work: ({ filters, length, rate, lower, upper }, _, { out }) => {
    const s = sizesOf(valueOf(filters, what), valueOf(length, what));
    const melOf = (x: Scalar): Scalar =>
      call('mul', 2595 / Math.LN10, call('log', call('add', 1, call('div', x, 700))));
    const [low, high] = [melOf(read(0)), melOf(read(1))];
    const position = call('add', call('mul', loopValue('i'), call('div', call('sub', high, low), s.filters + 2)), low);
    const hertz = call('mul', 700, call('sub', call('pow', 10, call('div', position, 2595)), 1));
    const edgeStep: Step = nest({
      loops: loops({ i: s.filters + 2 }),
      reads: [single('lower', lower), single('upper', upper), single('rate', rate)],
      write: at('edge', 'i'),
      compute: call('floor', call('div', call('mul', s.length + 1, hertz), read(2))),
    });
    const k = loopValue('k');
    const rising = call(
      'select',
      call('ge', k, read(0)),
      call('div', call('sub', k, read(0)), call('sub', read(1), read(0))),
      0,
    );
    const falling = call(
      'select',
      call('lt', k, read(2)),
      call('div', call('sub', read(2), k), call('sub', read(2), read(1))),
      0,
    );
    const triangle = call('select', call('eq', k, read(1)), 1, call('select', call('lt', k, read(1)), rising, falling));
    return work(
      {
        lower: operandOf(lower),
        upper: operandOf(upper),
        rate: operandOf(rate),
        edge: operandOf({ format: f64, shape: [s.filters + 2] }, 'scratch'),
        out: operandOf(out[0]!, 'output'),
      },
      edgeStep,
      nest({
        loops: loops({ k: binsOf(s.length), f: s.filters }),
        reads: [0, 1, 2].map((d) => ({ operand: 'edge', at: [index(['f', 1, d])] })),
        write: at('out', 'k', 'f'),
        compute: triangle,
      }),
    );
  },
  examples: [
    {
      filters: 'i32[] 8',
      length: 'i32[] 16',
      rate: 'i32[] 8192',
      lower: 'f32[] 0',
      upper: 'f32[] 4096',
      out: `f32[9,8] 1 1 0 0 0 0 0 0  0 0 1 1 0 0 0 0  0 0 0 0 1 0 0 0  0 0 0 0 0 1 0 0  0 0 0 0 0 0 1 0  0 0 0 0 0 0 0 1
        0 0 0 0 0 0 0 0  0 0 0 0 0 0 0 0  0 0 0 0 0 0 0 0`,
    },
    {
      filters: 'i64[] 4',
      length: 'i64[] 64',
      rate: 'i64[] 16000',
      lower: 'f32[] 20',
      upper: 'f32[] 8000',
      attrs: { outputDatatype: 11 },
    },
  ],
});
