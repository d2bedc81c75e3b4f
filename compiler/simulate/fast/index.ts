import { conv } from '../../ops/conv.ts';
import { convTranspose } from '../../ops/conv-transpose.ts';
import { gemm } from '../../ops/gemm.ts';
import { instanceNorm } from '../../ops/instance-norm.ts';
import type { Op } from '../../ir/types.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { FastKernels } from '../run-graph.ts';
import { fastConv } from './conv.ts';
import { fastConvTranspose } from './conv-transpose.ts';
import { fastGemm, fastMatmul } from './matmul.ts';
import { fastInstanceNorm, fastRelu } from './plain-loops.ts';

type Kernel = (op: Op, inputs: readonly (Tensor | undefined)[]) => Tensor | undefined;

const kernels: Readonly<Record<string, Kernel>> = {
  conv: (op, [x, w, bias]) => fastConv(x!, w!, bias, conv.attrsOf(op)),
  'conv-transpose': (op, [x, w, bias]) => fastConvTranspose(x!, w!, bias, convTranspose.attrsOf(op)),
  matmul: (_, [a, b]) => fastMatmul(a!, b!),
  gemm: (op, [a, b, bias]) => fastGemm(a!, b!, bias, gemm.attrsOf(op)),
  relu: (_, [x]) => fastRelu(x!),
  'instance-norm': (op, [x, scale, bias]) => fastInstanceNorm(x!, scale!, bias!, instanceNorm.attrsOf(op)),
};

/**
 * Sums of products of 32-bit floats through WebAssembly vectors, added up in doubles as the reference does, only in
 * another order: most results are the same to the bit, all are the same on every machine. A few other ops in plain
 * loops, to the bit. All else is left to the reference.
 */
export const fastFloatKernels: FastKernels = (op, inputs) => {
  const kernel = kernels[op.kind];
  if (!kernel || !inputs.every((t) => t === undefined || t.format.name === 'f32')) return undefined;
  const result = kernel(op, inputs);
  return result && [result];
};
