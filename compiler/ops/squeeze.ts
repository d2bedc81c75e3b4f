import { noWork } from '../../hw-models/work/build.ts';
import { normalAxes } from '../tensor/shape.ts';
import { reshaped, wholes } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';

function squeezed(shape: readonly number[], axes: readonly number[] | undefined): number[] {
  if (!axes) return shape.filter((d) => d !== 1);
  const gone = normalAxes(axes, shape.length);
  for (const axis of gone)
    if (shape[axis] !== 1) misfit(`axis ${axis} cannot be removed`, `its size is ${shape[axis]}, not 1`);
  return shape.filter((_, i) => !gone.includes(i));
}

/** The same elements without some axes of size 1. */
export const squeeze = defineOp('squeeze', {
  doc: 'Removes axes of size 1: those named, or all.',
  onnx: {
    type: 'Squeeze',
    attrs: ['axes'],
    read: (node) => {
      const axes = node.version < 13 ? node.attributes.ints('axes') : undefined; // an input from opset 13 on
      return axes ? { inputs: [node.inputs[0]!, node.wholes(axes, 'axes')], attrs: {} } : { attrs: {} };
    },
  },
  operands: ['x', 'axes?'],
  isView: true,
  infer: ({ x, axes }) => ({
    format: x.format,
    shape: squeezed(x.shape, axes && wholes(valueOf(axes, 'the list of axes'))),
  }),
  evaluate: ({ x, axes }) => reshaped(x, squeezed(x.shape, axes && wholes(axes))),
  work: () => noWork,
  examples: [
    { x: 'f32[1,2,1] 1 2', out: 'f32[2] 1 2' },
    { x: 'f32[1,2,1] 1 2', axes: 'i64[1] -1', out: 'f32[1,2] 1 2' },
  ],
});
