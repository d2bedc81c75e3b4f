import type { OpDef } from '../define.ts';
import { resize } from '../resize.ts';

/** Sampling, transforms, random numbers and control flow. */
export const signals: readonly OpDef[] = [resize];
