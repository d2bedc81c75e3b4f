import { at, axisLoops, call, nest, read, work } from '../../hw-models/work/build.ts';
import type { Scalar, Work } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { f32, f8e8m0, formatNamed, isFloat, isInt, roundHalfEven, u8, type Format } from '../formats/index.ts';
import type { TensorType } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { allocate, numbers, sizeOf, tensor, type NumberData, type Tensor } from '../tensor/tensor.ts';
import { flag, int, optionalStr } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { converter } from './kit/convert.ts';
import { operandOf } from './kit/elementwise.ts';
import { eachScaled, granularityOf, sameShape, scaleAccess } from './kit/granularity.ts';
import { roundedTo } from './kit/precision.ts';
import { formatOfType } from './kit/type-code.ts';

function readQuantize(node: NodeReader): ReadNode {
  const { attributes } = node;
  const to = formatOfType(node, 'output_dtype');
  const precision = formatOfType(node, 'precision');
  return {
    attrs: {
      axis: attributes.int('axis') ?? 1,
      blockSize: attributes.int('block_size') ?? 0,
      saturate: (attributes.int('saturate') ?? 1) !== 0,
      ...(to ? { to: to.name } : {}),
      ...(precision ? { precision: precision.name } : {}),
    },
  };
}

/** The format of the result: that of the zero point, else the one asked for, else unsigned bytes. */
function resultFormat(zeroPoint: TensorType | undefined, to: string | undefined): Format {
  const asked = to === undefined ? undefined : formatNamed(to);
  if (zeroPoint && asked && zeroPoint.format.name !== asked.name) {
    fail('NL1015', {
      message: 'the zero point of a quantisation has another format than its result',
      cause: `the zero point is ${zeroPoint.format.name}, the result ${asked.name}`,
      fix: 'give both the same element type',
    });
  }
  return zeroPoint?.format ?? asked ?? u8;
}

/** The format in which x / scale is computed. Scales that are only a power of two, or whole, leave it to x. */
function divisionFormat(x: TensorType, scale: TensorType, precision: string | undefined): Format {
  if (precision !== undefined) return formatNamed(precision)!;
  if (isFloat(scale.format) && scale.format !== f8e8m0) return scale.format;
  return isFloat(x.format) ? x.format : f32;
}

/** Nearest code of x / scale + zero point, held within the format (integers), or that number rounded to it (floats). */
function coder(to: Format, division: Format, saturate: boolean): (x: number, scale: number, zero: number) => number {
  const { round } = division;
  const quotient = (x: number, scale: number): number => round(round(x) / round(scale));
  const convert = converter(to, { saturate, roundMode: 'up' });
  if (!isInt(to)) return (x, scale, zero) => convert(round(quotient(x, scale) + zero));
  return (x, scale, zero) => {
    const code = roundHalfEven(quotient(x, scale)) + zero;
    return Number.isNaN(code) ? 0 : Math.min(to.max, Math.max(to.min, code));
  };
}

function codeOf(to: Format, division: Format, x: Scalar, scale: Scalar, zero: Scalar | undefined): Scalar {
  const quotient = roundedTo(division, call('div', roundedTo(division, x), roundedTo(division, scale)));
  const shifted = (q: Scalar): Scalar => (zero ? call('add', q, zero) : q);
  if (!isInt(to)) return roundedTo(division, shifted(quotient));
  return call('min', call('max', shifted(call('round', quotient)), to.min), to.max);
}

interface Quantized {
  readonly x: OperandInfo;
  readonly scale: OperandInfo;
  readonly zeroPoint?: OperandInfo | undefined;
}

function quantizeWork(
  { x, scale, zeroPoint }: Quantized,
  to: TensorType,
  division: Format,
  g: ReturnType<typeof granularityOf>,
): Work {
  const loops = axisLoops('i', x.shape);
  const here = loops.map((l) => l.name);
  return work(
    {
      x: operandOf(x),
      scale: operandOf(scale),
      ...(zeroPoint ? { zeroPoint: operandOf(zeroPoint) } : {}),
      out: operandOf(to, 'output'),
    },
    nest({
      loops,
      reads: [
        at('x', ...here),
        scaleAccess('scale', scale, loops, g),
        ...(zeroPoint ? [scaleAccess('zeroPoint', zeroPoint, loops, g)] : []),
      ],
      write: at('out', ...here),
      compute: codeOf(to.format, division, read(0), read(1), zeroPoint ? read(2) : undefined),
    }),
  );
}

/** Numbers as codes of a narrow format: per tensor, per position of an axis, or per block of an axis. */
export const quantizeLinear = defineOp('quantize-linear', {
  doc: 'round(x / scale) + zero point, held within the format of the result.',
  onnx: {
    type: 'QuantizeLinear',
    domains: ['', 'com.microsoft'],
    attrs: ['axis', 'saturate', 'block_size', 'output_dtype', 'precision'],
    read: readQuantize,
  },
  operands: ['x', 'scale', 'zeroPoint?'],
  attrs: {
    axis: int('axis of a list of scales, or of blocks', 1),
    blockSize: int('elements of the axis that share a scale; 0 without blocks', 0),
    saturate: flag('numbers too large for an 8-bit float become its largest', true),
    to: optionalStr('format of the result when there is no zero point; u8 when absent'),
    precision: optionalStr('format in which x / scale is computed; that of the scale when absent'),
  },
  infer: ({ x, scale, zeroPoint }, { axis, blockSize, to }) => {
    mustBe('quantize-linear', 'number', x, scale, zeroPoint);
    granularityOf(x, scale, axis, blockSize);
    sameShape(scale, zeroPoint);
    return { format: resultFormat(zeroPoint, to), shape: x.shape };
  },
  evaluate: ({ x, scale, zeroPoint }, { axis, blockSize, saturate, to, precision }): Tensor => {
    const format = resultFormat(zeroPoint, to);
    const [values, scales] = [numbers(x), numbers(scale)];
    const zeros = zeroPoint && numbers(zeroPoint);
    const code = coder(format, divisionFormat(x, scale, precision), saturate);
    const data = allocate(format, sizeOf(x.shape)) as NumberData;
    eachScaled(
      x.shape,
      granularityOf(x, scale, axis, blockSize),
      (i, s) => (data[i] = code(values[i]!, scales[s]!, zeros ? zeros[s]! : 0)),
    );
    return tensor(format, x.shape, data);
  },
  work: (operands, { axis, blockSize, precision }, { out }) => {
    const { x, scale } = operands;
    return quantizeWork(
      operands,
      out[0]!,
      divisionFormat(x, scale, precision),
      granularityOf(x, scale, axis, blockSize),
    );
  },
  examples: [
    { x: 'f32[6] 0 2 3 1000 -254 -1000', scale: 'f32[] 2', zeroPoint: 'u8[] 128', out: 'u8[6] 128 129 130 255 1 0' },
    { x: 'f32[1,2,2] 1 2 3 4', scale: 'f32[2] 1 0.5', zeroPoint: 'i8[2] 0 -100', out: 'i8[1,2,2] 1 2 -94 -92' },
    { x: 'f32[1,3] 5 6 7', scale: 'f32[1,2] 1 2', attrs: { axis: 1, blockSize: 2, to: 'i4' }, out: 'i4[1,3] 5 6 4' },
    { x: 'f32[4] 0.3 1000 -3 2', scale: 'f32[1] 2', attrs: { to: 'f8e4m3fn' }, out: 'f8e4m3fn[4] 0.15625 448 -1.5 1' },
    { x: 'f16[3] 1 2.5 -7', scale: 'f16[] 2', out: 'u8[3] 0 1 0' },
    { x: 'i32[2] 100 -100', scale: 'f32[] 8', zeroPoint: 'u2[] 1', out: 'u2[2] 3 0' },
  ],
});
