import { convTranspose } from '../conv-transpose.ts';
import { conv } from '../conv.ts';
import type { OpDef } from '../define.ts';
import { gemm } from '../gemm.ts';
import { matmul } from '../matmul.ts';

/** Sums of products over windows and matrices, and pooling. */
export const linear: readonly OpDef[] = [conv, convTranspose, matmul, gemm];
