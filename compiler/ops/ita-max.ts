import { call, nest, read, work } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { defineOp } from './define.ts';
import { numberAttribute } from './kit/dialect.ts';
import { operandOf } from './kit/elementwise.ts';
import { eachLine, linesAlong } from './kit/lines.ts';
import { lineNests } from './kit/softmax.ts';
import { build, numbers } from '../tensor/tensor.ts';

/**
 * The integer softmax of the ITA accelerator (Islamoglu et al., 2023; QuantLib's PACTITAMax), over the last axis, with n levels,
 * B = log2(n): shift = floor((max - x) * B / 2^B + 1/2); y = floor(floor(n (n-1) / sum(floor(n / 2^shift))) / 2^shift).
 */
export const itaMax = defineOp('ita-max', {
  doc: 'Integer softmax over the last axis with powers of two in place of exponentials.',
  onnx: {
    type: 'ITAMax',
    domains: ['', 'PACTOps'],
    attrs: ['n_levels'],
    read: (node) => ({ attrs: { levels: numberAttribute(node, 'n_levels') ?? 256 } }),
  },
  operands: ['x'],
  attrs: { levels: float('number of values of the result, from 0', 256) },
  infer: ({ x }) => {
    linesAlong(x.shape, -1);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x }, { levels }) => {
    const values = numbers(x);
    const step = Math.log2(levels) / levels;
    const out = new Float64Array(values.length);
    const lines = linesAlong(x.shape, -1);
    eachLine(lines, (start) => {
      let [max, sum] = [-Infinity, 0];
      for (let i = start; i < start + lines.length; i++) max = Math.max(max, values[i]!);
      const shiftOf = (i: number): number => Math.floor((max - values[i]!) * step + 0.5);
      for (let i = start; i < start + lines.length; i++) sum += Math.floor(levels / 2 ** shiftOf(i));
      const inverse = Math.floor((levels * (levels - 1)) / sum);
      for (let i = start; i < start + lines.length; i++) out[i] = Math.floor(inverse / 2 ** shiftOf(i));
    });
    return build(x.format, x.shape, (i) => out[i]!);
  },
  work: ({ x }, { levels }, { out }) => {
    const n = lineNests(x.shape, x.shape.length - 1);
    const line = operandOf({ format: x.format, shape: n.lineShape }, 'scratch');
    const shift = call(
      'floor',
      call('add', call('mul', call('sub', read(1), read(0)), Math.log2(levels) / levels), 0.5),
    );
    return work(
      {
        x: operandOf(x),
        max: line,
        sum: line,
        inverse: line,
        shift: operandOf({ format: x.format, shape: x.shape }, 'scratch'),
        out: operandOf(out[0]!, 'output'),
      },
      nest({ loops: n.loops, reads: [n.all('x')], write: n.perLine('max'), combine: 'max', compute: read(0) }),
      nest({ loops: n.loops, reads: [n.all('x'), n.perLine('max')], write: n.all('shift'), compute: shift }),
      nest({
        loops: n.loops,
        reads: [n.all('shift')],
        write: n.perLine('sum'),
        combine: 'add',
        compute: call('shiftright', levels, read(0)),
      }),
      nest({
        loops: n.rest,
        reads: [n.perLine('sum')],
        write: n.perLine('inverse'),
        compute: call('floor', call('div', levels * (levels - 1), read(0))),
      }),
      nest({
        loops: n.loops,
        reads: [n.perLine('inverse'), n.all('shift')],
        write: n.all('out'),
        compute: call('shiftright', read(0), read(1)),
      }),
    );
  },
  examples: [
    // shifts 0, 1 and 4: 256 + 128 + 16 = 400, floor(65280 / 400) = 163
    { x: 'f32[1,3] 127 95 0', out: 'f32[1,3] 163 81 10' },
    { x: 'i16[2,2,5] ~1' },
  ],
});
