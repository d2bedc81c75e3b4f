import type { Work } from '../../hw-models/work/types.ts';
import { i64 } from '../formats/index.ts';
import { rowMajor } from '../tensor/shape.ts';
import { allocate, sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { operandOf } from './kit/elementwise.ts';

const isOn = (x: number | bigint | string): boolean => x !== 0 && x !== 0n && x !== '';

function countOn(x: Tensor): number {
  let n = 0;
  for (let i = 0; i < x.data.length; i++) if (isOn(x.data[i]!)) n++;
  return n;
}

/** Positions of the elements that are not zero, one column each, in row-major order. */
export const nonZero = defineOp('non-zero', {
  doc: 'The positions of elements that are not zero: one row per axis, one column per element.',
  onnx: { type: 'NonZero', since: 9 },
  operands: ['x'],
  infer: ({ x }) =>
    x.value
      ? { format: i64, shape: [x.shape.length, countOn(x.value)] }
      : { format: i64, shape: [x.shape.length, sizeOf(x.shape)], assumed: true },
  evaluate: ({ x }) => {
    const n = countOn(x);
    const data = allocate(i64, x.shape.length * n) as BigInt64Array;
    const steps = rowMajor(x.shape);
    let column = 0;
    for (let i = 0; i < x.data.length; i++) {
      if (!isOn(x.data[i]!)) continue;
      for (let axis = 0; axis < steps.length; axis++)
        data[axis * n + column] = BigInt(Math.floor(i / steps[axis]!) % x.shape[axis]!);
      column++;
    }
    return tensor(i64, [x.shape.length, n], data);
  },
  work: ({ x }, _, { out }) => nonZeroWork(x, out[0]!),
  examples: [
    { x: 'bool[2,2] 1 0 1 1', out: 'i64[2,3] 0 1 1 0 0 1' },
    { x: 'f32[3] 0 nan -1', out: 'i64[1,2] 1 2' },
    { x: 'i64[2] 0 0', out: 'i64[1,0]' },
  ],
});

function nonZeroWork(x: OperandInfo, out: OperandInfo): Work {
  const n = sizeOf(x.shape);
  return {
    operands: { x: operandOf(x), out: operandOf(out, 'output') },
    steps: [
      {
        kind: 'procedure',
        why: 'each element is compared with zero once; where its position is written depends on how many were found before it',
        counts: { compare: n, add: n, move: sizeOf(out.shape) },
        reads: { x: n },
        writes: { out: sizeOf(out.shape) },
      },
    ],
  };
}
