import type { OpDef } from '../define.ts';

/** Reductions, normalisation, softmax, attention and recurrent cells. */
export const networks: readonly OpDef[] = [];
