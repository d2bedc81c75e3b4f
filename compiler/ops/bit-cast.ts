import { fail } from '../../src/base/diagnostics.ts';
import { formatNamed, text } from '../formats/index.ts';
import { codesOf, tensorOfCodes } from '../tensor/bits.ts';
import { str } from './attrs.ts';
import { targetFormat } from './cast.ts';
import { defineOp } from './define.ts';

/** The same bits read as another element type of the same width. */
export const bitCast = defineOp('bit-cast', {
  doc: 'The bits of x read as another format of the same width.',
  onnx: { type: 'BitCast', since: 26, attrs: ['to'], read: (node) => ({ attrs: { to: targetFormat(node).name } }) },
  operands: ['x'],
  attrs: { to: str('format of the result, such as i32') },
  infer: ({ x }, { to }) => {
    const format = formatNamed(to);
    if (!format || format === text || x.format === text || format.bits !== x.format.bits) {
      return fail('NL1015', {
        message: `the bits of ${x.format.name} cannot be read as ${to}`,
        cause: `${x.format.name} has ${x.format.bits} bits, ${to} has ${format?.bits ?? 'none'}; strings have no bits`,
        fix: 'use a format of the same width, or Cast',
      });
    }
    return { format, shape: x.shape };
  },
  evaluate: ({ x }, { to }) => tensorOfCodes(formatNamed(to)!, x.shape, codesOf(x)),
  work: () => ({
    operands: {},
    steps: [
      {
        kind: 'procedure',
        why: 'nothing is computed or moved: the same bits are read as another format',
        counts: {},
        reads: {},
        writes: {},
      },
    ],
  }),
  examples: [
    { x: 'f32[3] 1 -2 0', attrs: { to: 'i32' }, out: 'i32[3] 1065353216 -1073741824 0' },
    { x: 'u32[2] 1065353216 3221225472', attrs: { to: 'f32' }, out: 'f32[2] 1 -2' },
    { x: 'f16[2] 1 -2', attrs: { to: 'u16' }, out: 'u16[2] 15360 49152' },
    { x: 'u16[2] 15360 16256', attrs: { to: 'bf16' }, out: 'bf16[2] 0.0078125 1' },
    { x: 'i8[2] -1 5', attrs: { to: 'u8' }, out: 'u8[2] 255 5' },
    { x: 'i4[2] -1 5', attrs: { to: 'u4' }, out: 'u4[2] 15 5' },
    { x: 'f64[1] 1', attrs: { to: 'i64' }, out: 'i64[1] 4607182418800017408' },
  ],
});
