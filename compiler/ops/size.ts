import { noWork } from '../../hw-models/work/build.ts';
import { i64 } from '../formats/index.ts';
import { fromNumbers, sizeOf } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';

/** How many elements a tensor has. */
export const size = defineOp('size', {
  doc: 'The number of elements as a whole number.',
  onnx: { type: 'Size' },
  operands: ['x'],
  infer: () => ({ format: i64, shape: [] }),
  fromTypes: ({ x }) => fromNumbers(i64, [], [sizeOf(x.shape)]),
  evaluate: ({ x }) => fromNumbers(i64, [], [sizeOf(x.shape)]),
  work: () => noWork,
  examples: [
    { x: 'f32[2,3] ~1', out: 'i64[] 6' },
    { x: 'f32[] 1', out: 'i64[] 1' },
    { x: 'f32[0,3]', out: 'i64[] 0' },
  ],
});
