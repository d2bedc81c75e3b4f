import { work } from '../../hw-models/work/build.ts';
import { build, numbers } from '../tensor/tensor.ts';
import { choice, float, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { linearAttentionSizes } from './kit/linear-attention.ts';
import { linearAttentionNests } from './kit/linear-attention-work.ts';

/**
 * Attention as a recurrence over a matrix S per key/value head (opset 27): S decays by exp(g), takes in k (x) v (rules
 * with `delta`: k (x) beta (v - S^T k)), and is read by out = scale * S^T q. State and sums are kept in f32 or better.
 */
export const linearAttention = defineOp('linear-attention', {
  doc: 'Linear attention: a recurrent state per head, updated by each key and value and read by each query.',
  onnx: {
    type: 'LinearAttention',
    attrs: ['chunk_size', 'q_num_heads', 'kv_num_heads', 'scale', 'update_rule'],
    read: ({ attributes: a }) => ({
      attrs: {
        qNumHeads: a.int('q_num_heads') ?? 0,
        kvNumHeads: a.int('kv_num_heads') ?? 0,
        scale: a.float('scale') ?? 0,
        updateRule: a.string('update_rule') ?? 'gated_delta',
      },
    }),
  },
  operands: ['q', 'k', 'v', 'pastState?', 'decay?', 'beta?'],
  outputs: ['out', 'state?'],
  attrs: {
    qNumHeads: int('query heads'),
    kvNumHeads: int('key and value heads'),
    scale: float('factor of the result; 1 / sqrt(width) when 0', 0),
    updateRule: choice('how the state changes', ['linear', 'gated', 'delta', 'gated_delta'], 'gated_delta'),
  },
  infer: (o, attrs) => {
    const s = linearAttentionSizes(o, attrs);
    return [
      { format: o.q.format, shape: [s.batch, s.time, s.heads * s.valueWidth] },
      { format: o.pastState?.format ?? o.q.format, shape: [s.batch, s.kvHeads, s.width, s.valueWidth] },
    ];
  },
  evaluate: (o, attrs) => {
    const s = linearAttentionSizes(o, attrs);
    const { batch, time, heads, kvHeads, share, width, valueWidth } = s;
    const [q, k, v] = [numbers(o.q), numbers(o.k), numbers(o.v)];
    const [decay, beta] = [o.decay && numbers(o.decay), o.beta && numbers(o.beta)];
    const state = o.pastState
      ? Float64Array.from(numbers(o.pastState))
      : new Float64Array(batch * kvHeads * width * valueWidth);
    const out = new Float64Array(batch * time * heads * valueWidth);
    const change = new Float64Array(valueWidth);
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < time; t++) {
        const row = b * time + t;
        for (let g = 0; g < kvHeads; g++) {
          const [key, own] = [(row * kvHeads + g) * width, (b * kvHeads + g) * width * valueWidth];
          if (decay)
            for (let d = 0; d < width; d++) {
              const factor = Math.exp(decay[s.decayPerElement ? key + d : row * kvHeads + g]!);
              for (let e = 0; e < valueWidth; e++) state[own + d * valueWidth + e]! *= factor;
            }
          for (let e = 0; e < valueWidth; e++) {
            change[e] = v[(row * kvHeads + g) * valueWidth + e]!;
            if (!beta) continue;
            for (let d = 0; d < width; d++) change[e]! -= state[own + d * valueWidth + e]! * k[key + d]!;
            change[e]! *= beta[s.betaPerHead ? row * kvHeads + g : row]!;
          }
          for (let d = 0; d < width; d++)
            for (let e = 0; e < valueWidth; e++) state[own + d * valueWidth + e]! += k[key + d]! * change[e]!;
          for (let h = g * share; h < (g + 1) * share; h++) {
            for (let e = 0; e < valueWidth; e++) {
              let sum = 0;
              for (let d = 0; d < width; d++)
                sum += q[(row * heads + h) * width + d]! * state[own + d * valueWidth + e]!;
              out[(row * heads + h) * valueWidth + e] = sum * s.scale;
            }
          }
        }
      }
    }
    return [
      build(o.q.format, [batch, time, heads * valueWidth], (i) => out[i]!),
      build(o.pastState?.format ?? o.q.format, [batch, kvHeads, width, valueWidth], (i) => state[i]!),
    ];
  },
  work: (o, attrs, { out, wanted }) => {
    const { operands, steps } = linearAttentionNests(o, linearAttentionSizes(o, attrs), out, wanted[1] ?? false);
    return work(operands, ...steps);
  },
  examples: [
    {
      q: 'f32[1,2,1] 1 1',
      k: 'f32[1,2,1] 1 2',
      v: 'f32[1,2,1] 3 4',
      attrs: { qNumHeads: 1, kvNumHeads: 1, updateRule: 'linear' },
      out: 'f32[1,2,1] 3 11',
      state: 'f32[1,1,1,1] 11',
    },
    {
      q: 'f32[2,3,8] ~1',
      k: 'f32[2,3,4] ~2',
      v: 'f32[2,3,6] ~3',
      pastState: 'f32[2,2,2,3] ~4',
      decay: 'f32[2,3,4] ~5',
      beta: 'f32[2,3,1] ~6',
      attrs: { qNumHeads: 4, kvNumHeads: 2 },
    },
    {
      q: 'f32[1,3,4] ~1',
      k: 'f32[1,3,4] ~2',
      v: 'f32[1,3,4] ~3',
      decay: 'f32[1,3,2] ~5',
      attrs: { qNumHeads: 2, kvNumHeads: 2, updateRule: 'gated', scale: 2 },
    },
    {
      q: 'f32[1,3,4] ~1',
      k: 'f32[1,3,4] ~2',
      v: 'f32[1,3,4] ~3',
      beta: 'f32[1,3,2] ~5',
      attrs: { qNumHeads: 2, kvNumHeads: 2, updateRule: 'delta' },
    },
  ],
});
