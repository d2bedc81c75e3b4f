import { index, loops as makeLoops } from '../../../hw-models/work/build.ts';
import type { Index, Loop } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import type { ValueId } from '../../ir/types.ts';
import type { NodeReader } from '../../onnx/node-reader.ts';
import { rowMajor } from '../../tensor/shape.ts';
import { sizeOf } from '../../tensor/tensor.ts';

/** A window that slides over the spatial axes: one entry per axis; pads are all begins, then all ends, as in ONNX. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

export interface WindowAttrs {
  readonly kernel: readonly number[];
  readonly strides?: readonly number[] | undefined;
  readonly dilations?: readonly number[] | undefined;
  readonly pads?: readonly number[] | undefined;
}

const geometry = (message: string, cause: string): never =>
  fail('NL1014', { message, cause, fix: 'correct the node in the model, or export it again' });

/**
 * The window with defaults filled in: stride and dilation 1, no padding.
 * @throws NetloomError NL1014 for lists of the wrong length, strides, dilations or kernels below 1, negative pads
 */
export function windowOf(attrs: WindowAttrs, rank: number): Window {
  const ones = new Array<number>(rank).fill(1);
  const window = {
    kernel: attrs.kernel,
    strides: attrs.strides?.length ? attrs.strides : ones,
    dilations: attrs.dilations?.length ? attrs.dilations : ones,
    pads: attrs.pads?.length ? attrs.pads : new Array<number>(2 * rank).fill(0),
  };
  for (const [name, list, length, least] of [
    ['kernel_shape', window.kernel, rank, 1],
    ['strides', window.strides, rank, 1],
    ['dilations', window.dilations, rank, 1],
    ['pads', window.pads, 2 * rank, 0],
  ] as const) {
    if (list.length !== length)
      geometry(`${name} has ${list.length} entries`, `the input has ${rank} spatial axes, so ${length} are needed`);
    const low = list.find((x) => !Number.isSafeInteger(x) || x < least);
    if (low !== undefined) geometry(`${name} holds ${low}`, `entries must be whole numbers of at least ${least}`);
  }
  return window;
}

/** Size of an axis as the window sees it: taps apart by the dilation. */
export const reachOf = (w: Window, axis: number): number => (w.kernel[axis]! - 1) * w.dilations[axis]! + 1;

/**
 * Output sizes of a sliding window. With `ceil`, a last window may hang over the end, but must start inside the input
 * or its leading padding (the rule ONNX took over from PyTorch).
 * @throws NetloomError NL1014 when the window does not fit in the padded input
 */
export function windowOutput(input: readonly number[], w: Window, ceil = false): number[] {
  const rank = w.kernel.length;
  return input.map((size, axis) => {
    const [begin, end] = [w.pads[axis]!, w.pads[axis + rank]!];
    const steps = (size + begin + end - reachOf(w, axis)) / w.strides[axis]!;
    let out = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    if (ceil && (out - 1) * w.strides[axis]! >= size + begin) out--;
    if (out < 1)
      geometry(
        'the window is larger than its input',
        `along spatial axis ${axis}: window ${reachOf(w, axis)}, input ${size} with padding ${begin} and ${end}`,
      );
    return out;
  });
}

/** Explicit pads for the auto_pad of older exporters. SAME keeps ceil(size / stride) outputs. */
export function autoPads(
  mode: string,
  input: readonly number[],
  w: Omit<WindowAttrs, 'pads'>,
): readonly number[] | undefined {
  const rank = input.length;
  if (mode === 'NOTSET' || mode === '') return undefined;
  if (mode === 'VALID') return new Array<number>(2 * rank).fill(0);
  const full = windowOf({ ...w, pads: [] }, rank);
  const begins: number[] = [];
  const ends: number[] = [];
  input.forEach((size, axis) => {
    const out = Math.ceil(size / full.strides[axis]!);
    const total = Math.max(0, (out - 1) * full.strides[axis]! + reachOf(full, axis) - size);
    const less = Math.floor(total / 2);
    begins.push(mode === 'SAME_LOWER' ? total - less : less);
    ends.push(mode === 'SAME_LOWER' ? less : total - less);
  });
  return [...begins, ...ends];
}

/** ONNX attribute names that describe a window. */
export const windowAttrNames = ['kernel_shape', 'strides', 'dilations', 'pads', 'auto_pad'] as const;

const autoPadModes = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID', ''];

/**
 * The auto_pad of a node; NOTSET when it has none.
 * @throws NetloomError NL1009 for another word, NL1107 when SAME stands over a shape that is not known
 */
export function autoPadOf(node: NodeReader, input: ValueId): string {
  const mode = node.attributes.string('auto_pad') ?? 'NOTSET';
  if (!autoPadModes.includes(mode)) {
    fail('NL1009', {
      message: `attribute "auto_pad" is "${mode}"`,
      cause: 'it can be NOTSET, SAME_UPPER, SAME_LOWER or VALID',
      fix: 'correct the node in the model',
    });
  }
  if (mode.startsWith('SAME') && node.info(input).unknown) {
    fail('NL1107', {
      message: `the shape under ${node.type} is only known at run time`,
      cause: `its auto_pad ${mode} needs the sizes of the input`,
      fix: 'fix the shapes of the model, or write the padding as pads',
    });
  }
  return mode;
}

/** The window attributes of a node, with auto_pad made explicit for the spatial axes of `x[batch, channels, ...]`. */
export function readWindow(
  node: NodeReader,
  kernel: readonly number[],
  x: ValueId = node.inputs[0]!,
): { strides: readonly number[]; dilations: readonly number[]; pads: readonly number[] } {
  const input = node.info(x).shape.slice(2);
  const ones = input.map(() => 1);
  const strides = node.attributes.ints('strides') ?? ones;
  const dilations = node.attributes.ints('dilations') ?? ones;
  const pads = autoPads(autoPadOf(node, x), input, { kernel, strides, dilations });
  return { strides, dilations, pads: pads ?? node.attributes.ints('pads') ?? [...ones, ...ones].map(() => 0) };
}

/**
 * Stretches of positions that one tap pairs, three numbers each: the first output, the first input, and how many.
 * Outputs follow each other, inputs are `step` apart. Positions in the padding are left out.
 */
export interface TapRuns {
  readonly step: number;
  readonly runs: readonly number[];
}

/** For each tap, in row-major order, which (flattened) outputs meet which (flattened) inputs through it. */
export function runsOf(input: readonly number[], output: readonly number[], w: Window): TapRuns[] {
  const rank = input.length;
  const inSteps = rowMajor(input);
  const outSteps = rowMajor(output);
  const step = w.strides[rank - 1]!;
  /** Where along an axis the window lies for the first output inside, that output, and how many there are. */
  const along = (axis: number, tap: number): { out: number; input: number; count: number } => {
    const [stride, shift] = [w.strides[axis]!, tap * w.dilations[axis]! - w.pads[axis]!];
    const low = Math.max(0, Math.ceil(-shift / stride));
    const high = Math.min(output[axis]!, Math.floor((input[axis]! - 1 - shift) / stride) + 1);
    return { out: low, input: low * stride + shift, count: Math.max(0, high - low) };
  };
  const descend = (axis: number, taps: readonly number[], out: number, at: number, runs: number[]): void => {
    const a = along(axis, taps[axis]!);
    const [o, i] = [out + a.out * outSteps[axis]!, at + a.input * inSteps[axis]!];
    if (axis === rank - 1) return addRun(runs, o, i, a.count, step);
    const [outStep, inStep] = [outSteps[axis]!, w.strides[axis]! * inSteps[axis]!];
    for (let k = 0; k < a.count; k++) descend(axis + 1, taps, o + k * outStep, i + k * inStep, runs);
  };
  const kernelSteps = rowMajor(w.kernel);
  return Array.from({ length: sizeOf(w.kernel) }, (_, t) => {
    const runs: number[] = [];
    descend(
      0,
      w.kernel.map((k, axis) => Math.floor(t / kernelSteps[axis]!) % k),
      0,
      0,
      runs,
    );
    return { step, runs };
  });
}

/** Adds a run, or lengthens the last one where it goes on. */
function addRun(runs: number[], out: number, input: number, count: number, step: number): void {
  if (count === 0) return;
  const last = runs.length - 3;
  const before = last >= 0 ? runs[last + 2]! : 0;
  if (last >= 0 && runs[last]! + before === out && runs[last + 1]! + before * step === input)
    runs[last + 2] = before + count;
  else runs.push(out, input, count);
}

/** Loops p0.. over output positions and r0.. over taps, and the input positions they point to. */
export function windowLoops(
  output: readonly number[],
  w: Window,
): { pixels: Loop[]; taps: Loop[]; input: Index[]; output: Index[]; kernel: Index[] } {
  const named = (prefix: string, sizes: readonly number[]): Loop[] =>
    makeLoops(Object.fromEntries(sizes.map((s, i) => [`${prefix}${i}`, s])));
  const pixels = named('p', output);
  const taps = named('r', w.kernel);
  return {
    pixels,
    taps,
    input: pixels.map((p, i) => index([p.name, w.strides[i]!, taps[i]!.name, w.dilations[i]!, -w.pads[i]!])),
    output: pixels.map((p) => index(p.name)),
    kernel: taps.map((t) => index(t.name)),
  };
}
