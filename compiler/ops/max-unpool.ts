import { at, axisLoops, index, nest, read, value, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { rowMajor, showShape, walk } from '../tensor/shape.ts';
import { allocate, sizeOf, tensor, wholes } from '../tensor/tensor.ts';
import { ints } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { reachOf, windowOf } from './kit/window.ts';

interface Lists {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

const wrong = (cause: string): never =>
  fail('NL1014', {
    message: 'the sizes of a MaxUnpool do not fit',
    cause,
    fix: 'correct the model, or give the right input shape with --shape',
  });

/** The shape that pooling with this window came from, and that of the result: the same, or larger where it is asked for. */
function shapesOf(
  x: OperandInfo | { readonly shape: readonly number[] },
  outputShape: readonly number[] | undefined,
  attrs: Lists,
): { own: readonly number[]; out: readonly number[] } {
  if (x.shape.length < 3) wrong(`x is ${showShape(x.shape)}; batch, channels and spatial axes are needed`);
  const spatial = x.shape.slice(2);
  const rank = spatial.length;
  const w = windowOf(attrs, rank);
  const sizes = spatial.map((d, axis) =>
    Math.max(0, (d - 1) * w.strides[axis]! + reachOf(w, axis) - w.pads[axis]! - w.pads[axis + rank]!),
  );
  const own = [...x.shape.slice(0, 2), ...sizes];
  const out = outputShape ?? own;
  if (out.length !== own.length || own.some((d, axis) => d > out[axis]!))
    wrong(`the window gives ${showShape(own)}, which is no part of the output shape ${showShape(out)}`);
  return { own, out };
}

/** Elements put where max pooling took them from, zeros elsewhere. Positions count over the shape that the window implies. */
export const maxUnpool = defineOp('max-unpool', {
  doc: 'Partial inverse of max pooling: each element goes to the position its index names, all else is 0.',
  onnx: {
    type: 'MaxUnpool',
    since: 9,
    attrs: ['kernel_shape', 'strides', 'pads'],
    read: ({ attributes: a }) => {
      const kernel = a.ints('kernel_shape');
      return { attrs: { ...(kernel ? { kernel } : {}), strides: a.ints('strides') ?? [], pads: a.ints('pads') ?? [] } };
    },
  },
  operands: ['x', 'indices', 'outputShape?'],
  attrs: {
    kernel: ints('size of the window per axis'),
    strides: ints('step of the window per axis', []),
    pads: ints('positions before each axis, then after each', []),
  },
  infer: ({ x, indices, outputShape }, attrs) => {
    mustBe('max-unpool', 'number', x);
    mustBe('max-unpool', 'int', indices);
    if (showShape(indices.shape) !== showShape(x.shape))
      wrong(`x is ${showShape(x.shape)}, its indices are ${showShape(indices.shape)}`);
    const { out } = shapesOf(x, outputShape && wholes(valueOf(outputShape, 'the output shape')), attrs);
    return { format: x.format, shape: out };
  },
  evaluate: ({ x, indices, outputShape }, attrs) => {
    const { own, out } = shapesOf(x, outputShape && wholes(outputShape), attrs);
    const data = allocate(x.format, sizeOf(out)) as Float32Array;
    const count = sizeOf(own);
    // Where each position of the implied shape lies in the result: the leading corner of it.
    const targets = new Int32Array(count);
    walk(own, [rowMajor(out)], (i, [offset]) => (targets[i] = offset!));
    for (let i = 0; i < x.data.length; i++) {
      const at = Number(indices.data[i]);
      if (!(at >= 0 && at < count)) wrong(`index ${at} lies outside the ${count} positions of ${showShape(own)}`);
      data[targets[at]!] = x.data[i] as number;
    }
    return tensor(x.format, out, data);
  },
  work: ({ x, indices, outputShape }, attrs, { out }) => {
    const { own } = shapesOf(x, outputShape && wholes(valueOf(outputShape, 'the output shape')), attrs);
    const all = axisLoops('o', out[0]!.shape);
    const part = axisLoops('i', own);
    const from = axisLoops('e', x.shape).map((l) => l.name);
    const names = part.map((l) => l.name);
    const position = index(names.flatMap((name, axis) => [name, rowMajor(own)[axis]!]));
    return work(
      {
        x: operandOf(x),
        indices: operandOf(indices),
        flat: operandOf({ format: x.format, shape: [sizeOf(own)] }, 'scratch'),
        out: operandOf(out[0]!, 'output'),
      },
      nest({ loops: [{ name: 'z', size: sizeOf(own) }], write: at('flat', 'z'), compute: value(0) }),
      nest({
        loops: axisLoops('e', x.shape),
        reads: [at('x', ...from)],
        write: { operand: 'flat', at: [{ offset: 0, terms: [{ read: 'indices', at: from.map(index), by: 1 }] }] },
        compute: read(0),
      }),
      ...(sizeOf(own) === sizeOf(out[0]!.shape)
        ? []
        : [nest({ loops: all, write: at('out', ...all.map((l) => l.name)), compute: value(0) })]),
      nest({ loops: part, reads: [{ operand: 'flat', at: [position] }], write: at('out', ...names), compute: read(0) }),
    );
  },
  examples: [
    { x: 'f32[1,1,2] 5 6', indices: 'i64[1,1,2] 1 2', attrs: { kernel: [2], strides: [2] }, out: 'f32[1,1,4] 0 5 6 0' },
    {
      x: 'f32[1,1,1,2] 5 6',
      indices: 'i64[1,1,1,2] 1 6',
      outputShape: 'i64[4] 1 1 3 5',
      attrs: { kernel: [2, 2], strides: [2, 2] },
      out: 'f32[1,1,3,5] 0 5 0 0 0 0 0 6 0 0 0 0 0 0 0',
    },
  ],
});
