import { call } from '../../hw-models/work/build.ts';
import { broadcast, broadcastSteps, walk } from '../tensor/shape.ts';
import { allocate, sizeOf, tensor } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { mustBe, sameFormats } from './kit/accepts.ts';
import { elementwiseWork } from './kit/elementwise.ts';

/** Choice between two operands, element by element; any element type. */
export const where = defineOp('where', {
  doc: 'x where the condition is true, else y, with broadcasting.',
  onnx: { type: 'Where', since: 9 },
  operands: ['condition', 'x', 'y'],
  infer: ({ condition, x, y }) => {
    mustBe('the condition of where', 'bool', condition);
    sameFormats('where', x, y);
    return { format: x.format, shape: broadcast(condition.shape, x.shape, y.shape) };
  },
  evaluate: ({ condition, x, y }) => {
    const shape = broadcast(condition.shape, x.shape, y.shape);
    const data = allocate(x.format, sizeOf(shape));
    const steps = [condition, x, y].map((t) => broadcastSteps(t.shape, shape));
    const out = data as unknown[];
    walk(shape, steps, (i, [c, p, q]) => (out[i] = condition.data[c!] ? x.data[p!] : y.data[q!]));
    return tensor(x.format, shape, data);
  },
  work: ({ condition, x, y }, _, { out }) =>
    elementwiseWork({ condition, x, y }, out[0]!, (c, a, b) => call('select', c, a, b)),
  examples: [
    { condition: 'bool[2,2] 1 0 1 1', x: 'f32[2,2] 1 2 3 4', y: 'f32[1] 9', out: 'f32[2,2] 1 9 3 4' },
    { condition: 'bool[2,1] 1 0', x: 'i64[2] 1 2', y: 'i64[] -1', out: 'i64[2,2] 1 2 -1 -1' },
  ],
});
