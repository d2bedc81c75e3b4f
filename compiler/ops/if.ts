import { fail } from '../../src/base/diagnostics.ts';
import type { TensorType } from '../ir/types.ts';
import { scalarOf, sizeOf } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { bodyOutputs, unknownType, wrongCount } from './kit/bodies.ts';
import { misfit } from './kit/layout.ts';

/**
 * One of two bodies, the first when the condition holds. A result whose shape differs between them is taken to be the
 * larger one (assumed), or left open when even the number of axes differs.
 */
export const ifOp = defineOp('if', {
  doc: 'One of two bodies, as a condition says.',
  onnx: { type: 'If', bodies: ['then_branch', 'else_branch'] },
  operands: ['condition', 'captured...'],
  outputs: ['outs...'],
  bodiesTellTypes: true,
  infer: ({ condition }, _, { bodies, wanted }) => {
    const [yes, no] = bodies;
    if (!yes || !no || bodies.length !== 2)
      return wrongCount(`If has ${bodies.length} branches`, 'it needs then_branch and else_branch');
    if (!condition.unknown && sizeOf(condition.shape) !== 1)
      misfit('the condition of an If is no single value', `it has ${sizeOf(condition.shape)} elements`);
    const [a, b] = [bodyOutputs(yes), bodyOutputs(no)];
    if (a.length !== b.length || a.length < wanted.length)
      wrongCount(
        'the branches of an If do not fit',
        `they give ${a.length} and ${b.length} results; the node has ${wanted.length}`,
      );
    return a.map((type, i) => either(type, b[i]!));
  },
  evaluate: ({ condition, captured }, _, { bodies, run }) => run(bodies[scalarOf(condition) ? 0 : 1]!, captured),
  work: undefined,
  examples: [],
});

function either(a: TensorType, b: TensorType): TensorType {
  if (a.format.name !== b.format.name && !a.unknown && !b.unknown) {
    fail('NL1015', {
      message: 'the branches of an If give different element types',
      cause: `one gives ${a.format.name}, the other ${b.format.name}`,
      fix: 'put a Cast into one of them',
    });
  }
  if (a.unknown || b.unknown || a.shape.length !== b.shape.length) return unknownType(a.unknown ? b : a);
  const larger = sizeOf(b.shape) > sizeOf(a.shape) ? b : a;
  const same = a.shape.every((d, i) => d === b.shape[i]);
  return { format: a.format, shape: larger.shape, ...(same && !a.assumed && !b.assumed ? {} : { assumed: true }) };
}
