import { call } from '../../hw-models/work/build.ts';
import { bool } from '../formats/index.ts';
import { broadcast, broadcastSteps, walk } from '../tensor/shape.ts';
import { isBig, numbers, sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { mustBe, sameFormats } from './kit/accepts.ts';
import { elementwiseWork } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Elements as values that `===` compares exactly: numbers, bigints or strings. */
const comparable = (t: Tensor): ArrayLike<unknown> => (isBig(t) || Array.isArray(t.data) ? t.data : numbers(t));

/** Equality of numbers, truth values or strings. NaN equals nothing. */
export const equal = defineOp('equal', {
  doc: 'Whether a equals b, with broadcasting.',
  onnx: { type: 'Equal', attrs: ['axis', 'broadcast'], read: legacyBroadcast },
  operands: ['a', 'b'],
  infer: ({ a, b }) => {
    mustBe('equal', 'any', a, b);
    sameFormats('equal', a, b);
    return { format: bool, shape: broadcast(a.shape, b.shape) };
  },
  evaluate: ({ a, b }) => {
    const shape = broadcast(a.shape, b.shape);
    const [left, right] = [comparable(a), comparable(b)];
    const out = new Uint8Array(sizeOf(shape));
    const steps = [broadcastSteps(a.shape, shape), broadcastSteps(b.shape, shape)];
    walk(shape, steps, (i, [p, q]) => (out[i] = left[p!] === right[q!] ? 1 : 0));
    return tensor(bool, shape, out);
  },
  work: ({ a, b }, _, { out }) => elementwiseWork({ a, b }, out[0]!, (x, y) => call('eq', x, y)),
  examples: [
    { a: 'f32[3] 1 nan 3', b: 'f32[3] 1 nan 2', out: 'bool[3] 1 0 0' },
    { a: 'i32[2,1] 1 2', b: 'i32[2] 1 2', out: 'bool[2,2] 1 0 0 1' },
    { a: 'bool[2] 0 1', b: 'bool[] 1', out: 'bool[2] 0 1' },
  ],
});
