import { call } from '../../hw-models/work/build.ts';
import { unaryOp } from './kit/elementwise.ts';
import { clampOf } from './kit/expressions.ts';

/** x times a hard sigmoid (Howard et al. 2019, arXiv:1905.02244). Exporters also write it before opset 14. */
export const hardSwish = unaryOp('hard-swish', {
  doc: 'x * min(max(x / 6 + 0.5, 0), 1), element by element.',
  // The attributes are constants of its integer form on the PULP platform; float networks still carry them.
  onnx: { type: 'HardSwish', attrs: ['one_over_six', 'six', 'three'] },
  accepts: 'float',
  evaluate: (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  point: (x) => call('mul', x, clampOf(call('add', call('mul', x, 1 / 6), 0.5), 0, 1)),
  examples: [{ x: 'f32[4] -4 -1 1 4', out: 'f32[4] 0 -0.33333334 0.6666667 4' }],
});
