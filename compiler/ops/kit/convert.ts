import { call } from '../../../hw-models/work/build.ts';
import type { Scalar } from '../../../hw-models/work/types.ts';
import { exponentOf } from '../../formats/float.ts';
import { f4e2m1, f8e8m0, is64, isFloat, isInt, type Format } from '../../formats/index.ts';
import {
  allocate,
  build,
  isBig,
  numbers,
  sizeOf,
  tensor,
  type BigTensor,
  type NumberData,
  type Tensor,
} from '../../tensor/tensor.ts';
import { buildBig } from './elementwise.ts';

/** How numbers are brought into a format (attributes of ONNX Cast). */
export interface Conversion {
  /** Numbers too large for an 8-bit float become the largest one, instead of infinity or NaN. */
  readonly saturate: boolean;
  /** Which power of two f8e8m0 takes. */
  readonly roundMode: string;
}

/** The power of two that stands for x in f8e8m0 (table of the page of ONNX Cast-24). */
export function powerOfTwo(x: number, { saturate, roundMode }: Conversion): number {
  if (Number.isNaN(x)) return NaN;
  const size = Math.abs(x);
  if (size < f8e8m0.min) return saturate ? f8e8m0.min : NaN;
  if (size === Infinity) return saturate ? f8e8m0.max : NaN;
  const below = 2 ** exponentOf(size);
  const up = roundMode === 'up' ? size > below : roundMode === 'nearest' && size >= 1.5 * below;
  const near = up ? 2 * below : below;
  if (near <= f8e8m0.max) return near;
  return saturate ? f8e8m0.max : NaN;
}

/** How one number enters a format: floats round to nearest even, integers lose their fraction and high bits. */
export function converter(to: Format, how: Conversion): (x: number) => number {
  if (to.kind === 'bool') return (x) => (x === 0 ? 0 : 1); // NaN is not zero
  if (to.name === f8e8m0.name) return (x) => powerOfTwo(x, how);
  // No code stands for NaN; the microscaling specification leaves the choice open, the standard's reference takes -0.
  if (to.name === f4e2m1.name) return (x) => (Number.isNaN(x) ? -0 : to.cast(x));
  return (x) => to.cast(x, how.saturate);
}

/**
 * A 64-bit integer as a double that rounds to every narrower float as the integer itself does: beyond 2^53 the bits
 * that cannot be kept only leave an odd last bit behind (rounding to odd, Boldo and Melquiond 2008).
 */
function oddDouble(x: bigint): number {
  const size = x < 0n ? -x : x;
  if (size <= 2n ** 53n) return Number(x);
  const kept = (size >> 12n) << 12n;
  const rounded = Number(kept === size ? kept : kept | 4096n);
  return x < 0n ? -rounded : rounded;
}

function fromBig(x: BigTensor, to: Format, how: Conversion): Tensor {
  if (is64(to)) return buildBig(to, x.shape, (i) => x.data[i]!);
  if (isInt(to)) {
    const data = allocate(to, x.data.length) as NumberData;
    for (let i = 0; i < data.length; i++) data[i] = to.cast(Number(BigInt.asIntN(32, x.data[i]!)));
    return tensor(to, x.shape, data);
  }
  const convert = converter(to, how);
  const narrow = to.bits < 64;
  return build(to, x.shape, (i) => convert(narrow ? oddDouble(x.data[i]!) : Number(x.data[i]!)));
}

const wholeOf = (x: number, { min, max }: Format): bigint =>
  BigInt(Number.isNaN(x) ? 0 : x === Infinity ? max : x === -Infinity ? min : Math.trunc(x));

/** The elements of a tensor in another format. */
export function castTensor(x: Tensor, to: Format, how: Conversion = { saturate: true, roundMode: 'up' }): Tensor {
  if (x.format.name === to.name) return x;
  if (isBig(x)) return fromBig(x, to, how);
  const values = numbers(x);
  if (is64(to)) return buildBig(to, x.shape, (i) => wholeOf(values[i]!, to));
  const convert = converter(to, how);
  const data = allocate(to, sizeOf(x.shape)) as NumberData;
  for (let i = 0; i < data.length; i++) data[i] = convert(values[i]!);
  return tensor(to, x.shape, data);
}

/** The same as an expression. What a write into the format does by itself (rounding, wrapping) is not repeated. */
export function conversionOf(x: Scalar, from: Format, to: Format, { roundMode }: Conversion): Scalar {
  if (to.kind === 'bool') return call('ne', x, 0);
  if (isInt(to) && isFloat(from)) return call('trunc', x);
  if (to.name !== f8e8m0.name) return x;
  const size = call('min', call('max', call('abs', x), f8e8m0.min), f8e8m0.max);
  const below = call('shiftleft', 1, call('exponent', size));
  const above = call('min', call('mul', 2, below), f8e8m0.max);
  if (roundMode === 'down') return below;
  const goesUp = roundMode === 'up' ? call('gt', size, below) : call('ge', size, call('mul', 1.5, below));
  return call('select', call('isnan', x), x, call('select', goesUp, above, below));
}
