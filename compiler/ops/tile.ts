import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { rowMajor, normalAxis } from '../tensor/shape.ts';
import { reshaped, scalarOf, wholes } from '../tensor/tensor.ts';
import { axisLoops, at, index, nest, read, work } from '../../hw-models/work/build.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';
import { strided } from './kit/moves.ts';

function checkedRepeats(shape: readonly number[], repeats: readonly number[]): readonly number[] {
  if (repeats.length !== shape.length || repeats.some((r) => r < 0)) {
    misfit(
      `repeats [${repeats.join(', ')}] do not fit`,
      `the input has ${shape.length} axes, each needs a count of at least 0`,
    );
  }
  return repeats;
}

/** Opset 1 tiled one axis: inputs `tiles` and `axis` with one element each. */
function readTile(node: NodeReader): ReadNode {
  if (node.version >= 6) return { attrs: {} };
  const [x, tiles, axis] = node.inputs;
  const { shape } = node.info(x!);
  const known = (id: typeof x, what: string): number =>
    scalarOf(valueOf(node.info(id ?? misfit(`Tile has no ${what}`, 'before opset 6 it has three inputs')), what));
  const along = normalAxis(known(axis, 'the axis to tile'), shape.length);
  const times = known(tiles, 'the number of tiles');
  return {
    inputs: [
      x!,
      node.wholes(
        shape.map((_, i) => (i === along ? times : 1)),
        'repeats',
      ),
    ],
    attrs: {},
  };
}

/** Copies of a tensor beside each other along each axis. */
export const tile = defineOp('tile', {
  doc: 'A tensor repeated as a whole along each axis.',
  onnx: { type: 'Tile', read: readTile },
  operands: ['x', 'repeats'],
  infer: ({ x, repeats }) => {
    const times = checkedRepeats(x.shape, wholes(valueOf(repeats, 'the number of repeats')));
    return { format: x.format, shape: x.shape.map((d, i) => d * times[i]!) };
  },
  evaluate: ({ x, repeats }) => {
    const times = checkedRepeats(x.shape, wholes(repeats));
    const own = rowMajor(x.shape);
    // Each axis as two: which copy, and where in it.
    const repeated = strided(
      x,
      x.shape.flatMap((d, i) => [times[i]!, d]),
      own.flatMap((s) => [0, s]),
    );
    return reshaped(
      repeated,
      x.shape.map((d, i) => d * times[i]!),
    );
  },
  work: ({ x }, _, { out }) => {
    const times = x.shape.map((d, i) => (d === 0 ? 0 : out[0]!.shape[i]! / d));
    const [inner, copies] = [axisLoops('i', x.shape), axisLoops('t', times)];
    const write = inner.map((l, i) => index([copies[i]!.name, l.size, l.name, 1]));
    return work(
      { x: operandOf(x), out: operandOf(out[0]!, 'output') },
      nest({
        loops: inner.flatMap((l, i) => [copies[i]!, l]),
        reads: [at('x', ...inner.map((l) => l.name))],
        write: at('out', ...write),
        compute: read(0),
      }),
    );
  },
  examples: [
    { x: 'f32[2,2] 1 2 3 4', repeats: 'i64[2] 1 2', out: 'f32[2,4] 1 2 1 2 3 4 3 4' },
    { x: 'i64[1,2] 1 2', repeats: 'i64[2] 3 1', out: 'i64[3,2] 1 2 1 2 1 2' },
    { x: 'u8[2,3,2] ~1', repeats: 'i64[3] 2 2 3' },
    { x: 'f32[2] 1 2', repeats: 'i64[1] 0', out: 'f32[0]' },
  ],
});
