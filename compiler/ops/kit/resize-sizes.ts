import { fail } from '../../../src/base/diagnostics.ts';
import { normalAxes, showShape } from '../../tensor/shape.ts';
import { numbers, type Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { valueOf } from './known.ts';

/** How one axis is resized. */
export interface AxisResize {
  readonly size: number;
  readonly out: number;
  /** Output per input element; not always out / size, since sizes are whole. */
  readonly scale: number;
  /** scale * size before it was cut to a whole number: what the standard's coordinate formulas call the resized length. */
  readonly length: number;
  /** Part of the axis that is looked at, 0 to 1 for all of it (tf_crop_and_resize). */
  readonly roi: readonly [start: number, end: number];
}

export interface ResizeTargets {
  readonly roi?: OperandInfo | undefined;
  readonly scales?: OperandInfo | undefined;
  readonly sizes?: OperandInfo | undefined;
}

export interface SizeAttrs {
  readonly axes?: readonly number[] | undefined;
  readonly keepAspectRatioPolicy: string;
}

const misfit = (message: string, cause: string): never =>
  fail('NL1014', { message, cause, fix: 'correct the node in the model, or give the right input shape with --shape' });

/** Exporters give an empty list for an operand that they leave out. */
const given = (operand: OperandInfo | undefined): OperandInfo | undefined =>
  operand && operand.shape.reduce((n, d) => n * d, 1) > 0 ? operand : undefined;

/**
 * What becomes of each axis. A scale gives floor(size * scale) elements, in single precision as ONNX infers shapes.
 * @throws NetloomError NL1014 when lists do not fit the axes; NL1107 when scales or sizes are only known at run time
 */
export function resizedAxes(
  shape: readonly number[],
  targets: ResizeTargets,
  { axes, keepAspectRatioPolicy }: SizeAttrs,
): AxisResize[] {
  const [scales, sizes] = [given(targets.scales), given(targets.sizes)];
  if (!scales === !sizes) misfit('a resize needs scales or sizes', scales ? 'both are given' : 'neither is given');
  const chosen = axes && axes.length > 0 ? normalAxes(axes, shape.length) : shape.map((_, axis) => axis);
  const list = (operand: OperandInfo, what: string, length: number): number[] => {
    const values = Array.from(numbers(valueOf(operand, what)));
    if (values.length !== length)
      misfit(`${what} do not fit`, `there are ${values.length} for ${chosen.length} axes of ${showShape(shape)}`);
    return values;
  };
  const roi = roiOf(targets.roi, chosen.length);
  const all = shape.map((size): AxisResize => ({ size, out: size, scale: 1, length: size, roi: [0, 1] }));
  const targetsOf = scales
    ? byScales(shape, chosen, list(scales, 'the scales of a resize', chosen.length))
    : bySizes(shape, chosen, list(sizes!, 'the sizes of a resize', chosen.length), keepAspectRatioPolicy);
  chosen.forEach((axis, i) => {
    const part = targetsOf[i]!;
    if (part.size === 0 && part.out > 0)
      misfit('an empty axis cannot grow', `axis ${axis} has size 0 and should get ${part.out}`);
    all[axis] = { ...part, roi: [roi[i] ?? 0, roi[i + chosen.length] ?? 1] };
  });
  return all;
}

type Target = Omit<AxisResize, 'roi'>;

function byScales(shape: readonly number[], axes: readonly number[], scales: readonly number[]): Target[] {
  return axes.map((axis, i) => {
    const [size, scale] = [shape[axis]!, scales[i]!];
    if (!(scale > 0) || !Number.isFinite(scale))
      misfit(`the scale of axis ${axis} is ${scale}`, 'scales must be positive');
    return { size, out: Math.floor(Math.fround(size * scale)), scale, length: size * scale };
  });
}

function bySizes(
  shape: readonly number[],
  axes: readonly number[],
  sizes: readonly number[],
  policy: string,
): Target[] {
  const bad = sizes.find((s) => !(s >= 0));
  if (bad !== undefined) misfit(`a size of a resize is ${bad}`, 'sizes must not be negative');
  const ratios = axes.map((axis, i) => sizes[i]! / shape[axis]!);
  const common =
    policy === 'not_larger' ? Math.min(...ratios) : policy === 'not_smaller' ? Math.max(...ratios) : undefined;
  return axes.map((axis, i) => {
    const size = shape[axis]!;
    if (common === undefined) return { size, out: sizes[i]!, scale: size === 0 ? 1 : ratios[i]!, length: sizes[i]! };
    return { size, out: Math.floor(common * size + 0.5), scale: common, length: common * size };
  });
}

/** A roi that only a run knows is taken as the whole: how much there is to do does not depend on it. */
function roiOf(operand: OperandInfo | undefined, axes: number): number[] {
  const value: Tensor | undefined = given(operand)?.value;
  if (!value) return [];
  const roi = Array.from(numbers(value));
  if (roi.length !== 2 * axes)
    misfit(
      'the roi of a resize does not fit',
      `it has ${roi.length} entries; a start and an end for ${axes} axes are ${2 * axes}`,
    );
  return roi;
}
