import { averagePool } from '../average-pool.ts';
import { convTranspose } from '../conv-transpose.ts';
import { conv } from '../conv.ts';
import type { OpDef } from '../define.ts';
import { gemm } from '../gemm.ts';
import { globalAveragePool } from '../global-average-pool.ts';
import { globalLpPool } from '../global-lp-pool.ts';
import { globalMaxPool } from '../global-max-pool.ts';
import { lpPool } from '../lp-pool.ts';
import { matmul } from '../matmul.ts';
import { maxPool } from '../max-pool.ts';

/** Sums of products over windows and matrices, and pooling. */
export const linear: readonly OpDef[] = [
  ...[conv, convTranspose, matmul, gemm],
  ...[maxPool, averagePool, lpPool, globalMaxPool, globalAveragePool, globalLpPool],
];
