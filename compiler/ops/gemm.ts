import { at, call, index, loops, macs, nest, read, work } from '../../hw-models/work/build.ts';
import type { Access, Scalar } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { broadcast, broadcastSteps, showShape, walk } from '../tensor/shape.ts';
import { isBig, numbers, type Tensor } from '../tensor/tensor.ts';
import { float, int } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { buildBig, buildWrapped, operandOf, sameFormats } from './kit/elementwise.ts';
import { readFusedGemm } from './kit/fused-linear.ts';
import { isWide, multiplyStored, multiplyWide } from './kit/matrix.ts';
import { transpose } from './transpose.ts';

interface GemmSizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

interface Trans {
  readonly transA: number;
  readonly transB: number;
}

interface Shaped {
  readonly shape: readonly number[];
}

/** @throws NetloomError NL1014 when factors are no matrices, their sizes differ, or the bias does not stretch to them */
export function gemmSizes(a: Shaped, b: Shaped, bias: Shaped | undefined, { transA, transB }: Trans): GemmSizes {
  const wrong = (cause: string): never =>
    fail('NL1014', {
      message: 'the sizes of a Gemm do not fit',
      cause,
      fix: 'correct the model, or give the right input shape with --shape',
    });
  if (a.shape.length !== 2 || b.shape.length !== 2)
    wrong(`a is ${showShape(a.shape)} and b is ${showShape(b.shape)}; both must be matrices`);
  const [m, k] = (transA ? [a.shape[1], a.shape[0]] : a.shape) as [number, number];
  const [depth, n] = (transB ? [b.shape[1], b.shape[0]] : b.shape) as [number, number];
  if (k !== depth)
    wrong(
      `a is ${showShape(a.shape)}${transA ? ' transposed' : ''} and b is ${showShape(b.shape)}${transB ? ' transposed' : ''}: ${k} columns meet ${depth} rows`,
    );
  if (bias && !(bias.shape.length <= 2 && broadcast(bias.shape, [m, n]).every((d, i) => d === [m, n][i])))
    wrong(`the bias ${showShape(bias.shape)} does not stretch to [${m},${n}]`);
  return { m, k, n };
}

interface GemmAttrs extends Trans {
  readonly alpha: number;
  readonly beta: number;
}

/** Exact for integers whose products pass 2^53; alpha and beta that are no whole numbers go through doubles. */
function wideGemm(
  a: Tensor,
  b: Tensor,
  bias: Tensor | undefined,
  { m, k, n }: GemmSizes,
  { transA, transB, alpha, beta }: GemmAttrs,
): Tensor {
  const plain = (t: Tensor, trans: number): Tensor =>
    trans ? transpose.evaluate([t], {}, { wanted: [true], bodies: [], run: () => [] })[0]! : t;
  const sums = multiplyWide(plain(a, transA), plain(b, transB), {
    aBatch: [],
    bBatch: [],
    batch: [],
    m,
    k,
    n,
    hasRows: true,
    hasColumns: true,
  }).data;
  const offsets = new Int32Array(m * n);
  if (bias) walk([m, n], [broadcastSteps(bias.shape, [m, n])], (i, [p]) => (offsets[i] = p!));
  if (Number.isInteger(alpha) && Number.isInteger(beta)) {
    const [x, y] = [BigInt(alpha), BigInt(beta)];
    const exact = (i: number): bigint => x * BigInt(sums[i]!) + (bias ? y * BigInt(bias.data[offsets[i]!]!) : 0n);
    if (isBig(a)) return buildBig(a.format, [m, n], exact);
    const { bits, signed } = a.format;
    const low = (x: bigint): bigint => (signed ? BigInt.asIntN(bits, x) : BigInt.asUintN(bits, x));
    return buildWrapped(a.format, [m, n], (i) => Number(low(exact(i))));
  }
  return buildWrapped(a.format, [m, n], (i) =>
    Math.trunc(alpha * Number(sums[i]) + (bias ? beta * Number(bias.data[offsets[i]!]) : 0)),
  );
}

function evaluateGemm(a: Tensor, b: Tensor, bias: Tensor | undefined, attrs: GemmAttrs): Tensor {
  const s = gemmSizes(a, b, bias, attrs);
  const { alpha, beta } = attrs;
  if (isWide(a.format)) return wideGemm(a, b, bias, s, attrs);
  const sums = multiplyStored(numbers(a), numbers(b), s.m, s.k, s.n, attrs.transA !== 0, attrs.transB !== 0);
  if (alpha !== 1) for (let i = 0; i < sums.length; i++) sums[i]! *= alpha;
  if (bias) {
    const values = numbers(bias);
    walk([s.m, s.n], [broadcastSteps(bias.shape, [s.m, s.n])], (i, [p]) => (sums[i]! += beta * values[p!]!));
  }
  return buildWrapped(a.format, [s.m, s.n], (i) => sums[i]!);
}

/** The access to a bias that stretches over rows or columns. */
export function biasAccess(bias: OperandInfo): Access {
  const names = ['m', 'n'].slice(2 - bias.shape.length);
  return { operand: 'bias', at: bias.shape.map((size, i) => (size === 1 ? index(0) : index(names[i]!))) };
}

/** Y = alpha * A' * B' + beta * bias, where A' and B' are A and B, or their transposes. */
export const gemm = defineOp('gemm', {
  doc: 'Product of two matrices with factors, transpositions and a bias that is stretched to the result.',
  onnx: [
    {
      type: 'Gemm',
      attrs: ['alpha', 'beta', 'transA', 'transB', 'broadcast'], // broadcast until opset 7: the newer form always stretches
      read: ({ attributes: a }) => ({
        attrs: {
          alpha: a.float('alpha') ?? 1,
          beta: a.float('beta') ?? 1,
          transA: a.int('transA') ?? 0,
          transB: a.int('transB') ?? 0,
        },
      }),
    },
    {
      type: 'FusedGemm',
      domains: ['com.microsoft'],
      attrs: [
        'alpha',
        'beta',
        'transA',
        'transB',
        'activation',
        'activation_alpha',
        'activation_beta',
        'activation_gamma',
      ],
      read: readFusedGemm,
    },
  ],
  operands: ['a', 'b', 'bias?'],
  attrs: {
    transA: int('1 when a is stored as [k, m]', 0),
    transB: int('1 when b is stored as [n, k]', 0),
    alpha: float('factor of the product', 1),
    beta: float('factor of the bias', 1),
  },
  infer: ({ a, b, bias }, attrs) => {
    mustBe('gemm', 'number', a, b, bias);
    sameFormats('gemm', a, b, bias);
    const { m, n } = gemmSizes(a, b, bias, attrs);
    return { format: a.format, shape: [m, n] };
  },
  evaluate: ({ a, b, bias }, attrs) => evaluateGemm(a, b, bias, attrs),
  work: ({ a, b, bias }, attrs, { out }) => {
    const { alpha, beta, transA, transB } = attrs;
    const { m, k, n } = gemmSizes(a, b, bias, attrs);
    const outer = loops({ m, n });
    const write = at('out', 'm', 'n');
    const product = {
      loops: loops({ m, n, k }),
      reads: [transA ? at('a', 'k', 'm') : at('a', 'm', 'k'), transB ? at('b', 'n', 'k') : at('b', 'k', 'n')],
    };
    const operands = {
      a: operandOf(a),
      b: operandOf(b),
      ...(bias ? { bias: operandOf(bias) } : {}),
      out: operandOf(out[0]!, 'output'),
    };
    if (alpha === 1 && (!bias || beta === 1)) {
      return work(
        operands,
        ...(bias ? [nest({ loops: outer, reads: [biasAccess(bias)], write, compute: read(0) })] : []),
        macs({ ...product, write, start: bias ? 'kept' : 'fresh' }),
      );
    }
    const scaled = (x: Scalar, by: number): Scalar => (by === 1 ? x : call('mul', x, by));
    return work(
      { ...operands, product: operandOf(out[0]!, 'scratch') },
      macs({ ...product, write: at('product', 'm', 'n') }),
      nest({
        loops: outer,
        reads: [at('product', 'm', 'n'), ...(bias ? [biasAccess(bias)] : [])],
        write,
        compute: bias ? call('add', scaled(read(0), alpha), scaled(read(1), beta)) : scaled(read(0), alpha),
      }),
    );
  },
  examples: [
    { a: 'f32[2,2] 1 2 3 4', b: 'f32[2,1] 1 -1', bias: 'f32[1] 10', out: 'f32[2,1] 9 9' },
    {
      a: 'f32[2,2] 1 2 3 4',
      b: 'f32[2,2] 1 0 0 1',
      bias: 'f32[2,1] 1 2',
      attrs: { alpha: 2, beta: 0.5 },
      out: 'f32[2,2] 2.5 4.5 7 9',
    },
    { a: 'f32[4,3] ~1', b: 'f32[5,4] ~2', bias: 'f32[5] ~3', attrs: { transA: 1, transB: 1 } },
    { a: 'f16[3,4] ~1', b: 'f16[4,5] ~2', bias: 'f16[] ~3' },
    { a: 'f64[3,4] ~1', b: 'f64[5,4] ~2', attrs: { transB: 1, alpha: 0.25 } },
    {
      a: 'i32[2,2] 1 2 3 4',
      b: 'i32[2,2] 5 6 7 8',
      bias: 'i32[2] 1 -1',
      attrs: { transA: 1 },
      out: 'i32[2,2] 27 29 39 43',
    },
    { a: 'i64[1,2] 3 4', b: 'i64[2,1] 5 6', bias: 'i64[1,1] 2', attrs: { alpha: 2, beta: -1 }, out: 'i64[1,1] 76' },
  ],
});
