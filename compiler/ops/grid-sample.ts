import { at, axisLoops, call, index, loopValue, macs, nest, read, work } from '../../hw-models/work/build.ts';
import type { Access, Index, Loop, Operand, Scalar, Step, Work } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { f64, isFloat } from '../formats/index.ts';
import { rowMajor, showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import type { TensorType } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { choice, flag } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { neighbourOf, positionOf, setTaps, tapsIn, weightOf, type SamplingAttrs } from './kit/sampling.ts';

/** x[n, c, sizes...] sampled at grid[n, points..., axes], whose last axis names positions from the last axis of x on. */
function shapeOf(x: TensorType, grid: TensorType): number[] {
  const rank = x.shape.length;
  const fits =
    rank >= 3 && grid.shape.length === rank && grid.shape[0] === x.shape[0] && grid.shape[rank - 1] === rank - 2;
  if (!fits) {
    fail('NL1014', {
      message: 'the grid of a GridSample does not fit',
      cause: `x is ${showShape(x.shape)}, the grid ${showShape(grid.shape)}; it needs the same batch, as many axes, and one coordinate per spatial axis of x`,
      fix: 'correct the model',
    });
  }
  return [x.shape[0]!, x.shape[1]!, ...grid.shape.slice(1, -1)];
}

/** Opset 16 called two of the modes after two dimensions. */
function read16({ attributes: a }: NodeReader): ReadNode {
  const mode = a.string('mode') ?? 'bilinear';
  return {
    attrs: {
      mode: mode === 'bilinear' ? 'linear' : mode === 'bicubic' ? 'cubic' : mode,
      paddingMode: a.string('padding_mode') ?? 'zeros',
      alignCorners: (a.int('align_corners') ?? 0) !== 0,
    },
  };
}

/** A tensor read at positions that a second one names, between elements by linear or cubic interpolation. */
export const gridSample = defineOp('grid-sample', {
  doc: 'A tensor sampled at given positions.',
  onnx: [
    { type: 'GridSample', since: 20 },
    { type: 'GridSample', since: 16, until: 19, attrs: ['mode', 'padding_mode', 'align_corners'], read: read16 },
  ],
  operands: ['x', 'grid'],
  attrs: {
    mode: choice('how values between elements are made', ['linear', 'nearest', 'cubic'], 'linear'),
    paddingMode: choice('what lies beyond the ends', ['zeros', 'border', 'reflection'], 'zeros'),
    alignCorners: flag('-1 and 1 are the centres of the outermost elements, instead of their outer edges', false),
  },
  infer: ({ x, grid }) => {
    mustBe('grid-sample', 'value', x);
    mustBe('grid-sample', 'float', grid);
    return { format: x.format, shape: shapeOf(x, grid) };
  },
  evaluate: ({ x, grid }, attrs) => {
    const shape = shapeOf(x, grid);
    const [batch, channels] = shape as [number, number];
    const sizes = x.shape.slice(2);
    const steps = rowMajor(sizes);
    const [rank, taps] = [sizes.length, tapsIn(attrs.mode)];
    const [points, area] = [sizeOf(shape.slice(2)), sizeOf(sizes)];
    const [values, coordinates] = [numbers(x), numbers(grid)];
    const [positions, weights] = [new Float64Array(rank * taps), new Float64Array(rank * taps)];
    const corners = taps ** rank;
    const [offsets, shares] = [new Int32Array(corners), new Float64Array(corners)];
    const results = new Float64Array(sizeOf(shape));
    for (let n = 0; n < batch; n++) {
      for (let p = 0; p < points; p++) {
        for (let d = 0; d < rank; d++)
          setTaps(coordinates[(n * points + p) * rank + rank - 1 - d]!, sizes[d]!, attrs, positions, weights, d * taps);
        const count = cornersOf(positions, weights, taps, steps, offsets, shares);
        for (let c = 0; c < channels; c++) {
          const plane = (n * channels + c) * area;
          let sum = 0;
          for (let k = 0; k < count; k++) sum += values[plane + offsets[k]!]! * shares[k]!;
          results[(n * channels + c) * points + p] = sum;
        }
      }
    }
    return build(x.format, shape, isFloat(x.format) ? (i) => results[i]! : (i) => Math.trunc(Math.fround(results[i]!)));
  },
  work: ({ x, grid }, attrs, { out }) => gridWork(x, grid, attrs, out[0]!),
  examples: [
    { x: 'f32[1,1,2,2] 1 2 3 4', grid: 'f32[1,1,3,2] 0 0 -1 -1 0.5 0', out: 'f32[1,1,1,3] 2.5 0.25 3' },
    {
      x: 'f32[1,1,2,2] 1 2 3 4',
      grid: 'f32[1,1,3,2] 0 0 -1 -1 3 1',
      attrs: { alignCorners: true, paddingMode: 'border' },
      out: 'f32[1,1,1,3] 2.5 1 4',
    },
    {
      x: 'u8[1,2,1,3] 1 2 3 4 5 6',
      grid: 'f32[1,1,2,2] 1 0 -5 0',
      attrs: { mode: 'nearest', paddingMode: 'reflection' },
      out: 'u8[1,2,1,2] 3 1 6 4',
    },
    // -1.3 falls at -0.8, mirrored at the edge -0.5 to -0.2: between the first element and its own mirror image.
    {
      x: 'f32[1,1,1,2] 4 6',
      grid: 'f32[1,1,2,2] -1.3 0 1.5 0',
      attrs: { paddingMode: 'reflection' },
      out: 'f32[1,1,1,2] 4 6',
    },
    { x: 'f32[2,3,4,5] ~1', grid: 'f32[2,3,2,2] ~2', attrs: { mode: 'cubic', paddingMode: 'reflection' } },
    { x: 'f32[1,2,4,3] ~3', grid: 'f32[1,2,5,2] ~4', attrs: { mode: 'cubic', alignCorners: true } },
    { x: 'f32[1,2,3,4,2] ~5', grid: 'f32[1,2,2,3,3] ~6', attrs: { paddingMode: 'border' } },
    {
      x: 'f32[1,1,3,1] ~7',
      grid: 'f32[1,2,2,2] ~8',
      attrs: { mode: 'linear', paddingMode: 'reflection', alignCorners: true },
    },
  ],
});

/** Offsets and weights of the elements of a sample, all axes together; answers how many there are. */
function cornersOf(
  positions: Float64Array,
  weights: Float64Array,
  taps: number,
  steps: readonly number[],
  offsets: Int32Array,
  shares: Float64Array,
): number {
  let count = 0;
  for (let corner = 0; corner < offsets.length; corner++) {
    let [offset, share, rest] = [0, 1, corner];
    for (let d = steps.length - 1; d >= 0; d--) {
      const tap = d * taps + (rest % taps);
      rest = Math.floor(rest / taps);
      if (positions[tap]! < 0) offset = NaN;
      offset += positions[tap]! * steps[d]!;
      share *= weights[tap]!;
    }
    if (Number.isNaN(offset)) continue;
    offsets[count] = offset;
    shares[count++] = share;
  }
  return count;
}

/** Positions, neighbours and weights per point and axis; then per channel a sum of products over the neighbours. */
function gridWork(x: OperandInfo, grid: OperandInfo, attrs: SamplingAttrs, out: TensorType): Work {
  const sizes = x.shape.slice(2);
  const rank = sizes.length;
  const count = tapsIn(attrs.mode);
  const points: Loop[] = [{ name: 'n', size: out.shape[0]! }, ...axisLoops('p', out.shape.slice(2))];
  const here = points.map((l) => l.name);
  const operands: Record<string, Operand> = { x: operandOf(x), grid: operandOf(grid), out: operandOf(out, 'output') };
  const scratch = (name: string, ...more: number[]): string => {
    operands[name] = { role: 'scratch', format: f64, shape: [...points.map((l) => l.size), ...more] };
    return name;
  };
  const steps: Step[] = [];
  const tap = (d: number): Loop => ({ name: `t${d}`, size: count });
  sizes.forEach((size, d) => {
    const position = scratch(`position${d}`);
    const over = [...points, tap(d)];
    const from = at(position, ...here);
    steps.push(
      nest({
        loops: points,
        reads: [at('grid', ...here, rank - 1 - d)],
        write: from,
        compute: positionOf(read(0), size, attrs),
      }),
      nest({
        loops: over,
        reads: [from],
        write: at(scratch(`neighbour${d}`, count), ...here, `t${d}`),
        compute: neighbourOf(loopValue(`t${d}`), size, attrs),
      }),
    );
    if (attrs.mode === 'nearest') return;
    steps.push(
      nest({
        loops: over,
        reads: [from],
        write: at(scratch(`weight${d}`, count), ...here, `t${d}`),
        compute: weightOf(loopValue(`t${d}`), attrs.mode),
      }),
    );
  });
  const taps = sizes.map((_, d) => tap(d));
  const fetched = sizes.map((_, d): Index => ({
    offset: 0,
    terms: [{ read: `neighbour${d}`, at: [...here, `t${d}`].map((n) => index(n)), by: 1 }],
  }));
  const value: Access = at('x', 'n', 'c', ...fetched);
  const write = at('out', 'n', 'c', ...here.slice(1));
  const loops = [points[0]!, { name: 'c', size: out.shape[1]! }, ...points.slice(1)];
  if (attrs.mode === 'nearest') {
    const one = [...loops, ...taps];
    steps.push(nest({ loops: one, reads: [{ ...value, outside: 0 }], write, compute: read(0) }));
    return work(operands, ...steps);
  }
  const share = at(scratch('share', ...taps.map((t) => t.size)), ...here, ...taps.map((t) => t.name));
  const product = sizes.map((_, d): Scalar => read(d)).reduce((a, b) => call('mul', a, b));
  steps.push(
    nest({
      loops: [...points, ...taps],
      reads: sizes.map((_, d) => at(`weight${d}`, ...here, `t${d}`)),
      write: share,
      compute: product,
    }),
    macs({ loops: [...loops, ...taps], reads: [{ ...value, outside: 0 }, share], write }),
  );
  return work(operands, ...steps);
}
