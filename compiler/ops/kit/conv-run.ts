import { sizeOf } from '../../tensor/tensor.ts';
import type { ConvSizes } from './conv-sizes.ts';
import { runsOf } from './window.ts';

/**
 * Sums of a convolution in doubles, in the order of the result: each starts from the bias of its filter, then channels
 * and taps are added in order. Positions in the padding add nothing.
 */
export function convolve(
  xs: ArrayLike<number>,
  ws: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  s: ConvSizes,
): Float64Array {
  const [pixels, outputs] = [sizeOf(s.input), sizeOf(s.output)];
  const taps = runsOf(s.input, s.output, s.window);
  const filters = s.group * s.k;
  // One array type throughout keeps the inner loop fast for every format.
  const [x, w] = [Float64Array.from(xs), Float64Array.from(ws)];
  const sums = new Float64Array(s.n * filters * outputs);
  for (let plane = 0; plane < s.n * filters; plane++) {
    const f = plane % filters;
    const channel = Math.floor(plane / filters) * s.group * s.c + Math.floor(f / s.k) * s.c;
    const out = sums.subarray(plane * outputs, (plane + 1) * outputs);
    if (bias) out.fill(bias[f]!);
    for (let c = 0; c < s.c; c++) {
      const image = x.subarray((channel + c) * pixels, (channel + c + 1) * pixels);
      for (let t = 0; t < taps.length; t++)
        addScaled(out, image, w[(f * s.c + c) * taps.length + t]!, taps[t]!.runs, taps[t]!.step);
    }
  }
  return sums;
}

/** out[o] += weight * image[i] over the runs of one tap. */
function addScaled(
  out: Float64Array,
  image: Float64Array,
  weight: number,
  runs: readonly number[],
  step: number,
): void {
  for (let r = 0; r < runs.length; r += 3) {
    let i = runs[r + 1]!;
    const end = runs[r]! + runs[r + 2]!;
    for (let o = runs[r]!; o < end; o++, i += step) out[o]! += weight * image[i]!;
  }
}

/**
 * Sums of a transposed convolution of x[n, g*c, ...input] with w[g*c, k, ...]: each input element spreads over the
 * window, and what falls outside the output is dropped. `s.window` and `s.output` are those of the result.
 */
export function spread(
  xs: ArrayLike<number>,
  ws: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  s: ConvSizes,
): Float64Array {
  const [pixels, outputs] = [sizeOf(s.input), sizeOf(s.output)];
  // The same pairs as those of a convolution from the output back to the input.
  const taps = runsOf(s.output, s.input, s.window);
  const filters = s.group * s.k;
  const [x, w] = [Float64Array.from(xs), Float64Array.from(ws)];
  const sums = new Float64Array(s.n * filters * outputs);
  for (let plane = 0; plane < s.n * filters; plane++) {
    const f = plane % filters;
    const group = Math.floor(f / s.k);
    const out = sums.subarray(plane * outputs, (plane + 1) * outputs);
    if (bias) out.fill(bias[f]!);
    for (let c = 0; c < s.c; c++) {
      const channel = group * s.c + c;
      const first = (Math.floor(plane / filters) * s.group * s.c + channel) * pixels;
      const weights = (channel * s.k + (f % s.k)) * taps.length;
      for (let t = 0; t < taps.length; t++)
        addSpread(out, x.subarray(first, first + pixels), w[weights + t]!, taps[t]!.runs, taps[t]!.step);
    }
  }
  return sums;
}

/** out[i] += weight * image[o] over the runs of one tap, where the result is what the tap reads. */
function addSpread(
  out: Float64Array,
  image: Float64Array,
  weight: number,
  runs: readonly number[],
  step: number,
): void {
  for (let r = 0; r < runs.length; r += 3) {
    let i = runs[r + 1]!;
    const end = runs[r]! + runs[r + 2]!;
    for (let o = runs[r]!; o < end; o++, i += step) out[i]! += weight * image[o]!;
  }
}
