import { noWork } from '../../hw-models/work/build.ts';
import { normalAxes } from '../tensor/shape.ts';
import { reshaped, wholes } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { valueOf } from './kit/known.ts';

/** Axes count positions in the result. */
function unsqueezed(shape: readonly number[], axes: readonly number[]): number[] {
  const added = new Set(normalAxes(axes, shape.length + axes.length));
  let next = 0;
  return Array.from({ length: shape.length + axes.length }, (_, i) => (added.has(i) ? 1 : shape[next++]!));
}

/** The same elements with further axes of size 1. */
export const unsqueeze = defineOp('unsqueeze', {
  doc: 'Inserts axes of size 1.',
  onnx: {
    type: 'Unsqueeze',
    attrs: ['axes'],
    read: (node) => {
      const axes = node.version < 13 ? node.attributes.ints('axes') : undefined; // an input from opset 13 on
      return axes ? { inputs: [node.inputs[0]!, node.wholes(axes, 'axes')], attrs: {} } : { attrs: {} };
    },
  },
  operands: ['x', 'axes'],
  isView: true,
  infer: ({ x, axes }) => ({ format: x.format, shape: unsqueezed(x.shape, wholes(valueOf(axes, 'the list of axes'))) }),
  evaluate: ({ x, axes }) => reshaped(x, unsqueezed(x.shape, wholes(axes))),
  work: () => noWork,
  examples: [
    { x: 'f32[2] 1 2', axes: 'i64[2] 2 0', out: 'f32[1,2,1] 1 2' },
    { x: 'f32[2,3] ~1', axes: 'i64[1] -1' },
    { x: 'i8[] 7', axes: 'i64[1] 0', out: 'i8[1] 7' },
  ],
});
