import { at, axisLoops, call, nest, read, work } from '../../hw-models/work/build.ts';
import type { Scalar } from '../../hw-models/work/types.ts';
import { f32, f64, formatNamed, type Format } from '../formats/index.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { allocate, numbers, sizeOf, tensor, type NumberData } from '../tensor/tensor.ts';
import { int, optionalStr } from './attrs.ts';
import { defineOp } from './define.ts';
import { mustBe, sameFormats } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { eachScaled, granularityOf, sameShape, scaleAccess } from './kit/granularity.ts';
import { roundedTo } from './kit/precision.ts';
import { formatOfType } from './kit/type-code.ts';

function readDequantize(node: NodeReader): ReadNode {
  const { attributes } = node;
  const to = formatOfType(node, 'output_dtype');
  return {
    attrs: {
      axis: attributes.int('axis') ?? 1,
      blockSize: attributes.int('block_size') ?? 0,
      ...(to ? { to: to.name } : {}),
    },
  };
}

/** Products are rounded once to 32 bits before they enter a narrower format, as runtimes do. */
const stepFormat = (out: Format): Format => (out === f64 ? f64 : f32);

const numberOf = (step: Format, x: Scalar, scale: Scalar, zero: Scalar | undefined): Scalar =>
  roundedTo(step, call('mul', roundedTo(step, zero ? call('sub', x, zero) : x), scale));

/** Codes of a narrow format as numbers again: per tensor, per position of an axis, or per block of an axis. */
export const dequantizeLinear = defineOp('dequantize-linear', {
  doc: '(x - zero point) * scale.',
  onnx: {
    type: 'DequantizeLinear',
    domains: ['', 'com.microsoft'],
    attrs: ['axis', 'block_size', 'output_dtype'],
    read: readDequantize,
  },
  operands: ['x', 'scale', 'zeroPoint?'],
  attrs: {
    axis: int('axis of a list of scales, or of blocks', 1),
    blockSize: int('elements of the axis that share a scale; 0 without blocks', 0),
    to: optionalStr('format of the result; that of the scale when absent'),
  },
  infer: ({ x, scale, zeroPoint }, { axis, blockSize, to }) => {
    mustBe('dequantize-linear', 'number', x, zeroPoint);
    sameFormats('dequantize-linear', x, zeroPoint);
    granularityOf(x, scale, axis, blockSize);
    sameShape(scale, zeroPoint);
    const format = to === undefined ? scale.format : formatNamed(to)!;
    mustBe('the result of dequantize-linear', 'float', { format, shape: [] });
    return { format, shape: x.shape };
  },
  evaluate: ({ x, scale, zeroPoint }, { axis, blockSize, to }) => {
    const format = to === undefined ? scale.format : formatNamed(to)!;
    const [values, scales] = [numbers(x), numbers(scale)];
    const zeros = zeroPoint && numbers(zeroPoint);
    const { round } = stepFormat(format);
    const data = allocate(format, sizeOf(x.shape)) as NumberData;
    eachScaled(x.shape, granularityOf(x, scale, axis, blockSize), (i, s) => {
      data[i] = format.round(round(round(values[i]! - (zeros ? zeros[s]! : 0)) * scales[s]!));
    });
    return tensor(format, x.shape, data);
  },
  work: ({ x, scale, zeroPoint }, { axis, blockSize }, { out }) => {
    const g = granularityOf(x, scale, axis, blockSize);
    const loops = axisLoops('i', x.shape);
    const here = loops.map((l) => l.name);
    return work(
      {
        x: operandOf(x),
        scale: operandOf(scale),
        ...(zeroPoint ? { zeroPoint: operandOf(zeroPoint) } : {}),
        out: operandOf(out[0]!, 'output'),
      },
      nest({
        loops,
        reads: [
          at('x', ...here),
          scaleAccess('scale', scale, loops, g),
          ...(zeroPoint ? [scaleAccess('zeroPoint', zeroPoint, loops, g)] : []),
        ],
        write: at('out', ...here),
        compute: numberOf(stepFormat(out[0]!.format), read(0), read(1), zeroPoint ? read(2) : undefined),
      }),
    );
  },
  examples: [
    { x: 'u8[4] 0 3 128 255', scale: 'f32[] 2', zeroPoint: 'u8[] 128', out: 'f32[4] -256 -250 0 254' },
    { x: 'i8[1,2,2] 1 2 3 4', scale: 'f32[2] 1 0.5', zeroPoint: 'i8[2] 0 1', out: 'f32[1,2,2] 1 2 1 1.5' },
    {
      x: 'i4[3,2] 1 2 3 4 5 6',
      scale: 'f16[2,2] 1 2 4 8',
      attrs: { axis: 0, blockSize: 2 },
      out: 'f16[3,2] 1 4 3 8 20 48',
    },
    { x: 'f8e4m3fn[2] 0.5 -448', scale: 'f32[] 2', out: 'f32[2] 1 -896' },
    { x: 'u8[2] 0 255', scale: 'f32[] 0.5', attrs: { to: 'bf16' }, out: 'bf16[2] 0 127.5' },
    { x: 'f4e2m1[2] 6 -0.5', scale: 'f8e8m0[1] 4', attrs: { axis: 0, blockSize: 2, to: 'f32' }, out: 'f32[2] 24 -2' },
  ],
});
