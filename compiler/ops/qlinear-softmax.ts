import { at, call, nest, read, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { roundHalfEven } from '../formats/index.ts';
import { normalAxis } from '../tensor/shape.ts';
import { build, numbers, scalarOf, sizeOf } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { lineNests, readSoftmax, softmaxScratch, exponentialSteps } from './kit/softmax.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { softmaxOf } from './softmax.ts';

/** The node tells by `opset` whether the axes from `axis` on are one line (before 13) or `axis` is the line. */
function readQuantised(node: NodeReader): ReadNode {
  const version = node.attributes.int('opset') ?? 13;
  const parts = node.inputs.slice(1);
  const reader = readSoftmax('qlinear-softmax');
  const read = reader({
    ...node,
    version,
    emit: (kind, ids, attrs) => node.emit(kind, kind === 'qlinear-softmax' ? [...ids, ...parts] : ids, attrs),
  });
  return read;
}

/** Softmax of quantised numbers: scales and zero points of x and of the result are operands (com.microsoft). */
export const qlinearSoftmax = defineOp('qlinear-softmax', {
  doc: 'Softmax along an axis of quantised numbers, quantised again.',
  onnx: { type: 'QLinearSoftmax', domains: ['com.microsoft'], attrs: ['axis', 'opset'], read: readQuantised },
  operands: ['x', 'xScale', 'xZero?', 'scale', 'zero?'],
  attrs: { axis: int('axis of the exponentials that sum to 1', -1) },
  infer: ({ x, xScale, scale }, { axis }) => {
    normalAxis(axis, x.shape.length);
    for (const s of [xScale, scale])
      if (sizeOf(s.shape) !== 1)
        fail('NL1014', {
          message: 'a scale of QLinearSoftmax has more than one element',
          cause: `it has ${sizeOf(s.shape)}`,
          fix: 'correct the model',
        });
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, xScale, scale, zero }, { axis }) => {
    // The zero point of x cancels out: only differences to the maximum count.
    const factor = scalarOf(xScale);
    const soft = softmaxOf(
      Float64Array.from(numbers(x), (v) => v * factor),
      x.shape,
      axis,
    );
    const [step, offset] = [scalarOf(scale), zero ? scalarOf(zero) : 0];
    return build(x.format, x.shape, (i) => roundHalfEven(soft[i]! / step) + offset);
  },
  work: ({ x, xScale, xZero, scale, zero }, { axis }, { out }) => {
    const n = lineNests(x.shape, normalAxis(axis, x.shape.length));
    const single = (operand: string, info: OperandInfo) => at(operand, ...info.shape.map(() => 0));
    const code = call('add', call('round', call('div', call('div', read(0), read(1)), read(2))), zero ? read(3) : 0);
    const [max, exps, sum] = exponentialSteps(n, 'real');
    return work(
      {
        x: operandOf(x),
        xScale: operandOf(xScale),
        ...(xZero ? { xZero: operandOf(xZero) } : {}),
        scale: operandOf(scale),
        ...(zero ? { zero: operandOf(zero) } : {}),
        ...softmaxScratch(n, x.shape, xScale.format),
        real: operandOf({ format: xScale.format, shape: x.shape }, 'scratch'),
        out: operandOf(out[0]!, 'output'),
      },
      nest({
        loops: n.loops,
        reads: [n.all('x'), single('xScale', xScale)],
        write: n.all('real'),
        compute: call('mul', read(0), read(1)),
      }),
      max!,
      exps!,
      sum!,
      nest({
        loops: n.loops,
        reads: [n.all('exps'), n.perLine('sum'), single('scale', scale), ...(zero ? [single('zero', zero)] : [])],
        write: n.all('out'),
        compute: call('min', call('max', code, x.format.min), x.format.max),
      }),
    );
  },
  examples: [
    {
      x: 'u8[1,2] 7 7',
      xScale: 'f32[] 0.5',
      xZero: 'u8[] 3',
      scale: 'f32[] 0.00390625',
      zero: 'u8[] 0',
      out: 'u8[1,2] 128 128',
    },
    { x: 'i8[2,3,2] ~1', xScale: 'f32[] 0.05', scale: 'f32[1] 0.00390625', zero: 'i8[1] -128', attrs: { axis: 1 } },
  ],
});
