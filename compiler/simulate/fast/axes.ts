import type { ConvSizes } from '../../ops/kit/conv-sizes.ts';
import { reachOf } from '../../ops/kit/window.ts';

/** One spatial axis of a convolution. */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the first element. */
  readonly before: number;
}

/** Elements from the first that some window meets to the last: the size of the axis with its padding in place. */
export const paddedSize = (a: Axis, outputs: number = a.output): number =>
  (outputs - 1) * a.stride + (a.kernel - 1) * a.dilation + 1;

/**
 * The spatial axes, with axes left out that hold one element, and an axis without a window of its own joined to the
 * one before it: long rows are what the kernels are quick at. Never empty.
 */
export function axesOf({ input, output, window }: ConvSizes): Axis[] {
  const axes: Axis[] = [];
  input.forEach((size, i) => {
    const axis = {
      input: size,
      output: output[i]!,
      kernel: window.kernel[i]!,
      stride: window.strides[i]!,
      dilation: window.dilations[i]!,
      before: window.pads[i]!,
    };
    const last = axes.at(-1);
    const plain = axis.output === axis.input && axis.stride === 1 && reachOf(window, i) === 1 && axis.before === 0;
    if (plain && axis.input === 1) return;
    if (plain && last?.stride === 1) axes[axes.length - 1] = joined(last, axis.input);
    else axes.push(axis);
  });
  return axes.length > 0 ? axes : [{ input: 1, output: 1, kernel: 1, stride: 1, dilation: 1, before: 0 }];
}

const joined = (outer: Axis, inner: number): Axis => ({
  input: outer.input * inner,
  output: outer.output * inner,
  kernel: outer.kernel,
  stride: 1,
  dilation: outer.dilation * inner,
  before: outer.before * inner,
});
