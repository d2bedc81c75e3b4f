import { at, axisLoops, call, index, nest, read, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers } from '../tensor/tensor.ts';
import { f32 } from '../formats/index.ts';
import { float } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';

/** [batch, keys] or [batch, queries, keys], with an axis of size 1 for the heads (and queries). */
function biasShape(shape: readonly number[]): number[] {
  if (shape.length === 2) return [shape[0]!, 1, 1, shape[1]!];
  if (shape.length === 3) return [shape[0]!, 1, shape[1]!, shape[2]!];
  return fail('NL1014', {
    message: 'the padding mask of an attention does not fit',
    cause: `it has shape ${showShape(shape)}; two or three axes are understood`,
    fix: 'correct the model',
  });
}

/** A padding mask as ONNX Runtime's fused attentions take it, as what is added to scores: 0 where it is set, else `filter`. */
export const maskBias = defineOp('mask-bias', {
  doc: 'A padding mask turned into what is added to the scores of an attention.',
  operands: ['mask'],
  attrs: { filter: float('added to scores of hidden keys', -10000) },
  infer: ({ mask }) => ({ format: f32, shape: biasShape(mask.shape) }),
  evaluate: ({ mask }, { filter }) => {
    const values = numbers(mask);
    return build(f32, biasShape(mask.shape), (i) => (values[i] ? 0 : filter));
  },
  work: ({ mask }, { filter }, { out }) => {
    const loops = axisLoops('i', mask.shape);
    const own = loops.map((l) => index(l.name));
    return work(
      { mask: operandOf(mask), out: operandOf(out[0]!, 'output') },
      nest({
        loops,
        reads: [{ operand: 'mask', at: own }],
        write: at('out', own[0]!, 0, ...(own.length === 2 ? [0] : []), ...own.slice(1)),
        compute: call('select', read(0), 0, filter),
      }),
    );
  },
  examples: [
    { mask: 'i32[1,3] 1 1 0', out: 'f32[1,1,1,3] 0 0 -10000' },
    { mask: 'i32[2,1,2] 1 0 0 1', attrs: { filter: -5 }, out: 'f32[2,1,1,2] 0 -5 -5 0' },
  ],
});
