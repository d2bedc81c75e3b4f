import { at, axisLoops, call, loopValue, loops, macs, nest, read, work } from '../../hw-models/work/build.ts';
import type { Operand, Scalar } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { u8 } from '../formats/index.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { multiplyStored } from './kit/matrix.ts';

interface BlockAttrs {
  readonly k: number;
  readonly n: number;
  readonly bits: number;
  readonly blockSize: number;
}

interface BlockSizes extends BlockAttrs {
  readonly blocks: number;
  /** Codes in a byte, the first in the lowest bits. */
  readonly codes: number;
  /** Bytes of a block, and of the zero points of a row where they are packed. */
  readonly bytes: number;
  readonly zeroBytes: number;
}

const wrong = (cause: string): never =>
  fail('NL1014', { message: 'the sizes of a MatMulNBits do not fit', cause, fix: 'correct the model' });

function blockSizes(
  a: { readonly shape: readonly number[] },
  b: { readonly shape: readonly number[] },
  attrs: BlockAttrs,
): BlockSizes {
  const { k, n, bits, blockSize } = attrs;
  if (![2, 4, 8].includes(bits))
    fail('NL1106', {
      message: `MatMulNBits with codes of ${bits} bits is not computed`,
      cause: 'codes of 2, 4 or 8 bits fill bytes without a rest',
      fix: 'quantise the weights to one of these widths',
    });
  const codes = 8 / bits;
  if (!(blockSize >= 1) || blockSize % codes !== 0) wrong(`blocks of ${blockSize} codes do not fill bytes of ${codes}`);
  const blocks = Math.ceil(k / blockSize);
  const bytes = Math.ceil(blockSize / codes);
  if (a.shape.at(-1) !== k) wrong(`rows of ${showShape(a.shape)} do not have K = ${k} elements`);
  if (sizeOf(b.shape) !== n * blocks * bytes)
    wrong(`the weights ${showShape(b.shape)} do not hold ${n} columns of ${blocks} blocks of ${bytes} bytes`);
  return { k, n, bits, blockSize, blocks, codes, bytes, zeroBytes: Math.ceil(blocks / codes) };
}

/** The weights as numbers, [n, k]. */
function unpacked(b: Tensor, scales: Tensor, zeros: Tensor | undefined, s: BlockSizes): Float64Array {
  const [bytes, steps, zs] = [numbers(b), numbers(scales), zeros && numbers(zeros)];
  const mask = 2 ** s.bits - 1;
  const packed = zeros?.format === u8;
  return Float64Array.from({ length: s.n * s.k }, (_, i) => {
    const [column, k] = [Math.floor(i / s.k), i % s.k];
    const block = Math.floor(k / s.blockSize);
    const inner = k % s.blockSize;
    const code =
      (bytes[(column * s.blocks + block) * s.bytes + Math.floor(inner / s.codes)]! >> (s.bits * (inner % s.codes))) &
      mask;
    const held =
      zs && packed
        ? (zs[column * s.zeroBytes + Math.floor(block / s.codes)]! >> (s.bits * (block % s.codes))) & mask
        : zs?.[column * s.blocks + block];
    return (code - (held ?? 2 ** (s.bits - 1))) * steps[column * s.blocks + block]!;
  });
}

/** A product with weights that are packed codes of few bits, with a scale and zero point for each block of a column. */
export const matmulNBits = defineOp('matmul-n-bits', {
  doc: 'Matrix product with weights stored as blocks of packed 2-, 4- or 8-bit codes (com.microsoft).',
  onnx: {
    type: 'MatMulNBits',
    domains: ['com.microsoft'],
    attrs: ['K', 'N', 'bits', 'block_size', 'accuracy_level'], // accuracy_level is how a runtime may round on the way
    read: ({ attributes: a }) => ({
      attrs: { k: a.int('K') ?? 0, n: a.int('N') ?? 0, bits: a.int('bits') ?? 4, blockSize: a.int('block_size') ?? 32 },
    }),
  },
  operands: ['a', 'b', 'scales', 'zeros?', 'groups?', 'bias?'],
  attrs: {
    k: int('rows of the weights'),
    n: int('columns of the weights'),
    bits: int('bits of a code', 4),
    blockSize: int('codes that share a scale', 32),
  },
  infer: ({ a, b, scales, zeros, groups, bias }, attrs) => {
    mustBe('matmul-n-bits', 'float', a, scales, bias);
    mustBe('matmul-n-bits', 'int', b);
    const s = blockSizes(a, b, attrs);
    if (groups)
      fail('NL1106', {
        message: 'MatMulNBits with a group index is not computed',
        cause: 'rows out of order need a permutation of the first factor',
        fix: 'reorder the weights when exporting (desc_act off)',
      });
    if (sizeOf(scales.shape) !== s.n * s.blocks)
      wrong(`there are ${sizeOf(scales.shape)} scales for ${s.n} columns of ${s.blocks} blocks`);
    const wanted = zeros?.format === u8 ? s.n * s.zeroBytes : s.n * s.blocks;
    if (zeros && sizeOf(zeros.shape) !== wanted)
      wrong(`the zero points are ${showShape(zeros.shape)}; ${wanted} elements are needed`);
    if (bias && sizeOf(bias.shape) !== s.n) wrong(`the bias is ${showShape(bias.shape)} for ${s.n} columns`);
    return { format: a.format, shape: [...a.shape.slice(0, -1), s.n] };
  },
  evaluate: ({ a, b, scales, zeros, bias }, attrs) => {
    const s = blockSizes(a, b, attrs);
    const m = sizeOf(a.shape.slice(0, -1));
    const sums = multiplyStored(numbers(a), unpacked(b, scales, zeros, s), m, s.k, s.n, false, true);
    const bs = bias && numbers(bias);
    return build(a.format, [...a.shape.slice(0, -1), s.n], (i) => sums[i]! + (bs ? bs[i % s.n]! : 0));
  },
  work: ({ a, b, scales, zeros, bias }, attrs, { out }) => {
    const s = blockSizes(a, b, attrs);
    // Operands are seen under the shapes that the blocks give them, whatever their own.
    const seen = (info: OperandInfo, shape: readonly number[]): Operand => ({ ...operandOf(info), shape });
    const isPacked = zeros?.format === u8;
    const lead = axisLoops('i', a.shape.slice(0, -1));
    const names = lead.map((l) => l.name);
    const field = (byte: Scalar, loop: string): Scalar =>
      call('bitand', call('shiftright', byte, call('mul', loopValue(loop), s.bits)), 2 ** s.bits - 1);
    const block = ['bo', s.codes, 'bi', 1];
    const zero = !zeros ? 2 ** (s.bits - 1) : isPacked ? field(read(2), 'bi') : read(2);
    const result = at('out', ...names, 'n');
    return work(
      {
        a: operandOf(a),
        b: seen(b, [s.n, s.blocks, s.bytes]),
        scales: seen(scales, [s.n, s.blocks]),
        ...(zeros ? { zeros: seen(zeros, [s.n, isPacked ? s.zeroBytes : s.blocks]) } : {}),
        ...(bias ? { bias: seen(bias, [s.n]) } : {}),
        weights: { role: 'scratch', format: a.format, shape: [s.n, s.k] },
        out: operandOf(out[0]!, 'output'),
      },
      nest({
        loops: loops({ n: s.n, bo: Math.ceil(s.blocks / s.codes), bi: s.codes, j: s.bytes, c: s.codes }),
        reads: [
          at('b', 'n', block, 'j'),
          at('scales', 'n', block),
          ...(zeros ? [at('zeros', 'n', isPacked ? 'bo' : block)] : []),
        ],
        write: at('weights', 'n', ['bo', s.codes * s.blockSize, 'bi', s.blockSize, 'j', s.codes, 'c', 1]),
        compute: call('mul', call('sub', field(read(0), 'c'), zero), read(1)),
      }),
      ...(bias
        ? [nest({ loops: [...lead, ...loops({ n: s.n })], reads: [at('bias', 'n')], write: result, compute: read(0) })]
        : []),
      macs({
        loops: [...lead, ...loops({ n: s.n, k: s.k })],
        reads: [at('a', ...names, 'k'), at('weights', 'n', 'k')],
        write: result,
        start: bias ? 'kept' : 'fresh',
      }),
    );
  },
  examples: [
    {
      a: 'f32[1,4] 1 2 3 4',
      b: 'u8[1,1,8] 152 186 0 0 0 0 0 0',
      scales: 'f32[1] 0.5',
      attrs: { k: 4, n: 1, blockSize: 16 },
      out: 'f32[1,1] 10',
    },
    {
      a: 'f32[2,3,40] ~1',
      b: 'u8[5,3,8] ~2',
      scales: 'f32[15] ~3',
      zeros: 'u8[10] ~4',
      bias: 'f32[5] ~5',
      attrs: { k: 40, n: 5, blockSize: 16 },
    },
    {
      a: 'f32[3,20] ~1',
      b: 'u8[2,2,16] ~2',
      scales: 'f32[2,2] ~3',
      zeros: 'f32[2,2] ~4',
      attrs: { k: 20, n: 2, bits: 8, blockSize: 16 },
    },
    {
      a: 'f32[3,33] ~1',
      b: 'u8[2,3,4] ~2',
      scales: 'f32[2,3] ~3',
      zeros: 'u8[2] ~4',
      attrs: { k: 33, n: 2, bits: 2, blockSize: 16 },
    },
  ],
});
