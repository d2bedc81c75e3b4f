import { call } from '../../hw-models/work/build.ts';
import { float } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Soft or hard shrinkage towards 0. */
export const shrink = unaryOp('shrink', {
  doc: 'x + bias below -lambd, x - bias above lambd, 0 between.',
  onnx: { type: 'Shrink', since: 9 },
  attrs: { bias: float('how far values move towards 0', 0), lambd: float('half the width of the gap', 0.5) },
  evaluate: (x, { bias, lambd }) => (x < -lambd ? x + bias : x > lambd ? x - bias : 0),
  point: (x, { bias, lambd }) => {
    const above = call('select', call('gt', x, lambd), call('sub', x, bias), 0);
    return call('select', call('lt', x, -lambd), call('add', x, bias), above);
  },
  examples: [
    { x: 'f32[5] -2 -1 0 1 2', attrs: { lambd: 1.5 }, out: 'f32[5] -2 0 0 0 2' },
    { x: 'f32[5] -2 -1 0 1 2', attrs: { lambd: 1.5, bias: 1.5 }, out: 'f32[5] -0.5 0 0 0 0.5' },
  ],
});
