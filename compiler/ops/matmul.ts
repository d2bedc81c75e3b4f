import { macs, work } from '../../hw-models/work/build.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';
import { readFusedMatmul } from './kit/fused-linear.ts';
import { matrixNest, matrixProduct, matrixShape, matrixSizes } from './kit/matrix.ts';

/** C[...,m,n] = sum over k of A[...,m,k] * B[...,k,n]; leading axes are broadcast, vectors count as one row or column. */
export const matmul = defineOp('matmul', {
  doc: 'Matrix product over the last two axes, as numpy.matmul.',
  onnx: [
    { type: 'MatMul' },
    {
      type: 'FusedMatMul',
      domains: ['com.microsoft'],
      attrs: ['alpha', 'transA', 'transB', 'transBatchA', 'transBatchB'],
      read: readFusedMatmul,
    },
    {
      type: 'TransposeMatMul',
      domains: ['com.microsoft'],
      attrs: ['alpha', 'transA', 'transB'],
      read: readFusedMatmul,
    },
  ],
  operands: ['a', 'b'],
  infer: ({ a, b }) => {
    mustBe('matmul', 'number', a, b);
    sameFormats('matmul', a, b);
    return { format: a.format, shape: matrixShape(matrixSizes(a, b)) };
  },
  evaluate: ({ a, b }) => matrixProduct(a, b),
  work: ({ a, b }, _, { out }) => {
    const p = matrixNest(matrixSizes(a, b));
    return work(
      { a: operandOf(a), b: operandOf(b), out: operandOf(out[0]!, 'output') },
      macs({ loops: [...p.outer, ...p.sums], reads: [p.a, p.b], write: p.result('out') }),
    );
  },
  examples: [
    { a: 'f32[2,2] 1 2 3 4', b: 'f32[2,2] 5 6 7 8', out: 'f32[2,2] 19 22 43 50' },
    { a: 'f32[3] 1 2 3', b: 'f32[3] 4 5 6', out: 'f32[] 32' },
    { a: 'f32[3] ~1', b: 'f32[2,3,4] ~2' },
    { a: 'f64[2,1,3,4] ~1', b: 'f64[5,4,2] ~2' },
    { a: 'f16[5,3,4] ~1', b: 'f16[4] ~2' },
    { a: 'i64[1,2] 9007199254740993 1', b: 'i64[2,1] 1 0', out: 'i64[1,1] 9007199254740993' },
    { a: 'u32[1,2] 65536 3', b: 'u32[2,1] 65536 2', out: 'u32[1,1] 6' },
    { a: 'f32[2,0] ', b: 'f32[0,2] ', out: 'f32[2,2] 0 0 0 0' },
  ],
});
