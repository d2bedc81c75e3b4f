import { at, axisLoops, nest, read, work } from '../../hw-models/work/build.ts';
import type { TensorType } from '../ir/types.ts';
import { normalAxis, showShape } from '../tensor/shape.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';
import { concatenated } from './kit/moves.ts';

function joinedShape(xs: readonly TensorType[], axisGiven: number): { shape: number[]; axis: number } {
  const first = xs[0] ?? misfit('nothing to concatenate', 'Concat needs at least one input');
  const axis = normalAxis(axisGiven, first.shape.length);
  for (const x of xs) {
    sameFormats('concat', first, x);
    const fits = x.shape.length === first.shape.length && x.shape.every((d, i) => i === axis || d === first.shape[i]);
    if (!fits)
      misfit(
        `${showShape(first.shape)} and ${showShape(x.shape)} do not concatenate along axis ${axis}`,
        'the other sizes must be equal',
      );
  }
  const total = xs.reduce((n, x) => n + x.shape[axis]!, 0);
  return { shape: first.shape.map((d, i) => (i === axis ? total : d)), axis };
}

/** Tensors beside each other along one axis. */
export const concat = defineOp('concat', {
  doc: 'Tensors joined along one axis.',
  onnx: {
    type: 'Concat',
    attrs: ['axis'],
    // Opset 1 had axis 1 as its default; later the axis must be given.
    read: (node) => ({ attrs: { ...(node.version < 4 ? { axis: 1 } : {}), ...axisOf(node.attributes.int('axis')) } }),
  },
  operands: ['xs...'],
  attrs: { axis: int('axis along which they are joined') },
  infer: ({ xs }, { axis }) => ({
    format: xs[0]?.format ?? misfit('nothing to concatenate', 'Concat needs at least one input'),
    shape: joinedShape(xs, axis).shape,
  }),
  evaluate: ({ xs }, attrs) => {
    const { shape, axis } = joinedShape(xs, attrs.axis);
    return concatenated(xs[0]!.format, shape, axis, xs);
  },
  work: ({ xs }, attrs, { out }) => {
    const axis = normalAxis(attrs.axis, xs[0]!.shape.length);
    let before = 0;
    const nests = xs.map((x, k) => {
      const loops = axisLoops('i', x.shape);
      const start = before;
      before += x.shape[axis]!;
      const target = loops.map((l, i) => (i === axis ? [l.name, 1, start] : l.name));
      return nest({
        loops,
        reads: [at(`xs${k}`, ...loops.map((l) => l.name))],
        write: at('out', ...target),
        compute: read(0),
      });
    });
    const operands = Object.fromEntries(xs.map((x, k) => [`xs${k}`, operandOf(x)]));
    return work({ ...operands, out: operandOf(out[0]!, 'output') }, ...nests);
  },
  examples: [
    { xs: ['f32[2,1] 1 2', 'f32[2,2] 3 4 5 6'], attrs: { axis: -1 }, out: 'f32[2,3] 1 3 4 2 5 6' },
    { xs: ['i64[1,2] 1 2', 'i64[0,2]', 'i64[2,2] 3 4 5 6'], attrs: { axis: 0 }, out: 'i64[3,2] 1 2 3 4 5 6' },
    { xs: ['u8[3,2,2] ~1', 'u8[3,4,2] ~2', 'u8[3,1,2] ~3'], attrs: { axis: 1 } },
  ],
});

const axisOf = (axis: number | undefined): { axis?: number } => (axis === undefined ? {} : { axis });
