import { call, loopValue, nest, read, work } from '../../hw-models/work/build.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { eachExtreme, extremeSteps } from './kit/extreme.ts';
import { linesAlong } from './kit/lines.ts';
import { lineNests, readSoftmax } from './kit/softmax.ts';
import { i64 } from '../formats/index.ts';
import { normalAxis } from '../tensor/shape.ts';
import { fromNumbers, sizeOf } from '../tensor/tensor.ts';

/** 1 at the first greatest element along an axis, 0 elsewhere. */
export const hardmax = defineOp('hardmax', {
  doc: '1 at the first greatest element along an axis, 0 elsewhere.',
  onnx: { type: 'Hardmax', attrs: ['axis'], read: readSoftmax('hardmax') },
  operands: ['x'],
  attrs: { axis: int('axis that is searched', -1) },
  infer: ({ x }, { axis }) => {
    normalAxis(axis, x.shape.length);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x }, { axis }) => {
    const lines = linesAlong(x.shape, axis);
    const out = new Uint8Array(sizeOf(x.shape));
    if (out.length > 0)
      eachExtreme(
        x,
        lines,
        { find: 'max', last: false },
        (start, _, position) => (out[start + position * lines.inner] = 1),
      );
    return fromNumbers(x.format, x.shape, out);
  },
  work: ({ x }, { axis }, { out }) => {
    const a = normalAxis(axis, x.shape.length);
    const n = lineNests(x.shape, a);
    return work(
      {
        x: operandOf(x),
        extreme: { role: 'scratch', format: x.format, shape: n.lineShape },
        position: { role: 'scratch', format: i64, shape: n.lineShape },
        out: operandOf(out[0]!, 'output'),
      },
      ...extremeSteps(n, a, { find: 'max', last: false }, n.perLine('position')),
      nest({
        loops: n.loops,
        reads: [n.perLine('position')],
        write: n.all('out'),
        compute: call('eq', read(0), loopValue(n.loops[a]!.name)),
      }),
    );
  },
  examples: [
    { x: 'f32[2,4] 3 0 1 2 2 5 1 5', out: 'f32[2,4] 1 0 0 0 0 1 0 0' },
    { x: 'f32[2,3,2] ~1', attrs: { axis: 1 } },
  ],
});
