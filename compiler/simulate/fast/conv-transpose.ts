import { convTransposeSizes, type convTranspose } from '../../ops/conv-transpose.ts';
import { convShape, type ConvSizes } from '../../ops/kit/conv-sizes.ts';
import type { Window } from '../../ops/kit/window.ts';
import { rowMajor } from '../../tensor/shape.ts';
import { sizeOf, zeros, type Tensor } from '../../tensor/tensor.ts';
import { standardLimits, type Limits } from './limits.ts';
import { matrixProduct, type Part } from './matrix.ts';

/**
 * A transposed convolution as one matrix product per image and group, P[(k, tap), pixel] = W' * X, whose elements are
 * then added where the window spreads them. Undefined when the kernels cannot hold it.
 */
export function fastConvTranspose(
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  attrs: ReturnType<typeof convTranspose.attrsOf>,
  limits: Limits = standardLimits,
): Tensor | undefined {
  const sizes = convTransposeSizes(x, w, attrs);
  const { group, c, k } = sizes;
  const taps = sizeOf(sizes.window.kernel);
  const inputs = sizeOf(sizes.input);
  const outputs = sizeOf(sizes.output);
  const product = matrixProduct({ m: k * taps, k: c, n: inputs }, limits);
  if (!product || sizes.n * outputs === 0) return undefined;
  const result = zeros(x.format, convShape(sizes));
  const out = result.data as Float32Array;
  const planes = sizes.n * group * k;
  if (bias)
    for (let f = 0; f < planes; f++) out.fill(Number(bias.data[f % (group * k)]), f * outputs, (f + 1) * outputs);
  const spread = spreader(sizes);
  for (let i = 0; i < sizes.n * group; i++) {
    const weights = {
      data: w.data as Float32Array,
      start: (i % group) * c * k * taps,
      rowStep: 1,
      columnStep: k * taps,
    };
    const pixels = { data: x.data as Float32Array, start: i * c * inputs, transposed: false };
    product.run(weights, pixels, (part) => {
      for (let r = 0; r < part.rows; r++) {
        const row = part.row + r;
        const plane = (i * k + Math.floor(row / taps)) * outputs;
        spread(out, plane, row % taps, part, r * part.pitch);
      }
    });
  }
  return result;
}

type Spread = (out: Float32Array, plane: number, tap: number, part: Part, from: number) => void;

/** Adds what one tap makes of a run of pixels to one output plane, row by row of the last spatial axis. */
function spreader({ input, output, window }: ConvSizes): Spread {
  const last = input.length - 1;
  const width = input[last]!;
  const stride = window.strides[last]!;
  const steps = rowMajor(output);
  /** Where the first element of input row `row` falls, without the last axis; -1 outside. */
  const rowStart = (row: number, shifts: readonly number[]): number => {
    let at = 0;
    for (let axis = last - 1; axis >= 0; axis--) {
      const o = (row % input[axis]!) * window.strides[axis]! + shifts[axis]!;
      if (o < 0 || o >= output[axis]!) return -1;
      at += o * steps[axis]!;
      row = Math.floor(row / input[axis]!);
    }
    return at;
  };
  return (out, plane, tap, { column, columns, data }, from) => {
    const shifts = tapShifts(window, tap);
    const shift = shifts[last]!;
    const low = Math.max(0, Math.ceil(-shift / stride));
    const high = Math.min(width, Math.floor((output[last]! - 1 - shift) / stride) + 1);
    for (let row = Math.floor(column / width); row * width < column + columns; row++) {
      const start = rowStart(row, shifts);
      if (start < 0) continue;
      const first = row * width - column; // where the row begins in this part; negative when cut
      const end = Math.min(high, columns - first);
      let to = plane + start + shift + Math.max(low, -first) * stride;
      for (let p = Math.max(low, -first); p < end; p++, to += stride) out[to]! += data[from + first + p]!;
    }
  };
}

/** Output position of a tap, per axis, for the first input element. */
function tapShifts({ kernel, dilations, pads }: Window, tap: number): number[] {
  const shifts = new Array<number>(kernel.length);
  for (let axis = kernel.length - 1; axis >= 0; axis--) {
    shifts[axis] = (tap % kernel[axis]!) * dilations[axis]! - pads[axis]!;
    tap = Math.floor(tap / kernel[axis]!);
  }
  return shifts;
}
