import { at, axisLoops, nest, read, value as scalarValue, work } from '../../hw-models/work/build.ts';
import { f32 } from '../formats/index.ts';
import { allocate, sizeOf, tensor, wholes } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit, single } from './kit/layout.ts';
import { fillWith } from './kit/moves.ts';

function checked(shape: readonly number[]): readonly number[] {
  return shape.some((d) => d < 0) ? misfit(`[${shape.join(',')}] is no shape`, 'a size is negative') : shape;
}

/** A tensor full of one value: f32 zero when none is given. */
export const constantOfShape = defineOp('constant-of-shape', {
  doc: 'A tensor of a given shape, full of one value.',
  onnx: {
    type: 'ConstantOfShape',
    since: 9,
    attrs: ['value'],
    read: (node) => {
      const value = node.attributes.tensor('value');
      return value ? { inputs: [node.inputs[0]!, node.constant(value, 'value')], attrs: {} } : { attrs: {} };
    },
  },
  operands: ['shape', 'value?'],
  infer: ({ shape, value }) => {
    if (value && sizeOf(value.shape) !== 1)
      misfit('the value has more than one element', `it has ${sizeOf(value.shape)}`);
    return { format: value?.format ?? f32, shape: checked(wholes(valueOf(shape, 'the shape'))) };
  },
  evaluate: ({ shape, value }) => {
    const sizes = checked(wholes(shape));
    const data = allocate(value?.format ?? f32, sizeOf(sizes));
    if (value) fillWith(data, value.data);
    return tensor(value?.format ?? f32, sizes, data);
  },
  work: ({ value }, _, { out }) => {
    const loops = axisLoops('i', out[0]!.shape);
    return work(
      { ...(value ? { value: operandOf(value) } : {}), out: operandOf(out[0]!, 'output') },
      nest({
        loops,
        reads: value ? [single('value', value)] : [],
        write: at('out', ...loops.map((l) => l.name)),
        compute: value ? read(0) : scalarValue(0),
      }),
    );
  },
  examples: [
    { shape: 'i64[2] 2 2', value: 'i64[1] 7', out: 'i64[2,2] 7 7 7 7' },
    { shape: 'i64[1] 3', out: 'f32[3] 0 0 0' },
    { shape: 'i64[0]', value: 'f32[1] 2', out: 'f32[] 2' },
    { shape: 'i64[2] 0 4', value: 'bool[1] 1', out: 'bool[0,4]' },
  ],
});
