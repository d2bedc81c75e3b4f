import { at, axisLoops, call, index, nest, read, work } from '../../hw-models/work/build.ts';
import type { Access } from '../../hw-models/work/types.ts';
import { build, numbers } from '../tensor/tensor.ts';
import { float } from './attrs.ts';
import { defineOp } from './define.ts';
import { perChannel } from './kit/affine.ts';
import { numberAttribute } from './kit/dialect.ts';
import { operandOf } from './kit/elementwise.ts';

/**
 * Layer normalisation in integers (QuantLib's PACTIntegerLayerNorm, Deeploy's iLayerNorm), over the last axis:
 * y = clip(floor((trunc((x - m) * scale / s) + bias) / D)), m = trunc(mean), s = floor(sqrt(floor(variance) + 1)).
 */
export const integerLayerNorm = defineOp('integer-layer-norm', {
  doc: 'Layer normalisation of integers over the last axis, with integer mean and deviation.',
  onnx: {
    type: 'iLayerNorm',
    domains: ['', 'PACTOps'],
    attrs: ['D', 'n_levels'],
    read: (node) => ({
      attrs: { divisor: numberAttribute(node, 'D') ?? 1, levels: numberAttribute(node, 'n_levels') ?? 256 },
    }),
  },
  operands: ['x', 'scale', 'bias'],
  attrs: {
    divisor: float('what the scaled result is divided by', 1),
    levels: float('number of values of the result, half of them negative', 256),
  },
  infer: ({ x, scale, bias }) => {
    const width = x.shape[x.shape.length - 1] ?? 1;
    perChannel('scale', scale, width);
    perChannel('bias', bias, width);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, scale, bias }, { divisor, levels }) => {
    const [values, s, b] = [numbers(x), numbers(scale), numbers(bias)];
    const width = s.length;
    const out = new Float64Array(values.length);
    for (let start = 0; start < values.length; start += width) {
      let [sum, squares] = [0, 0];
      for (let i = 0; i < width; i++) sum += values[start + i]!;
      const mean = Math.trunc(sum / width);
      for (let i = 0; i < width; i++) squares += (values[start + i]! - mean) ** 2;
      const deviation = Math.floor(Math.sqrt(Math.floor(squares / width) + 1));
      for (let i = 0; i < width; i++) {
        const y = Math.floor((Math.trunc(((values[start + i]! - mean) * s[i]!) / deviation) + b[i]!) / divisor);
        out[start + i] = Math.min(levels / 2 - 1, Math.max(-levels / 2, y));
      }
    }
    return build(x.format, x.shape, (i) => out[i]!);
  },
  work: ({ x, scale, bias }, { divisor, levels }, { out }) => {
    const loops = axisLoops('i', x.shape);
    const last = loops.length - 1;
    const groups = loops.slice(0, last);
    const width = x.shape[last]!;
    const all = (operand: string): Access => at(operand, ...loops.map((l) => l.name));
    const group = (operand: string): Access => ({
      operand,
      at: loops.map((l, i) => (i === last ? index(0) : index(l.name))),
    });
    const own = (operand: string): Access => at(operand, loops[last]!.name);
    const scratch = operandOf({ format: x.format, shape: [...x.shape.slice(0, -1), 1] }, 'scratch');
    const difference = call('sub', read(0), read(1));
    const scaled = call('trunc', call('div', call('mul', difference, read(3)), read(2)));
    const y = call('floor', call('div', call('add', scaled, read(4)), divisor));
    return work(
      {
        x: operandOf(x),
        scale: operandOf(scale),
        bias: operandOf(bias),
        total: scratch,
        mean: scratch,
        deviation: scratch,
        out: operandOf(out[0]!, 'output'),
      },
      nest({ loops, reads: [all('x')], write: group('total'), combine: 'add', compute: read(0) }),
      nest({
        loops: groups,
        reads: [group('total')],
        write: group('mean'),
        compute: call('trunc', call('div', read(0), width)),
      }),
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
        compute: call('floor', call('sqrt', call('add', call('floor', call('div', read(0), width)), 1))),
      }),
      nest({
        loops,
        reads: [all('x'), group('mean'), group('deviation'), own('scale'), own('bias')],
        write: all('out'),
        compute: call('min', call('max', y, -levels / 2), levels / 2 - 1),
      }),
    );
  },
  examples: [
    // mean 1, deviation floor(sqrt(floor(26.5) + 1)) = 5
    { x: 'f32[1,2] -4 6', scale: 'f32[2] 100 100', bias: 'f32[2] 0 8', attrs: { divisor: 10 }, out: 'f32[1,2] -10 10' },
    { x: 'i8[3,6] ~1', scale: 'i32[6] *900', bias: 'i32[6] ~2', attrs: { divisor: 64 } },
  ],
});
