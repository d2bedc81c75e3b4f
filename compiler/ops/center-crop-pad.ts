import { at, axisLoops, nest, padded, read, work } from '../../hw-models/work/build.ts';
import { normalAxes } from '../tensor/shape.ts';
import { wholes } from '../tensor/tensor.ts';
import { optionalInts } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';
import { lookedUp } from './kit/moves.ts';
import { evenPads, padTable, type AxisPads } from './pad.ts';

/** What is cut or added at both ends of each axis. */
function centred(
  shape: readonly number[],
  target: readonly number[],
  axesGiven: readonly number[] | undefined,
): AxisPads[] {
  const axes = normalAxes(axesGiven ?? shape.map((_, i) => i), shape.length);
  if (target.length !== axes.length || target.some((d) => d < 0))
    misfit(
      `the target [${target.join(',')}] does not fit`,
      `${axes.length} axes are changed, each needs a size of at least 0`,
    );
  const pads = shape.map(() => ({ begin: 0, end: 0 }));
  axes.forEach((axis, i) => {
    pads[axis] = evenPads(shape[axis]!, target[i]!);
  });
  return pads;
}

/** Crops or pads with zeros around the centre, so that the axes get the sizes asked for. */
export const centerCropPad = defineOp('center-crop-pad', {
  doc: 'Brings axes to given sizes by cutting or adding zeros on both sides.',
  onnx: { type: 'CenterCropPad', since: 18 },
  operands: ['x', 'shape'],
  attrs: { axes: optionalInts('axes the sizes are for; all when absent') },
  infer: ({ x, shape }, { axes }) => {
    const pads = centred(x.shape, wholes(valueOf(shape, 'the target shape')), axes);
    return { format: x.format, shape: x.shape.map((d, i) => d + pads[i]!.begin + pads[i]!.end) };
  },
  evaluate: ({ x, shape }, { axes }) => {
    const pads = centred(x.shape, wholes(shape), axes);
    return lookedUp(
      x,
      x.shape.map((d, i) => padTable(d, pads[i]!, 'constant')),
    );
  },
  work: ({ x }, _, { out }) => {
    const pads = x.shape.map((d, i) => evenPads(d, out[0]!.shape[i]!));
    const loops = axisLoops('i', out[0]!.shape);
    return work(
      { x: operandOf(x), out: operandOf(out[0]!, 'output') },
      nest({
        loops,
        reads: [padded(at('x', ...loops.map((l, i) => [l.name, 1, -pads[i]!.begin])), 0)],
        write: at('out', ...loops.map((l) => l.name)),
        compute: read(0),
      }),
    );
  },
  examples: [
    { x: 'f32[5] 1 2 3 4 5', shape: 'i64[1] 2', out: 'f32[2] 2 3' },
    { x: 'f32[2] 1 2', shape: 'i64[1] 5', out: 'f32[5] 0 1 2 0 0' },
    { x: 'i8[3,4,2] ~1', shape: 'i64[2] 3 6', attrs: { axes: [-1, 0] } },
  ],
});
