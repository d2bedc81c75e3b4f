import { call, value } from '../../hw-models/work/build.ts';
import { flag } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';

/** Finds infinities of the wanted signs. */
export const isInf = unaryOp('is-inf', {
  doc: 'Whether x is infinite.',
  onnx: { type: 'IsInf', since: 10 },
  accepts: 'float',
  attrs: { detectNegative: flag('find -infinity', true), detectPositive: flag('find +infinity', true) },
  gives: 'bool',
  evaluate: (x, { detectNegative, detectPositive }) =>
    (x === Infinity && detectPositive) || (x === -Infinity && detectNegative) ? 1 : 0,
  point: (x, { detectNegative, detectPositive }) => {
    if (detectNegative && detectPositive) return call('isinf', x);
    if (detectPositive) return call('eq', x, Infinity);
    return detectNegative ? call('eq', x, -Infinity) : value(0);
  },
  examples: [
    { x: 'f32[4] 1 nan inf -inf', out: 'bool[4] 0 0 1 1' },
    { x: 'f32[4] 1 nan inf -inf', attrs: { detectNegative: false }, out: 'bool[4] 0 0 1 0' },
    { x: 'f32[4] 1 nan inf -inf', attrs: { detectPositive: false }, out: 'bool[4] 0 0 0 1' },
    { x: 'f32[2] inf -inf', attrs: { detectPositive: false, detectNegative: false }, out: 'bool[2] 0 0' },
  ],
});
