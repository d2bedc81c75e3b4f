import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Rectified linear unit that starts at a threshold. */
export const thresholdedRelu = unaryOp('thresholded-relu', {
  doc: 'x where x > alpha, else 0.',
  onnx: { type: 'ThresholdedRelu' },
  accepts: 'float',
  attrs: { alpha: float('threshold', 1) },
  evaluate: (x, { alpha }) => (x > alpha ? x : 0),
  point: (x, { alpha }) => call('select', call('gt', x, alpha), x, 0),
  examples: [
    { x: 'f32[4] -1.5 0 1.2 2.2', out: 'f32[4] 0 0 1.2 2.2' },
    { x: 'f32[3] 1 2 3', attrs: { alpha: 2 }, out: 'f32[3] 0 0 3' },
  ],
});
