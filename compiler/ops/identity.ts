import { noWork } from '../../hw-models/work/build.ts';
import { defineOp } from './define.ts';

/** The input itself. */
export const identity = defineOp('identity', {
  doc: 'The input, unchanged.',
  onnx: { type: 'Identity' },
  operands: ['x'],
  isView: true,
  infer: ({ x }) => ({ format: x.format, shape: x.shape }),
  evaluate: ({ x }) => x,
  work: () => noWork,
  examples: [{ x: 'f32[2] 1 2', out: 'f32[2] 1 2' }],
});
