import { fail } from '../../src/base/diagnostics.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';

/** Determinant of each square matrix in the last two axes. */
export const det = defineOp('det', {
  doc: 'Determinants of square matrices.',
  onnx: { type: 'Det' },
  operands: ['x'],
  infer: ({ x }) => {
    const [rows, columns] = x.shape.slice(-2);
    if (x.shape.length < 2 || rows !== columns)
      fail('NL1014', {
        message: 'a determinant needs square matrices',
        cause: `the input has shape ${showShape(x.shape)}`,
        fix: 'correct the model',
      });
    return { format: x.format, shape: x.shape.slice(0, -2) };
  },
  evaluate: ({ x }) => {
    const n = x.shape[x.shape.length - 1]!;
    const values = numbers(x);
    return build(x.format, x.shape.slice(0, -2), (i) =>
      determinant(
        Float64Array.from({ length: n * n }, (_, k) => values[i * n * n + k]!),
        n,
      ),
    );
  },
  work: ({ x }, _, { out }) => {
    const n = x.shape[x.shape.length - 1]!;
    const matrices = sizeOf(out[0]!.shape);
    // Below pivot k: n-1-k quotients and (n-1-k)^2 products; the diagonal is multiplied at the end.
    const quotients = (n * (n - 1)) / 2;
    const products = (n * (n - 1) * (2 * n - 1)) / 6;
    return {
      operands: { x: operandOf(x), out: operandOf(out[0]!, 'output') },
      steps: [
        {
          kind: 'procedure',
          why: 'Gaussian elimination picks the largest pivot of each column, so which rows meet depends on the data.',
          counts: {
            div: matrices * quotients,
            mul: matrices * (products + n),
            add: matrices * products,
            compare: matrices * quotients,
          },
          reads: { x: matrices * n * n },
          writes: { out: matrices },
        },
      ],
    };
  },
  examples: [
    { x: 'f32[2,2] 0 1 2 3', out: 'f32[] -2' },
    { x: 'f32[2,3,3] 2 0 0 0 3 0 0 0 4 1 2 3 4 5 6 7 8 9', out: 'f32[2] 24 0' },
  ],
});

/** Gaussian elimination with partial pivoting, in place. */
function determinant(m: Float64Array, n: number): number {
  let result = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let r = k + 1; r < n; r++) if (Math.abs(m[r * n + k]!) > Math.abs(m[pivot * n + k]!)) pivot = r;
    if (m[pivot * n + k] === 0) return 0;
    if (pivot !== k) {
      result = -result;
      for (let c = 0; c < n; c++) [m[k * n + c], m[pivot * n + c]] = [m[pivot * n + c]!, m[k * n + c]!];
    }
    result *= m[k * n + k]!;
    for (let r = k + 1; r < n; r++) {
      const factor = m[r * n + k]! / m[k * n + k]!;
      for (let c = k + 1; c < n; c++) m[r * n + c]! -= factor * m[k * n + c]!;
    }
  }
  return result;
}
