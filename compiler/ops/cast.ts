import { fail } from '../../src/base/diagnostics.ts';
import { formatNamed, formatOfCode, text, type Format } from '../formats/index.ts';
import type { Attrs } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { choice, flag, str } from './attrs.ts';
import { defineOp } from './define.ts';
import { castTensor, conversionOf } from './kit/convert.ts';
import { elementwiseWork } from './kit/elementwise.ts';

/** Before opset 6 the target was given by name. */
const codeOfName: Record<string, number> = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
};

/**
 * The format that the attribute `to` names.
 * @throws NetloomError NL1102 for element types netloom does not compute with
 */
export function targetFormat({ attributes }: NodeReader): Format {
  const given = attributes.type('to') === 'STRING' ? attributes.string('to')! : attributes.int('to');
  const code = typeof given === 'string' ? (codeOfName[given.toUpperCase()] ?? 0) : given;
  if (code === undefined)
    fail('NL1009', {
      message: 'attribute "to" is missing',
      cause: 'it names the element type of the result',
      fix: 'correct the node in the model',
    });
  return (
    formatOfCode(code) ??
    fail('NL1102', {
      message: `element type #${given ?? ''} is not supported`,
      cause: 'netloom has no format for it',
      fix: 'export the model with another element type',
    })
  );
}

const how = ({ attributes }: NodeReader): Attrs => ({
  saturate: (attributes.int('saturate') ?? 1) !== 0,
  roundMode: attributes.string('round_mode') ?? 'up',
});

const readCast = (node: NodeReader): ReadNode => ({ attrs: { to: targetFormat(node).name, ...how(node) } });

/** The second operand only lends its element type. */
function readCastLike(node: NodeReader): ReadNode {
  const [x, like] = node.inputs;
  return { inputs: [x!], attrs: { to: node.info(like!).format.name, ...how(node) } };
}

/** @throws NetloomError NL1106 where strings would have to be read or written */
function mustBeNumeric(from: Format, to: Format): void {
  if (from.name === to.name || (from !== text && to !== text)) return;
  fail('NL1106', {
    message: `Cast from ${from.name} to ${to.name} is not supported`,
    cause: 'netloom does not read numbers out of strings or write them into strings',
    fix: 'do this step outside the network',
  });
}

/** Conversion to another element type. */
export const cast = defineOp('cast', {
  doc: 'The elements in another format: floats round to nearest even, integers lose fraction and high bits.',
  onnx: [
    { type: 'Cast', attrs: ['to', 'saturate', 'round_mode'], read: readCast },
    { type: 'CastLike', since: 15, attrs: ['saturate', 'round_mode'], read: readCastLike },
  ],
  operands: ['x'],
  attrs: {
    to: str('format of the result, such as f16'),
    saturate: flag('numbers too large for an 8-bit float become its largest', true),
    roundMode: choice('which power of two f8e8m0 takes', ['up', 'down', 'nearest'], 'up'),
  },
  infer: ({ x }, { to }) => {
    const format = formatNamed(to);
    if (!format)
      return fail('NL1102', {
        message: `there is no format "${to}"`,
        cause: 'a cast names the format of its result',
        fix: 'use a name such as f32, i8 or bf16',
      });
    mustBeNumeric(x.format, format);
    return { format, shape: x.shape };
  },
  evaluate: ({ x }, { to, ...conversion }) => castTensor(x, formatNamed(to)!, conversion),
  work: ({ x }, { saturate, roundMode }, { out }) =>
    elementwiseWork({ x }, out[0]!, (e) => conversionOf(e, x.format, out[0]!.format, { saturate, roundMode })),
  examples: [
    { x: 'f32[5] 1.9 -1.9 0 300 -129', attrs: { to: 'i8' }, out: 'i8[5] 1 -1 0 44 127' },
    { x: 'i32[3] 200 -200 5', attrs: { to: 'i8' }, out: 'i8[3] -56 56 5' },
    { x: 'f32[3] 0 -0.5 nan', attrs: { to: 'bool' }, out: 'bool[3] 0 1 1' },
    { x: 'f32[3] 1.0009765625 65520 1', attrs: { to: 'f16' }, out: 'f16[3] 1.0009765625 inf 1' },
    { x: 'f32[4] 0.48 464 1000 -0.0009', attrs: { to: 'f8e4m3fn' }, out: 'f8e4m3fn[4] 0.46875 448 448 0' },
    { x: 'f32[4] 1 3 0.3 5', attrs: { to: 'f8e8m0' }, out: 'f8e8m0[4] 1 4 0.5 8' },
    { x: 'f32[4] 1 3 0.3 5', attrs: { to: 'f8e8m0', roundMode: 'nearest' }, out: 'f8e8m0[4] 1 4 0.25 4' },
    { x: 'f32[4] 1 3 0.3 5', attrs: { to: 'f8e8m0', roundMode: 'down' }, out: 'f8e8m0[4] 1 2 0.25 4' },
    { x: 'f32[5] 0.25 0.75 5 9 -2.5', attrs: { to: 'f4e2m1' }, out: 'f4e2m1[5] 0 1 4 6 -2' },
    { x: 'i64[2] 16777217 -4', attrs: { to: 'f32' }, out: 'f32[2] 16777216 -4' },
    { x: 'f32[3] -9 7.5 15', attrs: { to: 'i4' }, out: 'i4[3] 7 7 -1' },
    { x: 'u8[2] 7 2', attrs: { to: 'u2' }, out: 'u2[2] 3 2' },
  ],
});
