import { blackmanWindow } from '../blackman-window.ts';
import type { OpDef } from '../define.ts';
import { hammingWindow } from '../hamming-window.ts';
import { hannWindow } from '../hann-window.ts';
import { melWeightMatrix } from '../mel-weight-matrix.ts';
import { resize } from '../resize.ts';

/** Sampling, transforms, random numbers and control flow. */
export const signals: readonly OpDef[] = [resize, hannWindow, hammingWindow, blackmanWindow, melWeightMatrix];
