import { at, call, index, loopValue, loops, macs, nest, read, work } from '../../hw-models/work/build.ts';
import type { Index, Operand, Scalar, Step, Work } from '../../hw-models/work/types.ts';
import { f64, i64 } from '../formats/index.ts';
import { showShape } from '../tensor/shape.ts';
import { build, numbers, sizeOf } from '../tensor/tensor.ts';
import type { TensorType } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { choice, float, int } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { mustBe, sameFormats } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit, positionsIn } from './kit/layout.ts';

interface Attrs {
  readonly mode: 'avg' | 'max';
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly samplingRatio: number;
  readonly spatialScale: number;
  readonly coordinateTransformationMode: 'half_pixel' | 'output_half_pixel';
}

function shapeOf(
  x: TensorType,
  rois: TensorType,
  batch: TensorType,
  { outputHeight, outputWidth, samplingRatio }: Attrs,
): number[] {
  const n = rois.shape[0];
  if (
    x.shape.length !== 4 ||
    rois.shape.length !== 2 ||
    rois.shape[1] !== 4 ||
    batch.shape.length !== 1 ||
    batch.shape[0] !== n
  ) {
    misfit(
      'the operands of a RoiAlign do not fit',
      `they are ${[x, rois, batch].map((t) => showShape(t.shape)).join(', ')}; [n, c, h, w], [rois, 4] and [rois] are needed`,
    );
  }
  if (sizeOf(x.shape.slice(2)) === 0) misfit('RoiAlign has nothing to sample', `the map is ${showShape(x.shape)}`);
  if (outputHeight < 1 || outputWidth < 1 || samplingRatio < 0)
    misfit(
      'RoiAlign has no samples',
      `its output is ${outputHeight} x ${outputWidth}, its sampling ratio ${samplingRatio}`,
    );
  return [n!, x.shape[1]!, outputHeight, outputWidth];
}

/** Opset 10 knew only what was later called output_half_pixel; opset 16 made half_pixel the default. */
const readOld = ({ attributes: a }: NodeReader): ReadNode => ({
  attrs: {
    mode: a.string('mode') ?? 'avg',
    outputHeight: a.int('output_height') ?? 1,
    outputWidth: a.int('output_width') ?? 1,
    samplingRatio: a.int('sampling_ratio') ?? 0,
    spatialScale: a.float('spatial_scale') ?? 1,
    coordinateTransformationMode: 'output_half_pixel',
  },
});

/** Samples along one axis of a roi: for each bin, `count` samples of two neighbours with a weight each. */
interface AxisSamples {
  readonly count: number;
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

function samplesAlong(start: number, end: number, bins: number, size: number, attrs: Attrs): AxisSamples {
  const offset = attrs.coordinateTransformationMode === 'half_pixel' ? 0.5 : 0;
  const low = start * attrs.spatialScale - offset;
  const span = end * attrs.spatialScale - offset - low;
  // Without the offset, rois are at least one element large.
  const bin = (offset === 0 ? Math.max(span, 1) : span) / bins;
  const count = attrs.samplingRatio > 0 ? attrs.samplingRatio : Math.max(0, Math.ceil(bin)) || 0;
  const places = new Int32Array(bins * count * 2);
  const weights = new Float64Array(bins * count * 2);
  for (let b = 0, k = 0; b < bins; b++) {
    for (let i = 0; i < count; i++, k += 2)
      setNeighbours(low + b * bin + ((i + 0.5) * bin) / count, size, k, places, weights);
  }
  return { count, places, weights };
}

/** A position up to one element outside counts as the edge; a sample beyond that is nothing. */
function setNeighbours(position: number, size: number, k: number, places: Int32Array, weights: Float64Array): void {
  const isInside = position >= -1 && position <= size;
  const x = isInside ? Math.min(size - 1, Math.max(0, position)) : 0;
  const low = Math.floor(x);
  places[k] = low;
  places[k + 1] = Math.min(size - 1, low + 1);
  weights[k] = isInside ? 1 - (x - low) : 0;
  weights[k + 1] = isInside ? x - low : 0;
}

/**
 * Regions of a map at one size: each is divided into bins, sampled at regular points between elements, and the samples
 * of a bin averaged. Mode `max` takes the greatest weighted neighbour, as the standard's reference does.
 */
export const roiAlign = defineOp('roi-align', {
  doc: 'Regions of a map, sampled between elements and brought to one size.',
  onnx: [
    { type: 'RoiAlign', since: 16 },
    {
      type: 'RoiAlign',
      since: 10,
      until: 15,
      attrs: ['mode', 'output_height', 'output_width', 'sampling_ratio', 'spatial_scale'],
      read: readOld,
    },
  ],
  operands: ['x', 'rois', 'batch'],
  attrs: {
    mode: choice('what becomes of the samples of a bin', ['avg', 'max'], 'avg'),
    outputHeight: int('bins from top to bottom', 1),
    outputWidth: int('bins from left to right', 1),
    samplingRatio: int('samples of a bin along each axis; 0 for one per element it covers', 0),
    spatialScale: float('elements of the map per unit of the coordinates', 1),
    coordinateTransformationMode: choice(
      'whether coordinates are moved by half an element first',
      ['half_pixel', 'output_half_pixel'],
      'half_pixel',
    ),
  },
  infer: ({ x, rois, batch }, attrs) => {
    mustBe('roi-align', 'float', x, rois);
    mustBe('roi-align', 'int', batch);
    sameFormats('roi-align', x, rois);
    return { format: x.format, shape: shapeOf(x, rois, batch, attrs) };
  },
  evaluate: ({ x, rois, batch }, attrs) => {
    const shape = shapeOf(x, rois, batch, attrs);
    const [count, channels, rows, columns] = shape as [number, number, number, number];
    const [height, width] = x.shape.slice(2) as [number, number];
    const [values, corners] = [numbers(x), numbers(rois)];
    const maps = positionsIn(batch, x.shape[0]!, 'the batch index of a roi');
    const results = new Float64Array(sizeOf(shape));
    for (let r = 0; r < count; r++) {
      const [x1, y1, x2, y2] = [0, 1, 2, 3].map((k) => corners[4 * r + k]!) as [number, number, number, number];
      const down = samplesAlong(y1, y2, rows, height, attrs);
      const across = samplesAlong(x1, x2, columns, width, attrs);
      for (let c = 0; c < channels; c++) {
        const plane = (maps[r]! * channels + c) * height * width;
        const target = (r * channels + c) * rows * columns;
        for (let i = 0; i < rows * columns; i++)
          results[target + i] = binValue(
            values,
            plane,
            width,
            down,
            Math.floor(i / columns),
            across,
            i % columns,
            attrs.mode,
          );
      }
    }
    return build(x.format, shape, (i) => results[i]!);
  },
  work: ({ x, rois, batch }, attrs, { out }) =>
    (attrs.samplingRatio > 0 ? sampledWork : coveredWork)(x, rois, batch, attrs, out[0]!),
  examples: [
    {
      x: 'f32[1,1,3,3] 0 1 2 3 4 5 6 7 8',
      rois: 'f32[1,4] 0 0 2 2',
      batch: 'i64[1] 0',
      attrs: { samplingRatio: 1, outputHeight: 1, outputWidth: 2, coordinateTransformationMode: 'output_half_pixel' },
      out: 'f32[1,1,1,2] 3.5 4.5',
    },
    {
      x: 'f32[1,1,3,3] 0 1 2 3 4 5 6 7 8',
      rois: 'f32[1,4] 0 0 2 2',
      batch: 'i64[1] 0',
      attrs: { coordinateTransformationMode: 'output_half_pixel' },
      out: 'f32[1,1,1,1] 4',
    },
    {
      x: 'f32[2,3,5,6] ~1',
      rois: 'f32[2,4] 1 1 9 7 -6 0 3 12',
      batch: 'i64[2] 1 0',
      attrs: { samplingRatio: 2, outputHeight: 3, outputWidth: 2, spatialScale: 0.5 },
    },
    {
      x: 'f32[2,2,4,4] ~2',
      rois: 'f32[2,4] 1 1 2 3 0 0 3 3',
      batch: 'i64[2] 1 1',
      attrs: {
        mode: 'max',
        samplingRatio: 3,
        outputHeight: 2,
        outputWidth: 2,
        coordinateTransformationMode: 'output_half_pixel',
      },
    },
    {
      x: 'f32[1,2,6,6] ~3',
      rois: 'f32[2,4] 0 1 5 4 3 3 3 3',
      batch: 'i64[2] 0 0',
      attrs: { outputHeight: 2, outputWidth: 2 },
    },
  ],
});

function binValue(
  values: ArrayLike<number>,
  plane: number,
  width: number,
  down: AxisSamples,
  row: number,
  across: AxisSamples,
  column: number,
  mode: Attrs['mode'],
): number {
  let [sum, greatest] = [0, -Infinity];
  for (let i = row * down.count * 2; i < (row + 1) * down.count * 2; i++) {
    const line = plane + down.places[i]! * width;
    for (let j = column * across.count * 2; j < (column + 1) * across.count * 2; j++) {
      const part = values[line + across.places[j]!]! * down.weights[i]! * across.weights[j]!;
      sum += part;
      if (part > greatest || Number.isNaN(part)) greatest = part;
    }
  }
  const samples = down.count * across.count;
  return mode === 'avg' ? sum / Math.max(1, samples) : samples === 0 ? 0 : greatest;
}

/** Positions, neighbours and weights per roi and axis, then a sum of products (or the greatest product) per channel. */
function sampledWork(x: OperandInfo, rois: OperandInfo, batch: OperandInfo, attrs: Attrs, out: TensorType): Work {
  const [count, channels, rows, columns] = out.shape as [number, number, number, number];
  const ratio = attrs.samplingRatio;
  const operands: Record<string, Operand> = {
    x: operandOf(x),
    rois: operandOf(rois),
    batch: operandOf(batch),
    out: operandOf(out, 'output'),
  };
  const steps: Step[] = [
    ...axisSteps('y', 1, rows, x.shape[2]!, count, attrs, operands),
    ...axisSteps('x', 0, columns, x.shape[3]!, count, attrs, operands),
  ];
  const sampleLoops = loops({ p: rows, q: columns, i: ratio, j: ratio, s: 2, t: 2 });
  operands.share = { role: 'scratch', format: f64, shape: [count, ...sampleLoops.map((l) => l.size)] };
  const share = at('share', 'r', 'p', 'q', 'i', 'j', 's', 't');
  const product = call('mul', read(0), read(1));
  steps.push(
    nest({
      loops: [...loops({ r: count }), ...sampleLoops],
      reads: [at('weight_y', 'r', 'p', 'i', 's'), at('weight_x', 'r', 'q', 'j', 't')],
      write: share,
      compute: attrs.mode === 'avg' ? call('mul', product, 1 / (ratio * ratio)) : product,
    }),
  );
  const fetched = (name: string, ...names: readonly string[]): Index => ({
    offset: 0,
    terms: [{ read: name, at: names.map((n) => index(n)), by: 1 }],
  });
  const map: Index = { offset: 0, terms: [{ read: 'batch', at: [index('r')], by: 1, wrap: x.shape[0]! }] };
  const form = {
    loops: [...loops({ r: count, c: channels }), ...sampleLoops],
    reads: [at('x', map, 'c', fetched('place_y', 'r', 'p', 'i', 's'), fetched('place_x', 'r', 'q', 'j', 't')), share],
    write: at('out', 'r', 'c', 'p', 'q'),
  };
  steps.push(attrs.mode === 'avg' ? macs(form) : nest({ ...form, combine: 'max', compute: product }));
  return work(operands, ...steps);
}

function axisSteps(
  name: string,
  column: number,
  bins: number,
  size: number,
  count: number,
  attrs: Attrs,
  operands: Record<string, Operand>,
): Step[] {
  const ratio = attrs.samplingRatio;
  operands[`position_${name}`] = { role: 'scratch', format: f64, shape: [count, bins, ratio] };
  operands[`place_${name}`] = { role: 'scratch', format: i64, shape: [count, bins, ratio, 2] };
  operands[`weight_${name}`] = { role: 'scratch', format: f64, shape: [count, bins, ratio, 2] };
  const offset = attrs.coordinateTransformationMode === 'half_pixel' ? 0.5 : 0;
  const [low, high] = [0, 1].map((n) => call('sub', call('mul', read(n), attrs.spatialScale), offset)) as [
    Scalar,
    Scalar,
  ];
  const span = call('sub', high, low);
  const bin = call('div', offset === 0 ? call('max', span, 1) : span, bins);
  const within = call('div', call('mul', call('add', loopValue('i'), 0.5), bin), ratio);
  const isInside = call('and', call('ge', read(0), -1), call('le', read(0), size));
  const x = call('select', isInside, call('min', size - 1, call('max', 0, read(0))), 0);
  const rest = call('sub', x, call('floor', x));
  const position = at(`position_${name}`, 'r', 'p', 'i');
  const neighbours = loops({ r: count, p: bins, i: ratio, s: 2 });
  return [
    nest({
      loops: loops({ r: count, p: bins, i: ratio }),
      reads: [at('rois', 'r', column), at('rois', 'r', column + 2)],
      write: position,
      compute: call('add', call('add', low, call('mul', loopValue('p'), bin)), within),
    }),
    nest({
      loops: neighbours,
      reads: [position],
      write: at(`place_${name}`, 'r', 'p', 'i', 's'),
      compute: call('min', size - 1, call('add', call('floor', x), loopValue('s'))),
    }),
    nest({
      loops: neighbours,
      reads: [position],
      write: at(`weight_${name}`, 'r', 'p', 'i', 's'),
      compute: call('select', isInside, call('select', loopValue('s'), rest, call('sub', 1, rest)), 0),
    }),
  ];
}

/** With sampling by what a roi covers, the count depends on the data: that of rois as large as the map is stated. */
function coveredWork(
  x: OperandInfo,
  rois: OperandInfo,
  batch: OperandInfo,
  { outputHeight, outputWidth }: Attrs,
  out: TensorType,
): Work {
  const [count, channels] = out.shape as [number, number];
  const samples =
    Math.ceil(x.shape[2]! / outputHeight) * Math.ceil(x.shape[3]! / outputWidth) * outputHeight * outputWidth * count;
  return work(
    { x: operandOf(x), rois: operandOf(rois), batch: operandOf(batch), out: operandOf(out, 'output') },
    {
      kind: 'procedure',
      why: 'the number of samples follows from the size of each roi; counted are rois as large as the map, four neighbours a sample',
      counts: { mac: 4 * samples * channels, mul: 8 * samples, add: 8 * samples, compare: 4 * samples },
      reads: { x: 4 * samples * channels, rois: 4 * count, batch: count },
      writes: { out: sizeOf(out.shape) },
    },
  );
}
