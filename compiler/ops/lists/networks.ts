import type { OpDef } from '../define.ts';
import { argMax } from '../arg-max.ts';
import { argMin } from '../arg-min.ts';
import { attention } from '../attention.ts';
import { batchNorm } from '../batch-norm.ts';
import { cumProd } from '../cum-prod.ts';
import { cumSum } from '../cum-sum.ts';
import { det } from '../det.ts';
import { embedLayerNorm } from '../embed-layer-norm.ts';
import { flexAttention } from '../flex-attention.ts';
import { groupNorm } from '../group-norm.ts';
import { gru } from '../gru.ts';
import { hardmax } from '../hardmax.ts';
import { instanceNorm } from '../instance-norm.ts';
import { integerLayerNorm } from '../integer-layer-norm.ts';
import { integerMean } from '../integer-mean.ts';
import { itaMax } from '../ita-max.ts';
import { layerNorm } from '../layer-norm.ts';
import { linearAttention } from '../linear-attention.ts';
import { logSoftmax } from '../log-softmax.ts';
import { lpNorm } from '../lp-norm.ts';
import { lstm } from '../lstm.ts';
import { maskBias } from '../mask-bias.ts';
import { meanVarianceNorm } from '../mean-variance-norm.ts';
import { nllLoss } from '../nll-loss.ts';
import { qlinearSoftmax } from '../qlinear-softmax.ts';
import { reduceL1 } from '../reduce-l1.ts';
import { reduceL2 } from '../reduce-l2.ts';
import { reduceLogSumExp } from '../reduce-log-sum-exp.ts';
import { reduceLogSum } from '../reduce-log-sum.ts';
import { reduceMax } from '../reduce-max.ts';
import { reduceMean } from '../reduce-mean.ts';
import { reduceMin } from '../reduce-min.ts';
import { reduceProd } from '../reduce-prod.ts';
import { reduceSumSquare } from '../reduce-sum-square.ts';
import { reduceSum } from '../reduce-sum.ts';
import { rmsNorm } from '../rms-norm.ts';
import { rnn } from '../rnn.ts';
import { rotaryEmbedding } from '../rotary-embedding.ts';
import { skipLayerNorm } from '../skip-layer-norm.ts';
import { softmaxCrossEntropyLoss } from '../softmax-cross-entropy-loss.ts';
import { softmax } from '../softmax.ts';

/** Reductions, normalisation, softmax, attention and recurrent cells. */
export const networks: readonly OpDef[] = [
  ...[
    reduceSum,
    reduceMean,
    reduceMax,
    reduceMin,
    reduceProd,
    reduceL1,
    reduceL2,
    reduceSumSquare,
    reduceLogSum,
    reduceLogSumExp,
  ],
  ...[argMax, argMin, softmax, logSoftmax, hardmax, cumSum, cumProd],
  ...[batchNorm, instanceNorm, layerNorm, groupNorm, rmsNorm, lpNorm, meanVarianceNorm, det],
  ...[rnn, lstm, gru],
  ...[attention, maskBias, rotaryEmbedding, flexAttention, linearAttention],
  ...[nllLoss, softmaxCrossEntropyLoss],
  ...[integerLayerNorm, integerMean, itaMax, skipLayerNorm, qlinearSoftmax, embedLayerNorm],
];
