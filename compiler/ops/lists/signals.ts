import type { OpDef } from '../define.ts';

/** Sampling, transforms, random numbers and control flow. */
export const signals: readonly OpDef[] = [];
