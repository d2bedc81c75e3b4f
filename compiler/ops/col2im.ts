import { at, loops, nest, read, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import type { Index } from '../../hw-models/work/types.ts';
import { rowMajor, showShape } from '../tensor/shape.ts';
import { numbers, sizeOf, wholes } from '../tensor/tensor.ts';
import { ints } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { buildWrapped, operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { runsOf, windowLoops, windowOf, windowOutput, type Window } from './kit/window.ts';

interface Col2ImSizes {
  readonly n: number;
  readonly c: number;
  readonly image: readonly number[];
  /** Positions of the window per axis. */
  readonly blocks: readonly number[];
  readonly window: Window;
}

interface WindowLists {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** @throws NetloomError NL1014 when the columns of x are not those of windows over the image */
function sizesOf(
  x: { readonly shape: readonly number[] },
  image: readonly number[],
  kernel: readonly number[],
  attrs: WindowLists,
): Col2ImSizes {
  const wrong = (cause: string): never =>
    fail('NL1014', {
      message: 'the sizes of a Col2Im do not fit',
      cause,
      fix: 'correct the model, or give the right input shape with --shape',
    });
  if (x.shape.length !== 3)
    wrong(`x is ${showShape(x.shape)}; it needs batch, channels times window, and window positions`);
  if (image.length !== kernel.length || image.length === 0)
    wrong(`the image is ${showShape(image)}, the window ${showShape(kernel)}`);
  const window = windowOf({ ...attrs, kernel }, image.length);
  const blocks = windowOutput(image, window);
  const [n, rows, columns] = x.shape as [number, number, number];
  if (rows % sizeOf(kernel) !== 0) wrong(`${rows} rows do not divide into windows of ${sizeOf(kernel)}`);
  if (columns !== sizeOf(blocks))
    wrong(`x has ${columns} columns; the window has ${sizeOf(blocks)} positions on the image`);
  return { n, c: rows / sizeOf(kernel), image, blocks, window };
}

/** The number of a position in row-major order, as one index. */
const flat = (
  names: readonly string[],
  shape: readonly number[],
  more: readonly (string | number)[] = [],
): (string | number)[] => [...more, ...names.flatMap((name, axis) => [name, rowMajor(shape)[axis]!])];

/** out[n, c, p*stride + r*dilation - pad] = sum of x[n, (c, r), p] over all that fall there: columns put back into an image. */
export const col2im = defineOp('col2im', {
  doc: 'Columns of window contents added up into the image they were taken from.',
  onnx: { type: 'Col2Im', since: 18 },
  operands: ['x', 'imageShape', 'blockShape'],
  attrs: {
    strides: ints('step of the window per axis', []),
    dilations: ints('distance of the taps per axis', []),
    pads: ints('positions before each axis, then after each', []),
  },
  infer: ({ x, imageShape, blockShape }, attrs) => {
    mustBe('col2im', 'value', x);
    const s = sizesOf(
      x,
      wholes(valueOf(imageShape, 'the image shape')),
      wholes(valueOf(blockShape, 'the block shape')),
      attrs,
    );
    return { format: x.format, shape: [s.n, s.c, ...s.image] };
  },
  evaluate: ({ x, imageShape, blockShape }, attrs) => {
    const s = sizesOf(x, wholes(imageShape), wholes(blockShape), attrs);
    const [pixels, blocks] = [sizeOf(s.image), sizeOf(s.blocks)];
    const taps = runsOf(s.image, s.blocks, s.window);
    const values = numbers(x);
    const sums = new Float64Array(s.n * s.c * pixels);
    for (let row = 0; row < s.n * s.c * taps.length; row++) {
      const { runs, step } = taps[row % taps.length]!;
      const plane = Math.floor(row / taps.length) * pixels;
      for (let r = 0; r < runs.length; r += 3) {
        for (let k = 0; k < runs[r + 2]!; k++)
          sums[plane + runs[r + 1]! + k * step]! += values[row * blocks + runs[r]! + k]!;
      }
    }
    return buildWrapped(x.format, [s.n, s.c, ...s.image], (i) => sums[i]!);
  },
  work: ({ x, imageShape, blockShape }, attrs, { out }) => {
    const s = sizesOf(
      x,
      wholes(valueOf(imageShape, 'the image shape')),
      wholes(valueOf(blockShape, 'the block shape')),
      attrs,
    );
    const win = windowLoops(s.blocks, s.window);
    const names = (list: readonly { name: string }[]): string[] => list.map((l) => l.name);
    const target: readonly Index[] = win.input;
    return work(
      { x: operandOf(x), out: operandOf(out[0]!, 'output') },
      nest({
        loops: [...loops({ n: s.n, c: s.c }), ...win.taps, ...win.pixels],
        reads: [
          at(
            'x',
            'n',
            flat(names(win.taps), s.window.kernel, ['c', sizeOf(s.window.kernel)]),
            flat(names(win.pixels), s.blocks),
          ),
        ],
        write: at('out', 'n', 'c', ...target),
        combine: 'add',
        compute: read(0),
      }),
    );
  },
  examples: [
    { x: 'f32[1,2,2] 1 2 10 20', imageShape: 'i64[1] 3', blockShape: 'i64[1] 2', out: 'f32[1,1,3] 1 12 20' },
    {
      x: 'f32[2,12,9] ~1',
      imageShape: 'i64[2] 5 6',
      blockShape: 'i64[2] 2 3',
      attrs: { pads: [0, 1, 1, 0], strides: [2, 1], dilations: [1, 2] },
    },
    { x: 'i32[1,4,16] ~1', imageShape: 'i64[3] 3 2 4', blockShape: 'i64[3] 2 1 1' },
  ],
});
