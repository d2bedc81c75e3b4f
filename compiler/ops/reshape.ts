import { noWork } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { showShape } from '../tensor/shape.ts';
import { reshaped, sizeOf, wholes } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import { valueOf } from './kit/known.ts';

/** The shape that a Reshape target means: 0 keeps the input's size (unless `allowZero`), one -1 takes what is left. */
export function reshapeTarget(input: readonly number[], target: readonly number[], allowZero: boolean): number[] {
  const wrong = (cause: string): never =>
    fail('NL1014', {
      message: `${showShape(input)} cannot be reshaped to ${showShape(target)}`,
      cause,
      fix: 'correct the model, or give the right input shape with --shape',
    });
  const shape = target.map((d, axis) => {
    if (d !== 0 || allowZero) return d;
    return (
      input[axis] ?? wrong(`a 0 at axis ${axis} keeps the input's size there, but the input has ${input.length} axes`)
    );
  });
  const open = shape.flatMap((d, axis) => (d === -1 ? [axis] : []));
  if (open.length > 1) wrong('only one size can be -1');
  if (shape.some((d) => d < -1 || !Number.isInteger(d))) wrong('a size is negative');
  const total = sizeOf(input);
  if (open.length === 1) {
    const rest = sizeOf(shape.filter((d) => d !== -1));
    if (rest === 0 ? total !== 0 : total % rest !== 0) wrong(`${total} elements do not divide by ${rest}`);
    shape[open[0]!] = rest === 0 ? 0 : total / rest;
  }
  if (sizeOf(shape) !== total) wrong(`one has ${total} elements, the other ${sizeOf(shape)}`);
  return shape;
}

/** The same elements, in the same order, under another shape. */
export const reshape = defineOp('reshape', {
  doc: 'The same elements under another shape.',
  onnx: {
    type: 'Reshape',
    attrs: ['shape', 'allowzero', 'consumed_inputs'],
    read: (node) => {
      const allowZero = (node.attributes.int('allowzero') ?? 0) !== 0;
      const target = node.attributes.ints('shape'); // an attribute before opset 5
      const inputs = target && node.version < 5 ? [node.inputs[0]!, node.wholes(target, 'shape')] : node.inputs;
      return { inputs, attrs: { allowZero } };
    },
  },
  operands: ['x', 'shape'],
  attrs: { allowZero: flag('a 0 in the target means a size of zero, not the size of the input', false) },
  isView: true,
  infer: ({ x, shape }, { allowZero }) => ({
    format: x.format,
    shape: reshapeTarget(x.shape, wholes(valueOf(shape, 'the target shape')), allowZero),
  }),
  evaluate: ({ x, shape }, { allowZero }) => reshaped(x, reshapeTarget(x.shape, wholes(shape), allowZero)),
  work: () => noWork,
  examples: [
    { x: 'f32[2,3] 1 2 3 4 5 6', shape: 'i64[2] 3 -1', out: 'f32[3,2] 1 2 3 4 5 6' },
    { x: 'i8[2,1,2] 1 2 3 4', shape: 'i64[2] 0 2', out: 'i8[2,2] 1 2 3 4' },
  ],
});
