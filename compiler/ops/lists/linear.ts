import { averagePool } from '../average-pool.ts';
import { causalConvWithState } from '../causal-conv-with-state.ts';
import { col2im } from '../col2im.ts';
import { convInteger } from '../conv-integer.ts';
import { convTranspose } from '../conv-transpose.ts';
import { conv } from '../conv.ts';
import type { OpDef } from '../define.ts';
import { deformConv } from '../deform-conv.ts';
import { gemm } from '../gemm.ts';
import { globalAveragePool } from '../global-average-pool.ts';
import { globalLpPool } from '../global-lp-pool.ts';
import { globalMaxPool } from '../global-max-pool.ts';
import { lpPool } from '../lp-pool.ts';
import { lrn } from '../lrn.ts';
import { matmulIntegerToFloat } from '../matmul-integer-to-float.ts';
import { matmulInteger } from '../matmul-integer.ts';
import { matmulNBits } from '../matmul-n-bits.ts';
import { matmul } from '../matmul.ts';
import { maxPool } from '../max-pool.ts';
import { maxUnpool } from '../max-unpool.ts';
import { qgemm } from '../qgemm.ts';
import { qlinearAveragePool } from '../qlinear-average-pool.ts';
import { qlinearConcat } from '../qlinear-concat.ts';
import { qlinearConv } from '../qlinear-conv.ts';
import { qlinearGlobalAveragePool } from '../qlinear-global-average-pool.ts';
import { qlinearMatmul } from '../qlinear-matmul.ts';

/** Sums of products over windows and matrices, and pooling. */
export const linear: readonly OpDef[] = [
  ...[conv, convTranspose, matmul, gemm],
  ...[convInteger, matmulInteger, qlinearConv, qlinearMatmul, qgemm, matmulIntegerToFloat, matmulNBits],
  ...[deformConv, causalConvWithState, col2im],
  ...[maxPool, averagePool, lpPool, globalMaxPool, globalAveragePool, globalLpPool, maxUnpool, lrn],
  ...[qlinearAveragePool, qlinearGlobalAveragePool, qlinearConcat],
];
