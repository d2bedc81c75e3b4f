import { at, axisLoops, call, index, nest, padded, read, work } from '../../hw-models/work/build.ts';
import type { Access, Index, Loop, Operand, Step } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { normalAxis, showShape } from '../tensor/shape.ts';
import { build, numbers, scalarOf, sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { TensorType } from '../ir/types.ts';
import { absent } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { flag } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { fftSteps, scratch, type FftNests } from './kit/fft-work.ts';
import { fftPlan, runFft } from './kit/fft.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';
import { linesAlong } from './kit/lines.ts';
import { countIn } from './kit/window-function.ts';

interface Flags {
  readonly inverse: boolean;
  readonly onesided: boolean;
}

interface Sizes {
  readonly axis: number;
  /** Numbers of a line that are given, and 1 for real or 2 for complex ones. */
  readonly given: number;
  readonly parts: number;
  /** Points of the transform. */
  readonly n: number;
  /** Numbers of a line that are kept. */
  readonly kept: number;
  /** The result is real: the input is half of a spectrum whose other half mirrors it. */
  readonly mirrored: boolean;
  readonly shape: readonly number[];
}

function sizesOf(
  x: TensorType,
  length: Tensor | undefined,
  axis: Tensor | undefined,
  { inverse, onesided }: Flags,
): Sizes {
  const rank = x.shape.length;
  const parts = x.shape[rank - 1];
  if (rank < 2 || (parts !== 1 && parts !== 2))
    misfit(
      'the signal of a DFT does not fit',
      `its shape is ${showShape(x.shape)}; the last axis must hold 1 (real) or 2 (complex) numbers`,
    );
  const a = normalAxis(axis ? scalarOf(axis) : -2, rank);
  if (a === rank - 1) misfit('a DFT cannot run along the last axis', 'that axis holds real and imaginary parts');
  const given = x.shape[a]!;
  const mirrored = inverse && onesided;
  const n = length ? countIn(length, 'the length of a DFT', 1) : mirrored ? 2 * (given - 1) : given;
  if (n < 1)
    fail('NL1014', {
      message: 'a DFT has no points',
      cause: `axis ${a} has ${given} elements`,
      fix: 'correct the model, or give the right input shape with --shape',
    });
  const kept = onesided && !inverse ? Math.floor(n / 2) + 1 : n;
  const shape = x.shape.map((d, i) => (i === a ? kept : i === rank - 1 ? (mirrored ? 1 : 2) : d));
  return { axis: a, given, parts: parts!, n, kept, mirrored, shape };
}

const known = (operand: OperandInfo | undefined, what: string): Tensor | undefined => operand && valueOf(operand, what);

/** Before opset 20 the axis was an attribute, 1 when absent. */
function readOld(node: NodeReader): ReadNode {
  const { attributes: a } = node;
  const axis = node.wholes([a.int('axis') ?? 1], 'axis');
  return {
    inputs: [node.inputs[0]!, node.inputs[1] ?? absent, axis],
    attrs: { inverse: (a.int('inverse') ?? 0) !== 0, onesided: (a.int('onesided') ?? 0) !== 0 },
  };
}

/**
 * The discrete Fourier transform along an axis of real or complex numbers, whose parts are the last axis; the inverse
 * is divided by the number of points. Lines are cut or filled with zeros to `length`. One-sided: the forward transform
 * keeps the bins up to n/2, the inverse takes such a half and gives real numbers (n = 2 (bins - 1) when not said).
 * Numbers of 32 bits and less are computed in single precision, in the order of the usual FFT.
 */
export const dft = defineOp('dft', {
  doc: 'Discrete Fourier transform along an axis.',
  onnx: [
    { type: 'DFT', since: 20 },
    { type: 'DFT', since: 17, until: 19, attrs: ['axis', 'inverse', 'onesided'], read: readOld },
  ],
  operands: ['x', 'length?', 'axis?'],
  attrs: { inverse: flag('transform back', false), onesided: flag('only the half that real signals need', false) },
  infer: ({ x, length, axis }, attrs) => {
    mustBe('dft', 'float', x);
    return {
      format: x.format,
      shape: sizesOf(x, known(length, 'the length of a DFT'), known(axis, 'the axis of a DFT'), attrs).shape,
    };
  },
  evaluate: ({ x, length, axis }, attrs) => {
    const s = sizesOf(x, length, axis, attrs);
    const plan = fftPlan(s.n, attrs.inverse, x.format.bits <= 32);
    const { outer, inner } = linesAlong(x.shape.slice(0, -1), s.axis);
    const values = numbers(x);
    const results = new Float64Array(sizeOf(s.shape));
    const parts = s.mirrored ? 1 : 2;
    const scale = attrs.inverse ? 1 / s.n : 1;
    const line = new Float64Array(2 * s.n);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        load(line, values, (o * s.given * inner + i) * s.parts, inner * s.parts, s);
        const spectrum = runFft(plan, line);
        if (s.parts === 1) makeRealBins(spectrum, s.n);
        for (let k = 0; k < s.kept; k++) {
          for (let c = 0; c < parts; c++)
            results[((o * s.kept + k) * inner + i) * parts + c] = spectrum[2 * k + c]! * scale;
        }
      }
    }
    return build(x.format, s.shape, (i) => results[i]!);
  },
  work: ({ x, length, axis }, attrs, { out }) => {
    const s = sizesOf(x, known(length, 'the length of a DFT'), known(axis, 'the axis of a DFT'), attrs);
    const operands: Record<string, Operand> = { x: operandOf(x), out: operandOf(out[0]!, 'output') };
    const lines = axisLoops('i', x.shape.slice(0, -1)).filter((_, i) => i !== s.axis);
    const nests: FftNests = { operands, format: x.format, lines };
    const steps: Step[] = [];
    const spectrum = fftSteps(fftPlan(s.n, attrs.inverse), loadSteps(s, nests, steps), nests, steps);
    const names = lines.map((l) => l.name);
    steps.push(
      nest({
        loops: [...lines, { name: 'k', size: s.kept }, { name: 'c', size: s.mirrored ? 1 : 2 }],
        reads: [at(spectrum, ...names, 'k', 'c')],
        write: onLine('out', lines, s, index('k'), index('c')),
        compute: attrs.inverse ? call('mul', read(0), 1 / s.n) : read(0),
      }),
    );
    return work(operands, ...steps);
  },
  examples: [
    { x: 'f32[1,4,1] 1 2 3 4', axis: 'i64[] 1', out: 'f32[1,4,2] 10 0 -2 2 -2 0 -2 -2' },
    { x: 'f32[1,4,1] 1 2 3 4', attrs: { onesided: true }, out: 'f32[1,3,2] 10 0 -2 2 -2 0' },
    { x: 'f32[1,3,2] 10 0 -2 2 -2 0', attrs: { onesided: true, inverse: true }, out: 'f32[1,4,1] 1 2 3 4' },
    { x: 'f32[1,4,2] 10 0 -2 2 -2 0 -2 -2', attrs: { inverse: true }, out: 'f32[1,4,2] 1 0 2 0 3 0 4 0' },
    { x: 'f64[2,6,3,2] ~1', axis: 'i64[] 1' },
    { x: 'f32[2,5,1] ~2', length: 'i64[] 8', axis: 'i32[] -2', attrs: { onesided: true } },
    { x: 'f32[3,15,2] ~3', length: 'i64[] 12', attrs: { inverse: true } },
    { x: 'f32[2,4,2] ~4', length: 'i64[] 7', attrs: { inverse: true, onesided: true } },
    { x: 'f64[67,2] ~5', axis: 'i64[] 0' },
  ],
});

/** A line as complex numbers, cut or filled with zeros to n; a half spectrum is completed by its mirror image. */
function load(
  line: Float64Array,
  values: ArrayLike<number>,
  start: number,
  step: number,
  { given, parts, n, mirrored }: Sizes,
): void {
  line.fill(0);
  const half = Math.floor(n / 2);
  for (let t = 0; t < Math.min(given, mirrored ? half + 1 : n); t++) {
    const from = start + t * step;
    line[2 * t] = values[from]!;
    if (parts === 2) line[2 * t + 1] = values[from + 1]!;
  }
  if (!mirrored) return;
  // A real signal has a real first bin, and a real middle one when n is even.
  line[1] = 0;
  if (n % 2 === 0) line[2 * half + 1] = 0;
  for (let t = 1; t < n - half; t++) {
    line[2 * (n - t)] = line[2 * t]!;
    line[2 * (n - t) + 1] = -line[2 * t + 1]!;
  }
}

/** The first bin of a real signal is real, and the middle one when n is even: no rounding error is left there. */
function makeRealBins(spectrum: Float64Array, n: number): void {
  spectrum[1] = 0;
  if (n % 2 === 0) spectrum[n + 1] = 0;
}

/** An access along a line of `operand`: all loops over lines in their places, then the position and the part. */
function onLine(operand: string, lines: readonly Loop[], { axis }: Sizes, position: Index, part: Index): Access {
  const at_ = lines.map((l) => index(l.name));
  at_.splice(axis, 0, position);
  return { operand, at: [...at_, part] };
}

/** The same as `load` in nests: what is read outside a line, or as imaginary part of a real one, is zero. */
function loadSteps(s: Sizes, nests: FftNests, steps: Step[]): string {
  const { lines } = nests;
  const names = lines.map((l) => l.name);
  const line = scratch(nests, 'line', s.n);
  const from = (position: Index, part: Index): Access => padded(onLine('x', lines, s, position, part), 0);
  const first = s.mirrored ? Math.floor(s.n / 2) + 1 : s.n;
  const copy = (count: number, position: Index, source: Index, part: number, sign: 1 | -1 | 0): Step =>
    nest({
      loops: [...lines, { name: 't', size: count }],
      reads: sign === 0 ? [] : [from(source, index(part))],
      write: { operand: line, at: [...names.map((n) => index(n)), position, index(part)] },
      compute: sign === 0 ? { value: 0 } : sign === 1 ? read(0) : call('neg', read(0)),
    });
  steps.push(copy(first, index('t'), index('t'), 0, 1), copy(first, index('t'), index('t'), 1, 1));
  if (!s.mirrored) return line;
  steps.push(copy(1, index('t'), index('t'), 1, 0));
  if (s.n % 2 === 0) steps.push(copy(1, index(['t', 1, s.n / 2]), index('t'), 1, 0));
  const mirror: Index = index(['t', -1, s.n - 1]);
  const count = s.n - first;
  if (count > 0)
    steps.push(copy(count, mirror, index(['t', 1, 1]), 0, 1), copy(count, mirror, index(['t', 1, 1]), 1, -1));
  return line;
}
