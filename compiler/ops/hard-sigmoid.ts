import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';
import { clampOf } from './kit/expressions.ts';

/** Straight-line sigmoid. */
export const hardSigmoid = unaryOp('hard-sigmoid', {
  doc: 'alpha * x + beta, held within [0, 1].',
  onnx: { type: 'HardSigmoid', attrs: ['consumed_inputs'] },
  accepts: 'float',
  attrs: { alpha: float('slope', Math.fround(0.2)), beta: float('value at 0', 0.5) },
  evaluate: (x, { alpha, beta }) => Math.max(0, Math.min(1, alpha * x + beta)),
  point: (x, { alpha, beta }) => clampOf(call('add', call('mul', alpha, x), beta), 0, 1),
  examples: [
    { x: 'f32[3] -1 0 1', attrs: { alpha: 0.5, beta: 0.6 }, out: 'f32[3] 0.1 0.6 1' },
    { x: 'f32[2] -5 1', out: 'f32[2] 0 0.7' },
  ],
});
