import { call } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { isInt } from '../formats/index.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { binaryOp } from './kit/elementwise.ts';
import { legacyBroadcast } from './kit/legacy-broadcast.ts';

/** Constants of an integer division of the PULP platform, which its float networks still carry. */
const integerNames = ['Delta', 'eps', 'eta'];

/** @throws NetloomError NL1106 for integers with such constants: that division is another operator under this name */
function readDiv(node: NodeReader): ReadNode {
  const isScaled = integerNames.some((name) => node.attributes.has(name));
  if (isScaled && isInt(node.info(node.inputs[0]!).format)) {
    fail('NL1106', {
      message: 'Div of integers with the attributes Delta, eps and eta is not supported',
      cause: 'it is a scaled division of an integer dialect; on floats the attributes change nothing',
      fix: 'export the division as Mul, Div and Round',
    });
  }
  return legacyBroadcast(node);
}

/** Element-wise quotient. Integers truncate towards 0; division of an integer by 0 gives 0. */
export const div = binaryOp('div', {
  doc: 'a / b with broadcasting; integers truncate.',
  onnx: { type: 'Div', attrs: ['axis', 'broadcast', 'consumed_inputs', ...integerNames], read: readDiv },
  evaluate: (a, b, _, format) => (isInt(format) ? (b === 0 ? 0 : Math.trunc(a / b)) : a / b),
  big: (a, b) => (b === 0n ? 0n : a / b),
  point: (a, b, _, format) => {
    if (!isInt(format)) return call('div', a, b);
    return call('select', call('eq', b, 0), 0, call('trunc', call('div', a, b)));
  },
  examples: [
    { a: 'f32[3] 1 2 -3', b: 'f32[] 2', out: 'f32[3] 0.5 1 -1.5' },
    { a: 'i32[4] 7 -7 7 5', b: 'i32[4] 2 2 -2 0', out: 'i32[4] 3 -3 -3 0' },
    { a: 'i64[2] -7 4503599627370497', b: 'i64[1] 3', out: 'i64[2] -2 1501199875790165' },
    { a: 'f32[1] 1', b: 'f32[1] 0', out: 'f32[1] inf' },
  ],
});
