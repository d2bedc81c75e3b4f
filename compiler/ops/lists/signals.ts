import { affineGrid } from '../affine-grid.ts';
import { batchedScan } from '../batched-scan.ts';
import { blackmanWindow } from '../blackman-window.ts';
import type { OpDef } from '../define.ts';
import { dft } from '../dft.ts';
import { gridSample } from '../grid-sample.ts';
import { hammingWindow } from '../hamming-window.ts';
import { hannWindow } from '../hann-window.ts';
import { ifOp } from '../if.ts';
import { loop } from '../loop.ts';
import { melWeightMatrix } from '../mel-weight-matrix.ts';
import { resize } from '../resize.ts';
import { scan } from '../scan.ts';
import { stft } from '../stft.ts';

/** Sampling, transforms, random numbers and control flow. */
export const signals: readonly OpDef[] = [
  ...[resize, gridSample, affineGrid],
  ...[dft, stft],
  ...[hannWindow, hammingWindow, blackmanWindow, melWeightMatrix],
  ...[ifOp, loop, scan, batchedScan],
];
