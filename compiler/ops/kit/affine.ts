import { call, nest, read } from '../../../hw-models/work/build.ts';
import type { Access, Loop, Scalar, Step } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import type { Format } from '../../formats/index.ts';
import { broadcast, broadcastSteps, showShape, walk } from '../../tensor/shape.ts';
import { numbers, type Tensor } from '../../tensor/tensor.ts';
import type { TensorType } from '../../ir/types.ts';

/** @throws NetloomError NL1014 when a scale or bias does not stretch to the shape of x */
export function stretchesTo(what: string, part: TensorType, shape: readonly number[]): void {
  const fits = part.shape.length <= shape.length && broadcast(part.shape, shape).every((d, axis) => d === shape[axis]);
  if (fits) return;
  fail('NL1014', {
    message: `the ${what} of a normalisation does not fit`,
    cause: `it has shape ${showShape(part.shape)}, the tensor ${showShape(shape)}`,
    fix: 'correct the model',
  });
}

/** @throws NetloomError NL1014 when a per-channel operand is no list of `channels` elements */
export function perChannel(what: string, part: TensorType, channels: number): void {
  if (part.shape.length === 1 && part.shape[0] === channels) return;
  fail('NL1014', {
    message: `the ${what} of a normalisation does not fit`,
    cause: `it has shape ${showShape(part.shape)} for ${channels} channels`,
    fix: 'correct the model',
  });
}

/** normalised * scale + bias, each stretched to `shape`; both steps round to the element type, as the standard says. */
export function scaleAndShift(
  normalised: Float64Array,
  shape: readonly number[],
  format: Format,
  scale: Tensor | undefined,
  bias: Tensor | undefined,
): Float64Array {
  const part = (t: Tensor | undefined, combine: (y: number, p: number) => number): void => {
    if (!t) return;
    const values = numbers(t);
    walk(
      shape,
      [broadcastSteps(t.shape, shape)],
      (i, offsets) => (normalised[i] = format.round(combine(normalised[i]!, values[offsets[0]!]!))),
    );
  };
  part(scale, (y, s) => y * s);
  part(bias, (y, b) => y + b);
  return normalised;
}

export interface NormaliseNest {
  readonly loops: readonly Loop[];
  readonly x: Access;
  readonly mean?: Access;
  readonly inverse: Access;
  readonly scale?: Access | undefined;
  readonly bias?: Access | undefined;
  readonly write: Access;
}

/** out = (x - mean) * inverse * scale + bias, with what is there of it. */
export function normaliseStep({ loops, x, mean, inverse, scale, bias, write }: NormaliseNest): Step {
  const reads: Access[] = [];
  const take = (access: Access): Scalar => read(reads.push(access) - 1);
  let y: Scalar = take(x);
  if (mean) y = call('sub', y, take(mean));
  y = call('mul', y, take(inverse));
  if (scale) y = call('mul', y, take(scale));
  if (bias) y = call('add', y, take(bias));
  return nest({ loops, reads, write, compute: y });
}
