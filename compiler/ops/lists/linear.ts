import { conv } from '../conv.ts';
import type { OpDef } from '../define.ts';

/** Sums of products over windows and matrices, and pooling. */
export const linear: readonly OpDef[] = [conv];
