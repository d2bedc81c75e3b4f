import { at, axisLoops, call, loopValue, nest, padded, read, work } from '../../hw-models/work/build.ts';
import type { TensorType } from '../ir/types.ts';
import { rowMajor, showShape } from '../tensor/shape.ts';
import { numbers, sizeOf } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';
import { takeBlocks } from './kit/moves.ts';

function check(x: TensorType, lengths: TensorType, batch: number, time: number): void {
  const axes = [batch, time].sort((a, b) => a - b).join();
  if (axes !== '0,1' || x.shape.length < 2)
    misfit(
      'ReverseSequence has wrong axes',
      `batch_axis is ${batch} and time_axis ${time}; one must be 0 and the other 1, of at least two axes`,
    );
  if (lengths.shape.length !== 1 || lengths.shape[0] !== x.shape[batch])
    misfit(`sequence_lens has shape ${showShape(lengths.shape)}`, `the batch has ${x.shape[batch]} entries`);
}

/** Turns the first elements of each sequence around; how many, `lengths` says for each batch entry. */
export const reverseSequence = defineOp('reverse-sequence', {
  doc: 'Sequences of a batch turned around, each up to its own length.',
  onnx: { type: 'ReverseSequence', since: 10 },
  operands: ['x', 'lengths'],
  attrs: { batchAxis: int('axis of the batch: 0 or 1', 1), timeAxis: int('axis of time: 1 or 0', 0) },
  infer: ({ x, lengths }, { batchAxis, timeAxis }) => {
    check(x, lengths, batchAxis, timeAxis);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, lengths }, { batchAxis, timeAxis }) => {
    check(x, lengths, batchAxis, timeAxis);
    const time = x.shape[timeAxis]!;
    const given = numbers(lengths);
    for (let b = 0; b < given.length; b++)
      if (given[b]! < 0 || given[b]! > time)
        misfit(`the sequence of batch entry ${b} has length ${given[b]}`, `there are ${time} time steps`);
    const block = sizeOf(x.shape.slice(2));
    const steps = rowMajor(x.shape.slice(0, 2));
    return takeBlocks(x, x.shape, block, (i) => {
      const [b, t] = [Math.floor(i / steps[batchAxis]!) % x.shape[batchAxis]!, Math.floor(i / steps[timeAxis]!) % time];
      const from = t < given[b]! ? given[b]! - 1 - t : t;
      return (b * steps[batchAxis]! + from * steps[timeAxis]!) * block;
    });
  },
  work: ({ x, lengths }, { batchAxis, timeAxis }, { out }) => {
    const loops = axisLoops('i', x.shape);
    const names = loops.map((l) => l.name);
    const [b, t] = [names[batchAxis]!, names[timeAxis]!];
    const mirrored = {
      offset: -1,
      terms: [
        { read: 'lengths', at: at('lengths', b).at, by: 1 },
        { loop: t, by: -1 },
      ],
    };
    return work(
      { x: operandOf(x), lengths: operandOf(lengths), out: operandOf(out[0]!, 'output') },
      nest({
        loops,
        // Past the length the mirrored place lies before the start, and is not used.
        reads: [
          at('lengths', b),
          padded(at('x', ...names.map((name) => (name === t ? mirrored : name))), 0),
          at('x', ...names),
        ],
        write: at('out', ...names),
        compute: call('select', call('lt', loopValue(t), read(0)), read(1), read(2)),
      }),
    );
  },
  examples: [
    { x: 'f32[4,2] 0 4 1 5 2 6 3 7', lengths: 'i64[2] 4 2', out: 'f32[4,2] 3 5 2 4 1 6 0 7' },
    {
      x: 'i64[2,3,2] +0',
      lengths: 'i64[2] 1 3',
      attrs: { batchAxis: 0, timeAxis: 1 },
      out: 'i64[2,3,2] 0 1 2 3 4 5 10 11 8 9 6 7',
    },
  ],
});
