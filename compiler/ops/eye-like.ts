import { at, call, loops, loopValue, nest, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { formatNamed, formatOfCode, type Format } from '../formats/index.ts';
import type { TensorType } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { build } from '../tensor/tensor.ts';
import { int, optionalStr } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';

interface EyeAttrs {
  readonly format?: string;
  readonly k: number;
}

function typeOf(x: TensorType, attrs: EyeAttrs): { format: Format; shape: readonly [number, number] } {
  const { shape } = x;
  if (shape.length !== 2) misfit('EyeLike needs a matrix', `the input has ${shape.length} axes`);
  return {
    format: (attrs.format === undefined ? undefined : formatNamed(attrs.format)) ?? x.format,
    shape: [shape[0]!, shape[1]!],
  };
}

function eye(x: TensorType, attrs: EyeAttrs): ReturnType<typeof build> {
  const { format, shape } = typeOf(x, attrs);
  const columns = shape[1];
  return build(format, shape, (i) => (i % columns === Math.floor(i / columns) + attrs.k ? 1 : 0));
}

function readEye(node: NodeReader): ReadNode {
  const code = node.attributes.int('dtype');
  const k = node.attributes.int('k') ?? 0;
  if (code === undefined) return { attrs: { k } };
  const format =
    formatOfCode(code) ??
    fail('NL1102', {
      message: `element type ${code} is not supported`,
      cause: 'EyeLike is asked for it by its attribute dtype',
      fix: 'use a real, integer or boolean type',
    });
  return { attrs: { k, format: format.name } };
}

/** Ones on a diagonal, zeros elsewhere; of the input only shape and element type matter. */
export const eyeLike = defineOp('eye-like', {
  doc: 'A matrix with ones on one diagonal, in the shape of the input.',
  onnx: { type: 'EyeLike', since: 9, attrs: ['dtype', 'k'], read: readEye },
  operands: ['x'],
  attrs: {
    format: optionalStr('element type of the result; that of x when absent'),
    k: int('diagonal: 0 the main one, positive above it', 0),
  },
  infer: ({ x }, attrs) => typeOf(x, attrs),
  fromTypes: ({ x }, attrs) => eye(x, attrs),
  evaluate: ({ x }, attrs) => eye(x, attrs),
  work: (_, { k }, { out }) =>
    work(
      { out: operandOf(out[0]!, 'output') },
      nest({
        loops: loops({ i: out[0]!.shape[0]!, j: out[0]!.shape[1]! }),
        write: at('out', 'i', 'j'),
        compute: call('eq', call('add', loopValue('i'), k), loopValue('j')),
      }),
    ),
  examples: [
    { x: 'i32[2,3] ~1', out: 'i32[2,3] 1 0 0 0 1 0' },
    { x: 'i32[3,3] ~1', attrs: { k: -1, format: 'f32' }, out: 'f32[3,3] 0 0 0 1 0 0 0 1 0' },
    { x: 'bool[2,2] ~1', attrs: { k: 1 }, out: 'bool[2,2] 0 1 0 0' },
  ],
});
