import type { Pass } from '../ir/rewrite.ts';
import { canonicalConv } from './canonical-conv.ts';
import { canonicalMatmul } from './canonical-matmul.ts';
import { dropDead } from './drop-dead.ts';
import { dropNoOps } from './drop-no-ops.ts';
import { foldBn } from './fold-bn.ts';
import { foldConstants } from './fold-constants.ts';
import { fuseTails } from './fuse-tails.ts';
import { mergeReshapes } from './merge-reshapes.ts';
import { mergeTransposes } from './merge-transposes.ts';

/** Every pass that ships with netloom and needs no options. */
export const builtinPasses: readonly Pass[] = [
  dropDead,
  foldConstants,
  dropNoOps,
  mergeTransposes,
  mergeReshapes,
  canonicalMatmul,
  canonicalConv,
  foldBn,
  fuseTails,
];

/** What every model goes through first: nothing that a user's report should wonder about is left. */
export const importPipeline: readonly Pass[] = [dropDead, foldConstants, dropNoOps, mergeTransposes, mergeReshapes];

/** From the cleaned graph to kernels: one form per contraction, folded scales, fused tails. */
export const estimatePipeline: readonly Pass[] = [
  ...importPipeline,
  canonicalMatmul,
  canonicalConv,
  foldBn,
  canonicalMatmul,
  mergeTransposes,
  dropNoOps,
  fuseTails,
];

/** The orders that have a name on the command line. */
export const pipelines: Readonly<Record<string, readonly Pass[]>> = {
  import: importPipeline,
  estimate: estimatePipeline,
};

export const passNamed = (name: string): Pass | undefined => builtinPasses.find((p) => p.name === name);
