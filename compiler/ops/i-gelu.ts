import { call } from '../../hw-models/work/build.ts';
import type { Scalar } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { float } from './attrs.ts';
import { numberAttribute } from './kit/dialect.ts';
import { unaryOp } from './kit/elementwise.ts';

function readIntegerGelu(node: NodeReader): ReadNode {
  const needed = (name: string): number =>
    numberAttribute(node, name) ??
    fail('NL1009', {
      message: `attribute "${name}" is missing`,
      cause: 'iGELU has no default for it',
      fix: 'export the model again',
    });
  return { attrs: { b: needed('b'), one: needed('one') } };
}

/** GELU of integer networks: its error function is a parabola up to -b, flat beyond (I-BERT, Kim et al. 2021, arXiv:2101.01321). */
export const iGelu = unaryOp('i-gelu', {
  doc: 'x * floor((one + L) / 2) with L = sign(x) * (one - (min(|x|, -b) + b)^2), on whole numbers.',
  onnx: {
    type: 'iGELU',
    domains: ['', 'PACTOps'],
    attrs: ['b', 'one', 'D', 'n_levels', 'totScaler', 'maxval'],
    read: readIntegerGelu,
  },
  attrs: { b: float('where the parabola ends, negated'), one: float('the number that stands for 1') },
  evaluate: (x, { b, one }) => {
    const q = Math.min(Math.abs(x), -b) + b;
    return x * Math.floor((one + Math.sign(x) * (one - q * q)) / 2);
  },
  point: (x, { b, one }) => {
    const q: Scalar = call('add', call('min', call('abs', x), -b), b);
    const l = call('mul', call('sign', x), call('sub', one, call('mul', q, q)));
    return call('mul', x, call('floor', call('mul', call('add', one, l), 0.5)));
  },
  examples: [
    { x: 'f32[5] 0 1 -1 40 -50', attrs: { b: -40, one: 1743 }, out: 'f32[5] 0 982 -760 69720 0' },
    { x: 'i32[2] 100 -20', attrs: { b: -40, one: 1743 }, out: 'i32[2] 174300 -4000' },
  ],
});
