import { gemmSizes, type gemm } from '../../ops/gemm.ts';
import { matrixShape, matrixSizes } from '../../ops/kit/matrix.ts';
import { broadcastSteps, walk } from '../../tensor/shape.ts';
import { sizeOf, zeros, type Tensor } from '../../tensor/tensor.ts';
import { standardLimits, type Limits } from './limits.ts';
import { matrixProduct, type Part } from './matrix.ts';

/** Below this, setting the kernels up costs more than they save. */
const fewMacs = 2048;

/** Matrix products over the last two axes with broadcast leading axes, as numpy's matmul; vectors count as matrices. */
export function fastMatmul(a: Tensor, b: Tensor, limits: Limits = standardLimits, least = fewMacs): Tensor | undefined {
  const s = matrixSizes(a, b);
  const { aBatch, bBatch, batch, m, k, n } = s;
  // One right factor for all: the left factors are the rows of one matrix.
  const together = sizeOf(bBatch) === 1 && sizeOf(aBatch) === sizeOf(batch);
  const sizes = together ? { m: sizeOf(batch) * m, k, n } : { m, k, n };
  const product = sizeOf(batch) * m * n * k < least ? undefined : matrixProduct(sizes, limits);
  if (!product) return undefined;
  const out = zeros(a.format, matrixShape(s));
  const result = out.data as Float32Array;
  const one = (start: number, leftStart: number, rightStart: number): void =>
    product.run(
      { data: a.data as Float32Array, start: leftStart, rowStep: k, columnStep: 1 },
      { data: b.data as Float32Array, start: rightStart, transposed: false },
      (part) => copyPart(result, start, n, part),
    );
  if (together) one(0, 0, 0);
  else {
    const steps = [broadcastSteps(aBatch, batch), broadcastSteps(bBatch, batch)];
    walk(batch, steps, (i, [l, r]) => one(i * m * n, l! * m * k, r! * k * n));
  }
  return out;
}

/** alpha * A * B + beta * bias, with the bias broadcast to the result. */
export function fastGemm(
  a: Tensor,
  b: Tensor,
  bias: Tensor | undefined,
  attrs: ReturnType<typeof gemm.attrsOf>,
  limits: Limits = standardLimits,
): Tensor | undefined {
  const { m, k, n } = gemmSizes(a, b, bias, attrs);
  const product = m * n * k < fewMacs ? undefined : matrixProduct({ m, k, n }, limits);
  if (!product) return undefined;
  const out = zeros(a.format, [m, n]);
  const result = out.data as Float32Array;
  const [rowStep, columnStep] = attrs.transA ? [1, m] : [k, 1];
  product.run(
    { data: a.data as Float32Array, start: 0, rowStep, columnStep },
    { data: b.data as Float32Array, start: 0, transposed: attrs.transB !== 0 },
    (part) => copyPart(result, 0, n, part),
  );
  if (attrs.alpha !== 1) for (let i = 0; i < result.length; i++) result[i]! *= attrs.alpha;
  if (bias) {
    const data = bias.data as Float32Array;
    walk(out.shape, [broadcastSteps(bias.shape, out.shape)], (i, [at]) => (result[i]! += attrs.beta * data[at!]!));
  }
  return out;
}

function copyPart(
  to: Float32Array,
  start: number,
  rowStep: number,
  { row, rows, column, columns, data, pitch }: Part,
): void {
  for (let r = 0; r < rows; r++)
    to.set(data.subarray(r * pitch, r * pitch + columns), start + (row + r) * rowStep + column);
}
