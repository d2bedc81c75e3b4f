import { work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { f32, f64, type Format } from '../formats/index.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, type Tensor } from '../tensor/tensor.ts';
import { optionalFloat, optionalInt, strings } from './attrs.ts';
import { defineOp, type EvaluateContext } from './define.ts';
import { attentionSizes, type AttentionAttrs } from './kit/attention.ts';
import { attentionNests } from './kit/attention-work.ts';
import { runAttention } from './kit/attention-run.ts';
import { floatOfCode } from './kit/stash.ts';
import { softmaxOf } from './softmax.ts';

const modifiers = ['score_mod', 'prob_mod'] as const;
type Modifier = (typeof modifiers)[number];

/** An attention without heads in packed axes, masks or limits. */
const plain = (scale: number | undefined): AttentionAttrs => ({
  isCausal: false,
  softcap: 0,
  leftWindowSize: -1,
  rightWindowSize: -1,
  ...(scale === undefined ? {} : { scale }),
});

const precisionOf = (q: Format, code: number | undefined): Format =>
  code !== undefined ? floatOfCode(code, 'softmax_precision') : q === f64 ? f64 : f32;

/**
 * Attention whose scores and probabilities pass through graphs of the model's own: softmax(score_mod(Q K^T * scale)),
 * then prob_mod, then V (ai.onnx.preview). The work is that of the attention; the bodies are priced op by op.
 */
export const flexAttention = defineOp('flex-attention', {
  doc: 'Attention with subgraphs that change scores and probabilities.',
  onnx: {
    type: 'FlexAttention',
    domains: ['ai.onnx.preview'],
    attrs: ['scale', 'softmax_precision', ...modifiers],
    read: ({ attributes: a }) => {
      const [scale, softmaxPrecision] = [a.float('scale'), a.int('softmax_precision')];
      const bodies = [...a.names].filter((name) => (modifiers as readonly string[]).includes(name));
      return {
        attrs: {
          bodies,
          ...(scale === undefined ? {} : { scale }),
          ...(softmaxPrecision === undefined ? {} : { softmaxPrecision }),
        },
      };
    },
  },
  // What the subgraphs take from outside follows the three.
  operands: ['q', 'k', 'v', 'captured...'],
  attrs: {
    scale: optionalFloat('factor of the scores; 1 / sqrt(width) when absent'),
    softmaxPrecision: optionalInt('ONNX type code of scores and probabilities; f32 when absent, f64 for f64 operands'),
    bodies: strings('what the subgraphs are, in their order: score_mod, prob_mod', []),
  },
  bodyInputs: ({ q, k, v }, { scale, softmaxPrecision }) => {
    const s = attentionSizes({ q, k, v }, plain(scale));
    return [{ format: precisionOf(q.format, softmaxPrecision), shape: [s.batch, s.heads, s.queries, s.total] }];
  },
  infer: ({ q, k, v }, { scale, softmaxPrecision, bodies }, context) => {
    if (q.shape.length !== 4)
      fail('NL1014', {
        message: 'FlexAttention needs four axes',
        cause: `Q has shape ${showShape(q.shape)}`,
        fix: 'correct the model',
      });
    precisionOf(q.format, softmaxPrecision);
    const s = attentionSizes({ q, k, v }, plain(scale));
    context.bodies.forEach((body, i) => {
      if (body.inputs.length < 1 || body.outputs.length !== 1)
        fail('NL1013', {
          message: `${bodies[i] ?? 'a subgraph'} of FlexAttention has the wrong number of inputs or outputs`,
          cause: `it has ${body.inputs.length} and ${body.outputs.length}; one of each is needed`,
          fix: 'correct the model',
        });
    });
    return { format: q.format, shape: [s.batch, s.heads, s.queries, s.valueWidth] };
  },
  evaluate: ({ q, k, v, captured }, { scale, softmaxPrecision, bodies }, context) => {
    const s = attentionSizes({ q, k, v }, plain(scale));
    const precision = precisionOf(q.format, softmaxPrecision);
    const modify = modifierOf(bodies, captured, context);
    const raw = new Float64Array(s.batch * s.heads * s.queries * s.total);
    runAttention({ q, k, v }, plain(scale), s, k, v, {
      precision,
      observe: (stage, offset, row) => void (stage === 'product' && raw.set(row, offset)),
    });
    const shape = [s.batch, s.heads, s.queries, s.total];
    const scores = modify(
      'score_mod',
      build(precision, shape, (i) => raw[i]!),
    );
    const soft = softmaxOf(numbers(scores), shape, -1);
    const weights = numbers(
      modify(
        'prob_mod',
        build(precision, shape, (i) => soft[i]!),
      ),
    );
    const values = numbers(v);
    return build(q.format, [s.batch, s.heads, s.queries, s.valueWidth], (i) => {
      const e = i % s.valueWidth;
      const row = Math.floor(i / s.valueWidth);
      const head = Math.floor(row / s.queries);
      const kv = Math.floor(head / s.heads) * s.kvHeads + Math.floor((head % s.heads) / s.share);
      let sum = 0;
      for (let t = 0; t < s.total; t++)
        sum += weights[row * s.total + t]! * values[(kv * s.total + t) * s.valueWidth + e]!;
      return sum;
    });
  },
  work: ({ q, k, v }, { scale }, { out }) => {
    const nests = attentionNests({
      operands: { q, k, v },
      attrs: plain(scale),
      sizes: attentionSizes({ q, k, v }, plain(scale)),
      out,
      wanted: [true],
      shown: 'product',
    });
    return work(nests.operands, ...nests.steps);
  },
  examples: [
    { q: 'f32[1,1,1,1] 1', k: 'f32[1,1,2,1] 0 0', v: 'f32[1,1,2,1] 2 4', captured: [], out: 'f32[1,1,1,1] 3' },
    { q: 'f32[2,4,3,2] ~1', k: 'f32[2,2,5,2] ~2', v: 'f32[2,2,5,3] ~3', captured: [], attrs: { scale: 0.5 } },
  ],
});

function modifierOf(
  names: readonly string[],
  captured: readonly Tensor[],
  context: EvaluateContext,
): (which: Modifier, x: Tensor) => Tensor {
  return (which, x) => {
    const body = context.bodies[names.indexOf(which)];
    if (!body) return x;
    // A body takes the tensor, then everything captured by any of the node's bodies, as far as it declares them.
    return context.run(body, [x, ...captured].slice(0, body.inputs.length))[0]!;
  };
}
