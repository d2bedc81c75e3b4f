import { at, index, loops, nest, read, work } from '../../hw-models/work/build.ts';
import type { TensorType } from '../ir/types.ts';
import { reshaped } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';
import { strided } from './kit/moves.ts';

function sizesOf(x: TensorType, b: number): { n: number; c: number; h: number; w: number } {
  const [n, c, h, w] = x.shape;
  if (x.shape.length !== 4 || b < 1 || h! % b !== 0 || w! % b !== 0)
    misfit(
      'SpaceToDepth does not fit its input',
      `blocks of ${b} x ${b} need four axes, the last two in multiples of ${b}; the input is [${x.shape.join(',')}]`,
    );
  return { n: n!, c: c!, h: h! / b, w: w! / b };
}

/** Blocks of pixels become channels: the place in the block is the slow part of the channel. */
export const spaceToDepth = defineOp('space-to-depth', {
  doc: 'Moves blocks of pixels into channels.',
  onnx: { type: 'SpaceToDepth' },
  operands: ['x'],
  attrs: { blocksize: int('side of a block') },
  infer: ({ x }, { blocksize: b }) => {
    const { n, c, h, w } = sizesOf(x, b);
    return { format: x.format, shape: [n, c * b * b, h, w] };
  },
  evaluate: ({ x }, { blocksize: b }) => {
    const { n, c, h, w } = sizesOf(x, b);
    const row = w * b;
    const plane = h * b * row;
    const moved = strided(x, [n, b, b, c, h, w], [c * plane, row, 1, plane, b * row, b]);
    return reshaped(moved, [n, c * b * b, h, w]);
  },
  work: ({ x }, { blocksize: b }, { out }) => {
    const { n, c, h, w } = sizesOf(x, b);
    return work(
      { x: operandOf(x), out: operandOf(out[0]!, 'output') },
      nest({
        loops: loops({ n, bh: b, bw: b, c, h, w }),
        reads: [at('x', 'n', 'c', ['h', b, 'bh', 1], ['w', b, 'bw', 1])],
        write: at('out', 'n', index(['bh', b * c, 'bw', c, 'c', 1]), 'h', 'w'),
        compute: read(0),
      }),
    );
  },
  examples: [
    { x: 'f32[1,1,2,4] 0 2 1 3 4 6 5 7', attrs: { blocksize: 2 }, out: 'f32[1,4,1,2] 0 1 2 3 4 5 6 7' },
    { x: 'i64[2,3,4,6] ~1', attrs: { blocksize: 2 } },
  ],
});
