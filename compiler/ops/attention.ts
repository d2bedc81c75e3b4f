import { work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { build } from '../tensor/tensor.ts';
import { flag, float, int, optionalFloat, optionalInt } from './attrs.ts';
import { defineOp } from './define.ts';
import { attentionSizes } from './kit/attention.ts';
import { presentOf, runAttention, type Stage } from './kit/attention-run.ts';
import { attentionNests } from './kit/attention-work.ts';
import { fusedAttentionForms } from './kit/fused-attention.ts';
import { floatOfCode } from './kit/stash.ts';

const stages: readonly Stage[] = ['product', 'capped', 'masked', 'weights'];

function stageOf(mode: number): Stage {
  return (
    stages[mode] ??
    fail('NL1009', {
      message: `attribute "qk_matmul_output_mode" is ${mode}`,
      cause: 'it can be 0, 1, 2 or 3',
      fix: 'correct the node in the model',
    })
  );
}

/**
 * softmax(softcap(Q K^T * scale) + mask) V per head (ONNX Attention, opset 23 to 25). Groups of query heads may share a
 * key/value head. Operands are [batch, heads, sequence, width] or [batch, sequence, heads * width].
 */
export const attention = defineOp('attention', {
  doc: 'Scaled dot-product attention with masks, key/value cache, causal and window limits, and shared key/value heads.',
  onnx: [{ type: 'Attention', since: 23 }, ...fusedAttentionForms],
  operands: ['q', 'k', 'v', 'mask?', 'pastKey?', 'pastValue?', 'validLengths?'],
  outputs: ['out', 'presentKey?', 'presentValue?', 'scores?'],
  attrs: {
    qNumHeads: optionalInt('query heads of operands with three axes'),
    kvNumHeads: optionalInt('key and value heads of operands with three axes'),
    scale: optionalFloat('factor of the scores; 1 / sqrt(width) when absent'),
    isCausal: flag('a query sees keys up to its own position only', false),
    softcap: float('scores are kept in (-softcap, softcap) by a tanh; 0 for none', 0),
    softmaxPrecision: optionalInt('ONNX type code of the softmax; that of Q when absent'),
    qkMatmulOutputMode: int(
      'stage shown by the fourth output: 0 product, 1 after softcap, 2 after mask, 3 after softmax',
      0,
    ),
    leftWindowSize: int('keys before its own position that a query sees; -1 for all', -1),
    rightWindowSize: int('keys after its own position that a query sees; -1 for all', -1),
  },
  infer: (o, attrs) => {
    const s = attentionSizes(o, attrs);
    stageOf(attrs.qkMatmulOutputMode);
    if (attrs.softmaxPrecision !== undefined) floatOfCode(attrs.softmaxPrecision, 'softmax_precision');
    return [
      {
        format: o.q.format,
        shape: s.packed ? [s.batch, s.queries, s.heads * s.valueWidth] : [s.batch, s.heads, s.queries, s.valueWidth],
      },
      { format: o.k.format, shape: [s.batch, s.kvHeads, s.total, s.width] },
      { format: o.v.format, shape: [s.batch, s.kvHeads, s.total, s.valueWidth] },
      { format: o.q.format, shape: [s.batch, s.heads, s.queries, s.total] },
    ];
  },
  evaluate: (o, attrs) => {
    const s = attentionSizes(o, attrs);
    const shown = stageOf(attrs.qkMatmulOutputMode);
    const presentKey = presentOf(o.pastKey, o.k, s, s.width);
    const presentValue = presentOf(o.pastValue, o.v, s, s.valueWidth);
    const scores = new Float64Array(s.batch * s.heads * s.queries * s.total);
    const result = runAttention(o, attrs, s, presentKey, presentValue, {
      precision:
        attrs.softmaxPrecision === undefined ? o.q.format : floatOfCode(attrs.softmaxPrecision, 'softmax_precision'),
      observe: (stage, offset, row) => {
        if (stage === shown) scores.set(row, offset);
      },
    });
    const shape = s.packed ? [s.batch, s.queries, s.heads * s.valueWidth] : [s.batch, s.heads, s.queries, s.valueWidth];
    return [
      build(o.q.format, shape, (i) => result[i]!),
      presentKey,
      presentValue,
      build(o.q.format, [s.batch, s.heads, s.queries, s.total], (i) => scores[i]!),
    ];
  },
  work: (o, attrs, { out, wanted }) => {
    const { operands, steps } = attentionNests({
      operands: o,
      attrs,
      sizes: attentionSizes(o, attrs),
      out,
      wanted,
      shown: stageOf(attrs.qkMatmulOutputMode),
    });
    return work(operands, ...steps);
  },
  examples: [
    {
      q: 'f32[1,1,1,1] 1',
      k: 'f32[1,1,2,1] 0 0',
      v: 'f32[1,1,2,1] 2 4',
      attrs: { qkMatmulOutputMode: 3 },
      out: 'f32[1,1,1,1] 3',
      presentKey: 'f32[1,1,2,1] 0 0',
      scores: 'f32[1,1,1,2] 0.5 0.5',
    },
    {
      q: 'f32[2,4,3,2] ~1',
      k: 'f32[2,2,5,2] ~2',
      v: 'f32[2,2,5,3] ~3',
      mask: 'f32[3,4] ~4',
      attrs: { softcap: 1.5, scale: 0.7, qkMatmulOutputMode: 1 },
    },
    {
      q: 'f32[2,3,8] ~1',
      k: 'f32[2,2,4] ~2',
      v: 'f32[2,2,6] ~3',
      pastKey: 'f32[2,2,3,2] ~4',
      pastValue: 'f32[2,2,3,3] ~5',
      attrs: { qNumHeads: 4, kvNumHeads: 2, isCausal: true },
    },
    {
      q: 'f32[2,2,4,2] ~1',
      k: 'f32[2,2,5,2] ~2',
      v: 'f32[2,2,5,2] ~3',
      validLengths: 'i64[2] 2 5',
      mask: 'bool[2,4,5] ~9',
      attrs: { isCausal: true, qkMatmulOutputMode: 2 },
    },
    {
      q: 'f32[1,2,4,2] ~1',
      k: 'f32[1,2,6,2] ~2',
      v: 'f32[1,2,6,2] ~3',
      attrs: { leftWindowSize: 1, rightWindowSize: 1 },
    },
    {
      q: 'f32[1,1,2,2] ~1',
      k: 'f32[1,1,2,2] ~2',
      v: 'f32[1,1,2,2] ~3',
      mask: 'bool[2,2] 0 0 1 0',
      attrs: { qkMatmulOutputMode: 3 },
    },
    { q: 'f16[1,1,2,4] ~1', k: 'f16[1,1,3,4] ~2', v: 'f16[1,1,3,4] ~3', attrs: { softmaxPrecision: 1 } },
  ],
});
