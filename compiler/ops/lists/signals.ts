import { affineGrid } from '../affine-grid.ts';
import { batchedScan } from '../batched-scan.ts';
import { bernoulli } from '../bernoulli.ts';
import { blackmanWindow } from '../blackman-window.ts';
import type { OpDef } from '../define.ts';
import { dft } from '../dft.ts';
import { gridSample } from '../grid-sample.ts';
import { hammingWindow } from '../hamming-window.ts';
import { hannWindow } from '../hann-window.ts';
import { ifOp } from '../if.ts';
import { loop } from '../loop.ts';
import { maxRoiPool } from '../max-roi-pool.ts';
import { melWeightMatrix } from '../mel-weight-matrix.ts';
import { multinomial } from '../multinomial.ts';
import { randomNormalLike } from '../random-normal-like.ts';
import { randomNormal } from '../random-normal.ts';
import { randomUniformLike } from '../random-uniform-like.ts';
import { randomUniform } from '../random-uniform.ts';
import { resize } from '../resize.ts';
import { roiAlign } from '../roi-align.ts';
import { scan } from '../scan.ts';
import { stft } from '../stft.ts';

/** Sampling, transforms, random numbers and control flow. */
export const signals: readonly OpDef[] = [
  ...[resize, gridSample, affineGrid, roiAlign, maxRoiPool],
  ...[dft, stft, hannWindow, hammingWindow, blackmanWindow, melWeightMatrix],
  ...[randomNormal, randomNormalLike, randomUniform, randomUniformLike, bernoulli, multinomial],
  ...[ifOp, loop, scan, batchedScan],
];
