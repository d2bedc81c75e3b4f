import { noWork } from '../../hw-models/work/build.ts';
import { i64 } from '../formats/index.ts';
import { fromNumbers } from '../tensor/tensor.ts';
import { int, optionalInt } from './attrs.ts';
import { defineOp } from './define.ts';

const clamp = (axis: number, rank: number): number => Math.min(rank, Math.max(0, axis < 0 ? axis + rank : axis));

const part = (shape: readonly number[], start: number, end: number | undefined): readonly number[] =>
  shape.slice(
    clamp(start, shape.length),
    Math.max(clamp(start, shape.length), clamp(end ?? shape.length, shape.length)),
  );

/** The sizes of a tensor, or a range of them (opset 15). */
export const shape = defineOp('shape', {
  doc: 'The shape of a tensor as whole numbers.',
  onnx: { type: 'Shape' },
  operands: ['x'],
  attrs: { start: int('first axis', 0), end: optionalInt('axis after the last') },
  infer: ({ x }, { start, end }) => ({ format: i64, shape: [part(x.shape, start, end).length] }),
  fromTypes: ({ x }, { start, end }) => fromNumbers(i64, [part(x.shape, start, end).length], part(x.shape, start, end)),
  evaluate: ({ x }, { start, end }) => fromNumbers(i64, [part(x.shape, start, end).length], part(x.shape, start, end)),
  work: () => noWork,
  examples: [
    { x: 'f32[2,3,1] ~1', out: 'i64[3] 2 3 1' },
    { x: 'f32[2,3,1] ~1', attrs: { start: -2, end: 2 }, out: 'i64[1] 3' },
  ],
});
