import { call, index, loopValue, loops, nest, padded, read } from '../../../hw-models/work/build.ts';
import type { Access, Index, Loop, Scalar, Step } from '../../../hw-models/work/types.ts';
import { rowMajor, showShape } from '../../tensor/shape.ts';
import { numbers, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { convSizes, misfitConv, type ConvAttrs, type ConvSizes } from './conv-sizes.ts';
import { Reads } from './integer-product.ts';

/** Sizes of a deformable convolution; offsets are [n, (offset group, tap, axis), ...output], masks without the axis. */
export interface DeformSizes extends ConvSizes {
  readonly offsetGroup: number;
  /** Channels that share offsets. */
  readonly each: number;
  readonly taps: number;
}

interface Shaped {
  readonly shape: readonly number[];
}

/** @throws NetloomError NL1014 when offsets or mask do not fit to the convolution */
export function deformSizes(
  x: Shaped,
  w: Shaped,
  offset: Shaped,
  mask: Shaped | undefined,
  attrs: ConvAttrs & { readonly offsetGroup: number },
): DeformSizes {
  const s = convSizes(x, w, attrs);
  const { offsetGroup } = attrs;
  const channels = s.group * s.c;
  if (!(offsetGroup >= 1) || channels % offsetGroup !== 0)
    misfitConv(`${channels} channels do not divide into ${offsetGroup} groups of offsets`);
  const taps = sizeOf(s.window.kernel);
  const need = (what: string, part: Shaped, count: number): void => {
    const wanted = [s.n, count, ...s.output];
    if (showShape(part.shape) !== showShape(wanted))
      misfitConv(`the ${what} is ${showShape(part.shape)} and must be ${showShape(wanted)}`);
  };
  need('offset', offset, offsetGroup * taps * s.input.length);
  if (mask) need('mask', mask, offsetGroup * taps);
  return { ...s, offsetGroup, each: channels / offsetGroup, taps };
}

interface DeformTensors {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly offset: Tensor;
  readonly bias: Tensor | undefined;
  readonly mask: Tensor | undefined;
}

/** Sums in doubles, in the order of the result: x is sampled for each tap first, then summed as any convolution. */
export function deformedSums({ x, w, offset, bias, mask }: DeformTensors, s: DeformSizes): Float64Array {
  const [pixels, outputs] = [sizeOf(s.input), sizeOf(s.output)];
  const filters = s.group * s.k;
  const channels = s.group * s.c;
  const [xs, ws, os] = [Float64Array.from(numbers(x)), Float64Array.from(numbers(w)), numbers(offset)];
  const [ms, bs] = [mask && numbers(mask), bias && numbers(bias)];
  const sums = new Float64Array(s.n * filters * outputs);
  const corners = new Corners(s);
  const samples = new Float64Array(channels * s.taps * outputs);
  for (let n = 0; n < s.n; n++) {
    for (let og = 0; og < s.offsetGroup; og++) {
      for (let t = 0; t < s.taps; t++) {
        const row = (n * s.offsetGroup + og) * s.taps + t;
        for (let o = 0; o < outputs; o++) {
          corners.find(os, row, t, o);
          const weight = ms ? ms[row * outputs + o]! : 1;
          for (let c = og * s.each; c < (og + 1) * s.each; c++)
            samples[(c * s.taps + t) * outputs + o] = weight * corners.sample(xs, (n * channels + c) * pixels);
        }
      }
    }
    for (let f = 0; f < filters; f++) {
      const out = sums.subarray((n * filters + f) * outputs, (n * filters + f + 1) * outputs);
      if (bs) out.fill(bs[f]!);
      const first = Math.floor(f / s.k) * s.c * s.taps;
      for (let i = 0; i < s.c * s.taps; i++) {
        const weight = ws[f * s.c * s.taps + i]!;
        const from = (first + i) * outputs;
        for (let o = 0; o < outputs; o++) out[o]! += weight * samples[from + o]!;
      }
    }
  }
  return sums;
}

/** The elements around a point between them, and how much each counts. Those outside are left out: they are 0. */
class Corners {
  readonly #s: DeformSizes;
  readonly #inSteps: readonly number[];
  readonly #offsets: Int32Array;
  readonly #weights: Float64Array;
  #count = 0;

  constructor(s: DeformSizes) {
    this.#s = s;
    this.#inSteps = rowMajor(s.input);
    this.#offsets = new Int32Array(2 ** s.input.length);
    this.#weights = new Float64Array(2 ** s.input.length);
  }

  /** Looks at output `o` through tap `t`; `row` numbers the image, offset group and tap. */
  find(offsets: ArrayLike<number>, row: number, t: number, o: number): void {
    const { input, output, window } = this.#s;
    const rank = input.length;
    const outputs = sizeOf(output);
    [this.#count, this.#offsets[0], this.#weights[0]] = [1, 0, 1];
    let [pixel, tap] = [o, t];
    for (let axis = rank - 1; axis >= 0; axis--) {
      const base =
        (pixel % output[axis]!) * window.strides[axis]! +
        (tap % window.kernel[axis]!) * window.dilations[axis]! -
        window.pads[axis]!;
      pixel = Math.floor(pixel / output[axis]!);
      tap = Math.floor(tap / window.kernel[axis]!);
      this.#split(axis, base + offsets[(row * rank + axis) * outputs + o]!);
    }
  }

  /** Each corner so far becomes the two beside a place along one more axis. */
  #split(axis: number, place: number): void {
    const low = Math.floor(place);
    const share = place - low;
    const [size, step] = [this.#s.input[axis]!, this.#inSteps[axis]!];
    const old = this.#count;
    const kept = [
      { at: low, weight: 1 - share },
      { at: low + 1, weight: share },
    ].filter(({ at, weight }) => at >= 0 && at < size && weight !== 0);
    const [offsets, weights] = [this.#offsets.slice(0, old), this.#weights.slice(0, old)];
    this.#count = 0;
    for (const { at, weight } of kept) {
      for (let i = 0; i < old; i++) {
        this.#offsets[this.#count] = offsets[i]! + at * step;
        this.#weights[this.#count++] = weights[i]! * weight;
      }
    }
  }

  sample(x: Float64Array, plane: number): number {
    let sum = 0;
    for (let i = 0; i < this.#count; i++) sum += this.#weights[i]! * x[plane + this.#offsets[i]!]!;
    return sum;
  }
}

/**
 * Nests that fill `sample[n, channel, taps, pixels]`: where each tap lies (`place`), the element before it (`low`), and
 * the interpolation between the elements around it.
 */
export function sampleSteps(s: DeformSizes, hasMask: boolean): Step[] {
  const rank = s.input.length;
  const { kernel, strides, dilations, pads } = s.window;
  const groups = loops({ n: s.n, o: s.offsetGroup });
  const taps: Loop[] = kernel.map((size, axis) => ({ name: `r${axis}`, size }));
  const pixels: Loop[] = s.output.map((size, axis) => ({ name: `p${axis}`, size }));
  const tapSteps = rowMajor(kernel);
  const here = pixels.map((l) => index(l.name));
  const row = (by: number, more: number): Index =>
    index(['o', s.taps * by, ...taps.flatMap((l, axis) => [l.name, tapSteps[axis]! * by]), more]);
  const along = (operand: string, axis: number): Access => ({ operand, at: [index('n'), row(rank, axis), ...here] });
  const all = [...groups, ...taps, ...pixels];
  const steps: Step[] = s.input.flatMap((_, axis) => {
    const base = call(
      'add',
      call('mul', loopValue(`p${axis}`), strides[axis]!),
      call('sub', call('mul', loopValue(`r${axis}`), dilations[axis]!), pads[axis]!),
    );
    return [
      nest({
        loops: all,
        reads: [along('offset', axis)],
        write: along('place', axis),
        compute: call('add', base, read(0)),
      }),
      nest({ loops: all, reads: [along('place', axis)], write: along('low', axis), compute: call('floor', read(0)) }),
    ];
  });
  const reads = new Reads();
  const shares = s.input.map((_, axis) => call('sub', reads.add(along('place', axis)), reads.add(along('low', axis))));
  const channel = index(['o', s.each, 'e', 1]);
  const corner = (bits: number): Scalar => {
    const at = s.input.map((_, axis): Index => ({
      offset: (bits >> axis) & 1,
      terms: [{ read: 'low', at: along('low', axis).at, by: 1 }],
    }));
    const weights = shares.map((share, axis) => ((bits >> axis) & 1 ? share : call('sub', 1, share)));
    return weights.reduce<Scalar>(
      (x, weight) => call('mul', x, weight),
      reads.add(padded({ operand: 'x', at: [index('n'), channel, ...at] }, 0)),
    );
  };
  let sample = Array.from({ length: 2 ** rank }, (_, bits) => corner(bits)).reduce((a, b) => call('add', a, b));
  if (hasMask) sample = call('mul', sample, reads.add({ operand: 'mask', at: [index('n'), row(1, 0), ...here] }));
  const write: Access = { operand: 'sample', at: [index('n'), channel, ...taps.map((l) => index(l.name)), ...here] };
  return [
    ...steps,
    nest({
      loops: [...groups, ...loops({ e: s.each }), ...taps, ...pixels],
      reads: reads.list,
      write,
      compute: sample,
    }),
  ];
}
