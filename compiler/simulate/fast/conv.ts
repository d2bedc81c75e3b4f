import type { conv } from '../../ops/conv.ts';
import { convShape, convSizes, type ConvSizes } from '../../ops/kit/conv-sizes.ts';
import { sizeOf, zeros, type Tensor } from '../../tensor/tensor.ts';
import { axesOf, type Axis } from './axes.ts';
import { workspace, type Workspace } from './instance.ts';
import { standardLimits, type Limits } from './limits.ts';
import { mostRows, multiply, packRows, productRoom, wholePanels } from './product.ts';
import { fillBases, fillOffsets, fillRowBases, fillSlab, slabOf, type Slab } from './slab.ts';

type ConvAttrs = ReturnType<typeof conv.attrsOf>;

/** Sums that are so few or so short that copying their input first does not pay: depthwise layers. */
const directFilters = 2;
const directDepth = 256;

/**
 * A convolution of 32-bit floats: one group, one block of filters, one image and one run of rows after another.
 * Undefined when the kernels cannot hold even one row, or where zeros for the padding would not be neutral.
 */
export function fastConv(
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  attrs: ConvAttrs,
  limits: Limits = standardLimits,
): Tensor | undefined {
  const sizes = convSizes(x, w, attrs);
  const axes = axesOf(sizes);
  const depth = sizes.c * sizeOf(sizes.window.kernel);
  const shape = convShape(sizes);
  if (sizeOf(shape) === 0 || depth === 0) return undefined;
  const weights = w.data as Float32Array;
  // The reference leaves padding out; here it is zeros, which an infinite weight would turn into NaN.
  if (sizes.window.pads.some((p) => p > 0) && !allFinite(weights)) return undefined;
  const plan = planOf(sizes, axes, depth, limits);
  const space = plan && workspace(plan.room);
  if (!space) return undefined;
  const out = zeros(x.format, shape);
  fillOffsets(space.wholes.offsets, plan.slab, sizes.c);
  if (plan.direct) fillRowBases(space.wholes.bases, plan.slab);
  else fillBases(space.wholes.bases, plan.slab);
  const run = {
    sizes,
    axes,
    depth,
    plan,
    space,
    x: x.data as Float32Array,
    weights,
    bias: bias?.data as Float32Array | undefined,
    out: out.data as Float32Array,
  };
  for (let g = 0; g < sizes.group; g++) {
    for (let f = 0; f < sizes.k; f += plan.filters)
      runFilters(run, g, g * sizes.k + f, Math.min(plan.filters, sizes.k - f));
  }
  return out;
}

/** A plain loop: `every` takes as long as the convolution. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

interface Plan {
  readonly direct: boolean;
  readonly filters: number;
  readonly slab: Slab;
  readonly room: Readonly<Record<'slab' | 'offsets' | 'bases' | 'weights' | 'bias' | 'tile' | 'sums' | 'out', number>>;
}

/** How many filters and rows at a time. Undefined when distances would not fit the kernels' tables. */
function planOf(sizes: ConvSizes, axes: readonly Axis[], depth: number, limits: Limits): Plan | undefined {
  const direct = sizes.k <= directFilters && depth <= directDepth;
  const filters = Math.max(1, Math.min(sizes.k, mostRows, Math.floor(limits.weights / depth)));
  const outRow = sizeOf(axes.slice(1).map((a) => a.output));
  const one = slabOf(axes, 1);
  const perRow = sizes.c * axes[0]!.stride * one.steps[0]! + (filters + 1) * outRow;
  const rows = Math.min(axes[0]!.output, Math.max(1, Math.floor((limits.chunk - sizes.c * one.plane) / perRow)));
  const slab = slabOf(axes, rows);
  if (sizes.c * slab.plane > 2 ** 28) return undefined;
  const pitch = wholePanels(rows * outRow);
  return {
    direct,
    filters,
    slab,
    room: {
      slab: sizes.c * slab.plane,
      offsets: depth,
      bases: pitch,
      bias: filters,
      ...productRoom(filters, depth),
      out: filters * pitch,
    },
  };
}

interface Run {
  readonly sizes: ConvSizes;
  readonly axes: readonly Axis[];
  readonly depth: number;
  readonly plan: Plan;
  readonly space: Workspace<keyof Plan['room']>;
  readonly x: Float32Array;
  readonly weights: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly out: Float32Array;
}

/** Filters `first`.. of group `g`, over all images and rows. */
function runFilters(run: Run, g: number, first: number, filters: number): void {
  const { sizes, axes, depth, plan, space } = run;
  const start = first * depth;
  if (plan.direct) space.doubles.weights.set(run.weights.subarray(start, start + filters * depth));
  else packRows(space.doubles.weights, filters, depth, { data: run.weights, start, rowStep: depth, columnStep: 1 });
  if (run.bias) space.floats.bias.set(run.bias.subarray(first, first + filters));
  const inputs = sizeOf(sizes.input);
  const outputs = sizeOf(sizes.output);
  const outRow = outputs / axes[0]!.output;
  for (let n = 0; n < sizes.n; n++) {
    for (let row = 0; row < axes[0]!.output; row += plan.slab.rows) {
      const rows = Math.min(plan.slab.rows, axes[0]!.output - row);
      const channel = (n * sizes.group + g) * sizes.c;
      fillSlab(space.floats.slab, plan.slab, run.x, channel * inputs, sizes.c, row);
      const pitch = plan.direct ? directChunk(run, filters, rows, outRow) : productChunk(run, filters, rows * outRow);
      for (let f = 0; f < filters; f++) {
        const to = (n * sizes.group * sizes.k + first + f) * outputs + row * outRow;
        run.out.set(space.floats.out.subarray(f * pitch, f * pitch + rows * outRow), to);
      }
    }
  }
}

/** Answers the distance of the filters' results, in elements. */
function productChunk({ depth, space, bias }: Run, filters: number, pixels: number): number {
  const at = space.address;
  const pitch = wholePanels(pixels);
  multiply(space.code, {
    weights: at.weights,
    rows: filters,
    depth,
    x: at.slab,
    offsets: at.offsets,
    bases: at.bases,
    pixels,
    bias: bias ? at.bias : 0,
    tile: at.tile,
    sums: at.sums,
    c: at.out,
    pitch: pitch * 4,
  });
  return pitch;
}

function directChunk({ axes, depth, plan, space, bias }: Run, filters: number, rows: number, outRow: number): number {
  const at = space.address;
  const last = axes.at(-1)!;
  const alone = axes.length === 1;
  const [lines, width] = alone ? [1, rows] : [(rows * outRow) / last.output, last.output];
  for (let f = 0; f < filters; f++) {
    const to = at.out + f * lines * width * 4;
    space.code.directRows(
      at.weights + f * depth * 8,
      depth,
      bias ? space.floats.bias[f]! : 0,
      at.slab,
      at.offsets,
      at.bases,
      lines,
      width,
      last.stride * plan.slab.steps.at(-1)! * 4,
      to,
    );
  }
  return lines * width;
}
