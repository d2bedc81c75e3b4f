import { broadcast, broadcastSteps } from '../tensor/shape.ts';
import { wholes } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { elementwiseWork } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';
import { strided } from './kit/moves.ts';

function expanded(shape: readonly number[], target: readonly number[]): number[] {
  if (target.some((d) => d < 0)) misfit(`a tensor cannot be expanded to [${target.join(',')}]`, 'a size is negative');
  return broadcast(shape, target);
}

/** Repeats along axes of size 1. Broadcasting goes both ways: where the target says 1, the input keeps its size. */
export const expand = defineOp('expand', {
  doc: 'A tensor stretched to a shape by broadcasting.',
  onnx: { type: 'Expand', since: 8 },
  operands: ['x', 'shape'],
  infer: ({ x, shape }) => ({ format: x.format, shape: expanded(x.shape, wholes(valueOf(shape, 'the target shape'))) }),
  evaluate: ({ x, shape }) => {
    const target = expanded(x.shape, wholes(shape));
    return strided(x, target, broadcastSteps(x.shape, target));
  },
  work: ({ x }, _, { out }) => elementwiseWork({ x }, out[0]!, (e) => e),
  examples: [
    { x: 'f32[3,1] 1 2 3', shape: 'i64[3] 2 1 2', out: 'f32[2,3,2] 1 1 2 2 3 3 1 1 2 2 3 3' },
    { x: 'i64[2,3] ~1', shape: 'i64[1] 1' },
    { x: 'bool[] 1', shape: 'i64[2] 0 2', out: 'bool[0,2]' },
  ],
});
