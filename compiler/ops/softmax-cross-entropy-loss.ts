import { call, nest, read, work } from '../../hw-models/work/build.ts';
import { build, numbers } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { lossAttrs, lossNests, lossOf, lossType } from './kit/loss.ts';
import { exponentialSteps, lineNests, softmaxScratch } from './kit/softmax.ts';
import { logSoftmaxOf } from './log-softmax.ts';

/** The negative log-likelihood of given classes under the softmax of scores. */
export const softmaxCrossEntropyLoss = defineOp('softmax-cross-entropy-loss', {
  doc: 'Cross entropy of the softmax of scores against given classes; also gives the log-probabilities.',
  onnx: { type: 'SoftmaxCrossEntropyLoss', since: 12 },
  operands: ['x', 'target', 'weight?'],
  outputs: ['out', 'logs?'],
  attrs: lossAttrs,
  infer: ({ x, target, weight }, attrs) => [lossType(x, target, weight, attrs), { format: x.format, shape: x.shape }],
  evaluate: ({ x, target, weight }, attrs) => {
    const logs = logSoftmaxOf(numbers(x), x.shape, 1);
    return [lossOf(x, logs, target, weight, attrs), build(x.format, x.shape, (i) => logs[i]!)];
  },
  work: ({ x, target, weight }, attrs, { out, wanted }) => {
    const n = lineNests(x.shape, 1);
    const { operands, steps } = lossNests('logs', x, target, weight, attrs);
    return work(
      {
        x: operandOf(x),
        target: operandOf(target),
        ...(weight ? { weight: operandOf(weight) } : {}),
        ...softmaxScratch(n, x.shape, x.format),
        logs: operandOf(out[1]!, wanted[1] ? 'output' : 'scratch'),
        ...operands,
        out: operandOf(out[0]!, 'output'),
      },
      ...exponentialSteps(n, 'x'),
      nest({
        loops: n.loops,
        reads: [n.all('x'), n.perLine('max'), n.perLine('sum')],
        write: n.all('logs'),
        compute: call('sub', call('sub', read(0), read(1)), call('log', read(2))),
      }),
      ...steps,
    );
  },
  examples: [
    {
      x: 'f32[1,2] 0 0',
      target: 'i64[1] 1',
      out: 'f32[] 0.6931471805599453',
      logs: 'f32[1,2] -0.6931471805599453 -0.6931471805599453',
    },
    { x: 'f32[2,3,2] ~1', target: 'i64[2,2] 2 1 0 9', weight: 'f32[3] 1 2 3', attrs: { ignoreIndex: 9 } },
    { x: 'f32[3,4] ~1', target: 'i32[3] 2 1 0', attrs: { reduction: 'none' } },
  ],
});
