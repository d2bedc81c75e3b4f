import { noWork } from '../../hw-models/work/build.ts';
import { reshaped, sizeOf } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { misfit } from './kit/layout.ts';

function flattened(shape: readonly number[], axis: number): number[] {
  const rank = shape.length;
  if (axis < -rank || axis > rank)
    misfit(`axis ${axis} does not exist`, `the input has ${rank} axes, so it can be cut from ${-rank} to ${rank}`);
  const cut = axis < 0 ? axis + rank : axis;
  return [sizeOf(shape.slice(0, cut)), sizeOf(shape.slice(cut))];
}

/** The same elements as a matrix: the axes before the cut are its rows, the others its columns. */
export const flatten = defineOp('flatten', {
  doc: 'The same elements as a matrix.',
  onnx: { type: 'Flatten' },
  operands: ['x'],
  attrs: { axis: int('first axis of the columns', 1) },
  isView: true,
  infer: ({ x }, { axis }) => ({ format: x.format, shape: flattened(x.shape, axis) }),
  evaluate: ({ x }, { axis }) => reshaped(x, flattened(x.shape, axis)),
  work: () => noWork,
  examples: [
    { x: 'f32[2,1,3] 1 2 3 4 5 6', out: 'f32[2,3] 1 2 3 4 5 6' },
    { x: 'f32[2,2] 1 2 3 4', attrs: { axis: 0 }, out: 'f32[1,4] 1 2 3 4' },
    { x: 'f32[2,3,4] ~1', attrs: { axis: -1 } },
    { x: 'f32[] 5', attrs: { axis: 0 }, out: 'f32[1,1] 5' },
  ],
});
