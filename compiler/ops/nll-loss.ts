import { work } from '../../hw-models/work/build.ts';
import { numbers } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { lossAttrs, lossNests, lossOf, lossType } from './kit/loss.ts';

/** Minus the logarithm of the probability of the right class, weighted by class. */
export const nllLoss = defineOp('nll-loss', {
  doc: 'Negative log-likelihood of given classes under log-probabilities.',
  onnx: { type: 'NegativeLogLikelihoodLoss', since: 12 },
  operands: ['x', 'target', 'weight?'],
  attrs: lossAttrs,
  infer: ({ x, target, weight }, attrs) => lossType(x, target, weight, attrs),
  evaluate: ({ x, target, weight }, attrs) => lossOf(x, numbers(x), target, weight, attrs),
  work: ({ x, target, weight }, attrs, { out }) => {
    const { operands, steps } = lossNests('x', x, target, weight, attrs);
    return work(
      {
        x: operandOf(x),
        target: operandOf(target),
        ...(weight ? { weight: operandOf(weight) } : {}),
        ...operands,
        out: operandOf(out[0]!, 'output'),
      },
      ...steps,
    );
  },
  examples: [
    {
      x: 'f32[2,3,2] 1 2 2 2 3 2 0 1 2 2 1 2',
      target: 'i64[2,2] 2 1 0 2',
      attrs: { reduction: 'none' },
      out: 'f32[2,2] -3 -2 0 -2',
    },
    {
      x: 'f32[2,3,2] 1 2 2 2 3 2 0 1 2 2 1 2',
      target: 'i64[2,2] 2 1 0 2',
      weight: 'f32[3] 0.2 0.3 0.1',
      out: 'f32[] -1.5714285714285714',
    },
    { x: 'f32[2,3] ~1', target: 'i32[2] 2 -7', attrs: { ignoreIndex: -7 } },
    { x: 'f32[2,3] ~1', target: 'i32[2] 2 1', attrs: { reduction: 'sum' } },
  ],
});
