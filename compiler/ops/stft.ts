import { at, call, nest, padded, read, work } from '../../hw-models/work/build.ts';
import type { Access, Loop, Operand, Step } from '../../hw-models/work/types.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { TensorType } from '../ir/types.ts';
import { flag } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { fftSteps, scratch, type FftNests } from './kit/fft-work.ts';
import { fftPlan, runFft } from './kit/fft.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';
import { countIn } from './kit/window-function.ts';

interface Sizes {
  readonly batch: number;
  readonly samples: number;
  /** 1 for real samples, 2 for complex ones. */
  readonly parts: number;
  readonly step: number;
  /** Samples of a frame. */
  readonly length: number;
  readonly frames: number;
  readonly bins: number;
}

/** Samples in [batch, samples], [batch, samples, 1] or [batch, samples, 2]. */
function sizesOf(
  x: TensorType,
  step: Tensor,
  window: TensorType | undefined,
  frame: Tensor | undefined,
  onesided: boolean,
): Sizes {
  const [batch, samples, parts = 1] = x.shape;
  if (x.shape.length < 2 || x.shape.length > 3 || (parts !== 1 && parts !== 2)) {
    misfit(
      'the signal of an STFT does not fit',
      `its shape is ${showShape(x.shape)}; [batch, samples, 1 (real) or 2 (complex)] is needed`,
    );
  }
  const width = window && sizeOf(window.shape);
  const length = frame ? countIn(frame, 'the frame length of an STFT', 1) : (width ?? samples!);
  if (width !== undefined && (window!.shape.length !== 1 || width !== length)) {
    misfit(
      'the window of an STFT does not fit',
      `its shape is ${showShape(window!.shape)}; the frame has ${length} samples`,
    );
  }
  if (length < 1 || length > samples!)
    misfit('a frame of an STFT does not fit', `it has ${length} samples; the signal has ${samples}`);
  const hop = countIn(step, 'the frame step of an STFT', 1);
  return {
    ...{ batch: batch!, samples: samples!, parts, step: hop, length },
    frames: Math.floor((samples! - length) / hop) + 1,
    bins: onesided ? Math.floor(length / 2) + 1 : length,
  };
}

type SizeArguments = [step: Tensor, window: TensorType | undefined, length: Tensor | undefined];

const sizeArguments = (
  step: OperandInfo,
  window: OperandInfo | undefined,
  length: OperandInfo | undefined,
): SizeArguments => [
  valueOf(step, 'the frame step of an STFT'),
  window,
  length && valueOf(length, 'the frame length of an STFT'),
];

/** Fourier transforms of frames that overlap, each multiplied by a window first: [batch, frames, bins, 2]. */
export const stft = defineOp('stft', {
  doc: 'Short-time Fourier transform of a signal.',
  onnx: { type: 'STFT', since: 17 },
  operands: ['x', 'step', 'window?', 'length?'],
  attrs: { onesided: flag('keep the bins up to the middle only', true) },
  infer: ({ x, step, window, length }, { onesided }) => {
    mustBe('stft', 'float', x, window);
    const s = sizesOf(x, ...sizeArguments(step, window, length), onesided);
    return { format: x.format, shape: [s.batch, s.frames, s.bins, 2] };
  },
  evaluate: ({ x, step, window, length }, { onesided }) => {
    const s = sizesOf(x, step, window, length, onesided);
    const plan = fftPlan(s.length);
    const values = numbers(x);
    const weights = window && numbers(window);
    const results = new Float64Array(s.batch * s.frames * s.bins * 2);
    const line = new Float64Array(2 * s.length);
    for (let f = 0; f < s.batch * s.frames; f++) {
      const start = Math.floor(f / s.frames) * s.samples + (f % s.frames) * s.step;
      for (let t = 0; t < s.length; t++) {
        const w = weights ? weights[t]! : 1;
        line[2 * t] = values[(start + t) * s.parts]! * w;
        line[2 * t + 1] = s.parts === 2 ? values[(start + t) * 2 + 1]! * w : 0;
      }
      results.set(runFft(plan, line).subarray(0, 2 * s.bins), f * s.bins * 2);
    }
    return build(x.format, [s.batch, s.frames, s.bins, 2], (i) => results[i]!);
  },
  work: ({ x, step, window, length }, { onesided }, { out }) => {
    const s = sizesOf(x, ...sizeArguments(step, window, length), onesided);
    const operands: Record<string, Operand> = {
      x: operandOf(x),
      ...(window ? { window: operandOf(window) } : {}),
      out: operandOf(out[0]!, 'output'),
    };
    const lines: Loop[] = [
      { name: 'b', size: s.batch },
      { name: 'f', size: s.frames },
    ];
    const nests: FftNests = { operands, format: x.format, lines };
    const frame = scratch(nests, 'frame', s.length);
    const sample = ['f', s.step, 't', 1] as const;
    const from: Access = x.shape.length === 2 ? at('x', 'b', sample) : padded(at('x', 'b', sample, 'c'), 0);
    const steps: Step[] = [
      ...(x.shape.length === 2
        ? [
            nest({
              loops: [...lines, { name: 't', size: s.length }],
              write: at(frame, 'b', 'f', 't', 1),
              compute: { value: 0 },
            }),
          ]
        : []),
      nest({
        loops: [...lines, { name: 't', size: s.length }, { name: 'c', size: x.shape.length === 2 ? 1 : 2 }],
        reads: [from, ...(window ? [at('window', 't')] : [])],
        write: at(frame, 'b', 'f', 't', 'c'),
        compute: window ? call('mul', read(0), read(1)) : read(0),
      }),
    ];
    const spectrum = fftSteps(fftPlan(s.length), frame, nests, steps);
    steps.push(
      nest({
        loops: [...lines, { name: 'k', size: s.bins }, { name: 'c', size: 2 }],
        reads: [at(spectrum, 'b', 'f', 'k', 'c')],
        write: at('out', 'b', 'f', 'k', 'c'),
        compute: read(0),
      }),
    );
    return work(operands, ...steps);
  },
  examples: [
    {
      x: 'f32[1,6,1] 1 2 3 4 5 6',
      step: 'i64[] 2',
      length: 'i64[] 4',
      out: 'f32[1,2,3,2] 10 0 -2 2 -2 0 18 0 -2 2 -2 0',
    },
    { x: 'f32[2,16] ~1', step: 'i64[] 3', window: 'f32[6] ~2', attrs: { onesided: false } },
    { x: 'f32[2,12,2] ~3', step: 'i32[] 5', window: 'f32[5] ~4', length: 'i32[] 5' },
  ],
});
