import { at, index, loops, nest, read, work } from '../../hw-models/work/build.ts';
import type { TensorType } from '../ir/types.ts';
import { reshaped } from '../tensor/tensor.ts';
import { choice, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';
import { strided } from './kit/moves.ts';

function sizesOf(x: TensorType, b: number): { n: number; c: number; h: number; w: number } {
  const [n, channels, h, w] = x.shape;
  if (x.shape.length !== 4 || b < 1 || channels! % (b * b) !== 0)
    misfit(
      'DepthToSpace does not fit its input',
      `blocks of ${b} x ${b} need four axes and channels in multiples of ${b * b}; the input is [${x.shape.join(',')}]`,
    );
  return { n: n!, c: channels! / (b * b), h: h!, w: w! };
}

/** Channels become blocks of pixels. DCR: the block is the slow part of the channel; CRD: the fast part (pixel shuffle). */
export const depthToSpace = defineOp('depth-to-space', {
  doc: 'Moves channels into blocks of pixels.',
  onnx: { type: 'DepthToSpace' },
  operands: ['x'],
  attrs: { blocksize: int('side of a block'), mode: choice('how channels are laid out', ['DCR', 'CRD'], 'DCR') },
  infer: ({ x }, { blocksize: b }) => {
    const { n, c, h, w } = sizesOf(x, b);
    return { format: x.format, shape: [n, c, h * b, w * b] };
  },
  evaluate: ({ x }, { blocksize: b, mode }) => {
    const { n, c, h, w } = sizesOf(x, b);
    const plane = h * w;
    const [channel, row, column] =
      mode === 'DCR' ? [plane, b * c * plane, c * plane] : [b * b * plane, b * plane, plane];
    const moved = strided(x, [n, c, h, b, w, b], [c * b * b * plane, channel, w, row, 1, column]);
    return reshaped(moved, [n, c, h * b, w * b]);
  },
  work: ({ x }, { blocksize: b, mode }, { out }) => {
    const { n, c, h, w } = sizesOf(x, b);
    const channel = index(mode === 'DCR' ? ['bh', b * c, 'bw', c, 'c', 1] : ['c', b * b, 'bh', b, 'bw', 1]);
    return work(
      { x: operandOf(x), out: operandOf(out[0]!, 'output') },
      nest({
        loops: loops({ n, c, h, bh: b, w, bw: b }),
        reads: [at('x', 'n', channel, 'h', 'w')],
        write: at('out', 'n', 'c', ['h', b, 'bh', 1], ['w', b, 'bw', 1]),
        compute: read(0),
      }),
    );
  },
  examples: [
    { x: 'f32[1,4,1,2] 0 1 2 3 4 5 6 7', attrs: { blocksize: 2 }, out: 'f32[1,1,2,4] 0 2 1 3 4 6 5 7' },
    { x: 'i8[1,8,1,1] +0', attrs: { blocksize: 2 }, out: 'i8[1,2,2,2] 0 2 4 6 1 3 5 7' },
    { x: 'i8[1,8,1,1] +0', attrs: { blocksize: 2, mode: 'CRD' }, out: 'i8[1,2,2,2] 0 1 2 3 4 5 6 7' },
    { x: 'f32[2,18,2,3] ~1', attrs: { blocksize: 3, mode: 'CRD' } },
  ],
});
