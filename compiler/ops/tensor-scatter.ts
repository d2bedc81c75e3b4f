import { at, axisLoops, nest, read, work } from '../../hw-models/work/build.ts';
import type { Nest } from '../../hw-models/work/types.ts';
import type { TensorType } from '../ir/types.ts';
import { normalAxis, rowMajor, showShape, walk } from '../tensor/shape.ts';
import { numbers } from '../tensor/tensor.ts';
import { choice, int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';
import { copyNest, misfit } from './kit/layout.ts';
import { scattered } from './kit/scatter.ts';

function sequenceAxis(cache: TensorType, update: TensorType, start: TensorType | undefined, axisGiven: number): number {
  const axis = normalAxis(axisGiven, cache.shape.length);
  if (axis === 0) misfit('the sequence axis is the batch axis', 'axis 0 counts the batch, one position for each');
  const fits =
    update.shape.length === cache.shape.length &&
    update.shape.every((d, i) => (i === axis ? d <= cache.shape[i]! : d === cache.shape[i]));
  if (!fits)
    misfit(
      `an update of ${showShape(update.shape)} does not fit a cache of ${showShape(cache.shape)}`,
      `all sizes must be equal but the one of axis ${axis}, where the update may be shorter`,
    );
  if (start && (start.shape.length !== 1 || start.shape[0] !== cache.shape[0]))
    misfit(`write_indices has shape ${showShape(start.shape)}`, `the batch has ${cache.shape[0]} entries`);
  return axis;
}

/**
 * Writes an update into a cache of keys or values from a position of each batch entry on; `circular` goes on at the
 * front when it reaches the end.
 */
export const tensorScatter = defineOp('tensor-scatter', {
  doc: 'A cache with an update written at a position of each batch entry.',
  onnx: { type: 'TensorScatter', since: 24 },
  operands: ['cache', 'update', 'start?'],
  attrs: {
    axis: int('sequence axis', -2),
    mode: choice('what happens at the end of the cache', ['linear', 'circular'], 'linear'),
  },
  infer: ({ cache, update, start }, { axis }) => {
    sameFormats('tensor-scatter', cache, update);
    sequenceAxis(cache, update, start, axis);
    return { format: cache.format, shape: cache.shape };
  },
  evaluate: ({ cache, update, start }, attrs) => {
    const axis = sequenceAxis(cache, update, start, attrs.axis);
    const [room, length] = [cache.shape[axis]!, update.shape[axis]!];
    const starts = start ? numbers(start) : new Float64Array(cache.shape[0]!);
    for (let b = 0; b < starts.length; b++) {
      const s = starts[b]!;
      if (s < 0 || (attrs.mode === 'linear' && s + length > room))
        misfit(
          `the update of batch entry ${b} does not fit`,
          `it is written from ${s} to ${s + length}, the cache has ${room} positions`,
        );
    }
    const step = rowMajor(cache.shape);
    const own = rowMajor(update.shape);
    const targets = new Float64Array(update.data.length);
    walk(update.shape, [step.map((s, i) => (i === axis ? 0 : s))], (i, [base]) => {
      const b = Math.floor(i / own[0]!);
      const s = Math.floor(i / own[axis]!) % length;
      targets[i] = base! + ((starts[b]! + s) % room) * step[axis]!;
    });
    return scattered(cache, update, 'none', (i) => targets[i]!);
  },
  work: ({ cache, update, start }, attrs, { out }) => {
    const axis = sequenceAxis(cache, update, start, attrs.axis);
    const loops = axisLoops('i', update.shape);
    const names = loops.map((l) => l.name);
    const writeFrom = (offset: number): Nest => {
      const index = {
        offset,
        terms: [{ loop: names[axis]!, by: 1 }, ...(start ? [{ read: 'start', at: at('start', 'i0').at, by: 1 }] : [])],
      };
      const write = at('out', ...names.map((name, i) => (i === axis ? index : name)));
      return nest({ loops, reads: [at('update', ...names)], write, compute: read(0), start: 'kept' });
    };
    // What passes the end is written from the front by a second run. A single position never passes it.
    const wraps = attrs.mode === 'circular' && start !== undefined && update.shape[axis]! > 1;
    return work(
      {
        cache: operandOf(cache),
        update: operandOf(update),
        ...(start ? { start: operandOf(start) } : {}),
        out: operandOf(out[0]!, 'output'),
      },
      copyNest('cache', 'out', cache.shape),
      writeFrom(0),
      ...(wraps ? [writeFrom(-cache.shape[axis]!)] : []),
    );
  },
  examples: [
    {
      cache: 'f32[2,3,1] 1 2 3 4 5 6',
      update: 'f32[2,1,1] 10 20',
      start: 'i64[2] 1 2',
      out: 'f32[2,3,1] 1 10 3 4 5 20',
    },
    {
      cache: 'f32[1,4,1] 1 2 3 4',
      update: 'f32[1,3,1] 10 20 30',
      start: 'i64[1] 2',
      attrs: { mode: 'circular' },
      out: 'f32[1,4,1] 30 2 10 20',
    },
    { cache: 'f32[1,2,3] *0', update: 'f32[1,2,2] 1 2 3 4', attrs: { axis: -1 }, out: 'f32[1,2,3] 1 2 0 3 4 0' },
    { cache: 'i64[2,2,5,3] ~1', update: 'i64[2,2,2,3] ~2', start: 'i64[2] 3 1' },
  ],
});
