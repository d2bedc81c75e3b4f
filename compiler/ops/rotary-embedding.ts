import { at, call, index, loops as loopsOf, nest, read, work } from '../../hw-models/work/build.ts';
import type { Access, Index, Step } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { absent, type TensorType, type ValueId } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { flag, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';

interface RotarySizes {
  readonly batch: number;
  readonly sequence: number;
  readonly heads: number;
  readonly width: number;
  /** Elements of a head that turn in pairs: the first `turned` of `width`. */
  readonly turned: number;
  /** True for [batch, sequence, heads * width], false for [batch, heads, sequence, width]. */
  readonly packed: boolean;
  /** True when one position is given for the first element of all sequences. */
  readonly offsetOnly: boolean;
}

interface RotaryOperands {
  readonly x: TensorType;
  readonly cos: TensorType;
  readonly sin: TensorType;
  readonly positions?: TensorType | undefined;
}

const wrong = (cause: string): never =>
  fail('NL1014', {
    message: 'the operands of a rotary embedding do not fit',
    cause,
    fix: 'correct the model, or give the right input shape with --shape',
  });

function rotarySizes(
  { x, cos, sin, positions }: RotaryOperands,
  { numHeads, rotaryEmbeddingDim }: { numHeads: number; rotaryEmbeddingDim: number },
): RotarySizes {
  const packed = x.shape.length === 3;
  if (!packed && x.shape.length !== 4) wrong(`x has shape ${showShape(x.shape)}; it needs 3 or 4 axes`);
  const [batch, sequence] = [x.shape[0]!, packed ? x.shape[1]! : x.shape[2]!];
  const half = cos.shape[cos.shape.length - 1] ?? 0;
  // Without a number of heads the width of a head shows in the tables, when all of it turns.
  const heads = packed ? numHeads || x.shape[2]! / (2 * half) : x.shape[1]!;
  if (packed && x.shape[2]! % heads !== 0) wrong(`${x.shape[2]} elements do not divide into ${heads} heads`);
  const width = packed ? x.shape[2]! / heads : x.shape[3]!;
  const turned = rotaryEmbeddingDim || width;
  if (turned > width || turned % 2 !== 0) wrong(`${turned} of ${width} elements cannot turn in pairs`);
  const offsetOnly = positions !== undefined && sizeOf(positions.shape) === 1 && batch * sequence !== 1;
  if (positions && !offsetOnly && sizeOf(positions.shape) !== batch * sequence)
    wrong(`positions have shape ${showShape(positions.shape)} for ${batch} sequences of ${sequence}`);
  for (const [name, table] of Object.entries({ cos, sin })) {
    const fits = positions
      ? table.shape.length === 2
      : table.shape.length === 3 && table.shape[0] === batch && table.shape[1] === sequence;
    if (!fits || table.shape[table.shape.length - 1] !== turned / 2)
      wrong(
        `the ${name} table has shape ${showShape(table.shape)} for ${turned / 2} angles${positions ? '' : ` at ${batch} x ${sequence} positions`}`,
      );
  }
  return { batch, sequence, heads, width, turned, packed, offsetOnly };
}

/** The fused operator of ONNX Runtime has positions before the tables, and may scale nothing else. */
function readFused(node: NodeReader): ReadNode {
  const [x, positions, cos, sin] = node.inputs as [ValueId, ValueId, ValueId, ValueId];
  const { attributes: a } = node;
  if (a.int('is_packed_batching'))
    fail('NL1106', {
      message: 'RotaryEmbedding of packed batches is not computed',
      cause: 'sequences of different lengths share one axis there',
      fix: 'export without packed batching',
    });
  if ((a.float('scale') ?? 1) !== 1)
    fail('NL1106', {
      message: 'RotaryEmbedding with a scale is not computed',
      cause: `scale is ${a.float('scale')}`,
      fix: 'export without it',
    });
  return {
    inputs: [x, cos, sin, positions ?? absent],
    attrs: {
      numHeads: a.int('num_heads') ?? 0,
      rotaryEmbeddingDim: a.int('rotary_embedding_dim') ?? 0,
      interleaved: (a.int('interleaved') ?? 0) !== 0,
    },
  };
}

/** Turns pairs of elements of each head by angles that depend on the position (opset 23). */
export const rotaryEmbedding = defineOp('rotary-embedding', {
  doc: 'Rotary position embedding: pairs of elements turned by the angle of their position.',
  onnx: [
    { type: 'RotaryEmbedding' },
    {
      type: 'RotaryEmbedding',
      domains: ['com.microsoft'],
      attrs: ['num_heads', 'rotary_embedding_dim', 'interleaved', 'is_packed_batching', 'scale'],
      read: readFused,
    },
  ],
  operands: ['x', 'cos', 'sin', 'positions?'],
  attrs: {
    numHeads: int('heads of an x with three axes', 0),
    rotaryEmbeddingDim: int('elements of a head that turn; 0 for all', 0),
    interleaved: flag('pairs are neighbours, instead of one of each half', false),
  },
  infer: (o, attrs) => {
    rotarySizes(o, attrs);
    return { format: o.x.format, shape: o.x.shape };
  },
  evaluate: (o, attrs) => {
    const s = rotarySizes(o, attrs);
    const [x, cos, sin] = [numbers(o.x), numbers(o.cos), numbers(o.sin)];
    const positions = o.positions && numbers(o.positions);
    const half = s.turned / 2;
    return build(o.x.format, o.x.shape, (i) => {
      const d = i % s.width;
      if (d >= s.turned) return x[i]!;
      const row = Math.floor(i / s.width);
      const [sequence, batch] = s.packed
        ? [Math.floor(row / s.heads) % s.sequence, Math.floor(row / (s.heads * s.sequence))]
        : [row % s.sequence, Math.floor(row / (s.heads * s.sequence))];
      const place = batch * s.sequence + sequence;
      const table = positions ? (s.offsetOnly ? positions[0]! + sequence : positions[place]!) : place;
      const pair = attrs.interleaved ? Math.floor(d / 2) : d % half;
      const first = attrs.interleaved ? d % 2 === 0 : d < half;
      const other = x[attrs.interleaved ? (first ? i + 1 : i - 1) : first ? i + half : i - half]!;
      const [c, z] = [cos[table * half + pair]!, sin[table * half + pair]!];
      return first ? c * x[i]! - z * other : z * other + c * x[i]!;
    });
  },
  work: (o, attrs, { out }) => {
    const s = rotarySizes(o, attrs);
    const half = s.turned / 2;
    const rows = loopsOf({ b: s.batch, h: s.heads, s: s.sequence });
    /** Element `factor * loop + offset` of a head. */
    const on = (operand: string, loop: string, factor: number, offset: number): Access =>
      s.packed
        ? at(operand, 'b', 's', ['h', s.width, loop, factor, offset])
        : at(operand, 'b', 'h', 's', [loop, factor, offset]);
    const place: Index[] = !o.positions
      ? [index('b'), index('s')]
      : s.offsetOnly
        ? [
            {
              offset: 0,
              terms: [
                { read: 'positions', at: o.positions.shape.map(() => index(0)), by: 1 },
                { loop: 's', by: 1 },
              ],
            },
          ]
        : [
            {
              offset: 0,
              terms: [
                {
                  read: 'positions',
                  at: o.positions.shape.length === 2 ? [index('b'), index('s')] : [index(['b', s.sequence, 's', 1])],
                  by: 1,
                },
              ],
            },
          ];
    const table = (operand: string): Access => ({ operand, at: [...place, index('p')] });
    const element = (operand: string, second: boolean): Access =>
      attrs.interleaved ? on(operand, 'p', 2, second ? 1 : 0) : on(operand, 'p', 1, second ? half : 0);
    const turn = (second: boolean): Step =>
      nest({
        loops: [...rows, ...loopsOf({ p: half })],
        reads: [element('x', second), element('x', !second), table('cos'), table('sin')],
        write: element('out', second),
        compute: call(second ? 'add' : 'sub', call('mul', read(2), read(0)), call('mul', read(3), read(1))),
      });
    const rest = s.width - s.turned;
    return work(
      {
        x: operandOf(o.x),
        cos: operandOf(o.cos),
        sin: operandOf(o.sin),
        ...(o.positions ? { positions: operandOf(o.positions) } : {}),
        out: operandOf(out[0]!, 'output'),
      },
      turn(false),
      turn(true),
      ...(rest > 0
        ? [
            nest({
              loops: [...rows, ...loopsOf({ p: rest })],
              reads: [on('x', 'p', 1, s.turned)],
              write: on('out', 'p', 1, s.turned),
              compute: read(0),
            }),
          ]
        : []),
    );
  },
  examples: [
    { x: 'f32[1,1,1,4] 1 2 3 4', cos: 'f32[1,1,2] 0 1', sin: 'f32[1,1,2] 1 0', out: 'f32[1,1,1,4] -3 2 1 4' },
    {
      x: 'f32[1,1,1,4] 1 2 3 4',
      cos: 'f32[1,1,2] 0 1',
      sin: 'f32[1,1,2] 1 0',
      attrs: { interleaved: true },
      out: 'f32[1,1,1,4] -2 1 3 4',
    },
    {
      x: 'f32[2,3,8] ~1',
      cos: 'f32[5,1] ~2',
      sin: 'f32[5,1] ~3',
      positions: 'i64[2,3] 4 0 2 1 1 3',
      attrs: { numHeads: 2, rotaryEmbeddingDim: 2 },
    },
    { x: 'f32[2,2,3,4] ~1', cos: 'f32[5,2] ~2', sin: 'f32[5,2] ~3', positions: 'i64[1] 2' },
  ],
});
