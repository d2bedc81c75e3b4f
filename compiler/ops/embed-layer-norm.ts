import { at, call, index, loops as loopsOf, nest, read, work } from '../../hw-models/work/build.ts';
import type { Access, Index, Scalar, Step } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { i32 } from '../formats/index.ts';
import type { TensorType } from '../ir/types.ts';
import { showShape } from '../tensor/shape.ts';
import { build, fromNumbers, numbers, type Tensor } from '../tensor/tensor.ts';
import { float } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { normaliseStep, perChannel, scaleAndShift } from './kit/affine.ts';
import { operandOf } from './kit/elementwise.ts';
import { momentScratch, momentSteps, momentsOf } from './kit/moments.ts';

interface Sizes {
  readonly batch: number;
  readonly sequence: number;
  readonly width: number;
}

function sizesOf(ids: TensorType, words: TensorType): Sizes {
  if (ids.shape.length === 2 && words.shape.length === 2)
    return { batch: ids.shape[0]!, sequence: ids.shape[1]!, width: words.shape[1]! };
  return fail('NL1014', {
    message: 'the operands of an embedding do not fit',
    cause: `ids have shape ${showShape(ids.shape)}, the word table ${showShape(words.shape)}; both need two axes`,
    fix: 'correct the model',
  });
}

/** The row of a table. @throws NetloomError NL1014 when it does not exist */
function rowOf(table: Tensor, row: number): number {
  if (row >= 0 && row < table.shape[0]!) return row * table.shape[1]!;
  return fail('NL1014', {
    message: 'an embedding has no such row',
    cause: `row ${row} of ${table.shape[0]}`,
    fix: 'correct the data',
  });
}

/** Word, position and segment embeddings of tokens, summed and normalised (com.microsoft). */
export const embedLayerNorm = defineOp('embed-layer-norm', {
  doc: 'Sum of word, position and segment embeddings, then layer normalisation over the last axis.',
  onnx: {
    type: 'EmbedLayerNormalization',
    domains: ['com.microsoft'],
    attrs: ['epsilon', 'mask_index_type'],
    read: ({ attributes: a }) => ({ attrs: { epsilon: a.float('epsilon') ?? 1e-12 } }),
  },
  operands: ['ids', 'segments?', 'words', 'places', 'segmentTable?', 'scale', 'bias', 'mask?', 'positions?'],
  outputs: ['out', 'lengths?', 'sum?'],
  attrs: { epsilon: float('added to the variance', 1e-12) },
  infer: ({ ids, words, scale, bias }) => {
    const { batch, sequence, width } = sizesOf(ids, words);
    perChannel('scale', scale, width);
    perChannel('bias', bias, width);
    const type = { format: words.format, shape: [batch, sequence, width] };
    return [type, { format: i32, shape: [batch] }, type];
  },
  evaluate: ({ ids, segments, words, places, segmentTable, scale, bias, mask, positions }, { epsilon }) => {
    const { batch, sequence, width } = sizesOf(ids, words);
    const [tokens, kinds, own] = [numbers(ids), segments && numbers(segments), positions && numbers(positions)];
    const [w, p, s] = [numbers(words), numbers(places), segmentTable && numbers(segmentTable)];
    const sums = new Float64Array(batch * sequence * width);
    const normalised = new Float64Array(sums.length);
    for (let i = 0; i < batch * sequence; i++) {
      // Positions may be given once for all sequences.
      const position = own ? own[own.length === sequence ? i % sequence : i]! : i % sequence;
      const rows = [
        rowOf(words, tokens[i]!),
        rowOf(places, position),
        segmentTable && kinds ? rowOf(segmentTable, kinds[i]!) : 0,
      ] as const;
      for (let d = 0; d < width; d++)
        sums[i * width + d] = w[rows[0] + d]! + p[rows[1] + d]! + (s && kinds ? s[rows[2] + d]! : 0);
      const { mean, inverse } = momentsOf(sums, i * width, width, epsilon);
      for (let d = i * width; d < (i + 1) * width; d++) normalised[d] = (sums[d]! - mean) * inverse;
    }
    const shape = [batch, sequence, width];
    const out = scaleAndShift(normalised, shape, { ...words.format, round: (v) => v }, scale, bias);
    const set = mask && numbers(mask);
    const lengths = Array.from({ length: batch }, (_, b) =>
      set ? Array.from({ length: sequence }, (__, t) => set[b * sequence + t]!).filter((m) => m === 1).length : 0,
    );
    return [
      build(words.format, shape, (i) => out[i]!),
      fromNumbers(i32, [batch], lengths),
      build(words.format, shape, (i) => sums[i]!),
    ];
  },
  work: (
    { ids, segments, words, places, segmentTable, scale, bias, mask, positions },
    { epsilon },
    { out, wanted },
  ) => {
    const { batch, sequence, width } = sizesOf(ids, words);
    const tokens = loopsOf({ b: batch, t: sequence });
    const loops = [...tokens, ...loopsOf({ d: width })];
    const row = (operand: string, shape: readonly number[]): Index => ({
      offset: 0,
      terms: [
        {
          read: operand,
          at: shape.length === 2 ? [shape[0] === 1 ? index(0) : index('b'), index('t')] : [index('t')],
          by: 1,
        },
      ],
    });
    const reads: Access[] = [
      at('words', row('ids', ids.shape), 'd'),
      at('places', positions ? row('positions', positions.shape) : 't', 'd'),
    ];
    if (segments && segmentTable) reads.push(at('segmentTable', row('segments', segments.shape), 'd'));
    const sum = reads.map((_, i): Scalar => read(i)).reduce((a, b) => call('add', a, b));
    const all = (operand: string): Access => at(operand, 'b', 't', 'd');
    const group = (operand: string): Access => at(operand, 'b', 't', 0);
    const named = Object.entries<OperandInfo | undefined>({
      ids,
      segments,
      words,
      places,
      segmentTable,
      scale,
      bias,
      mask,
      positions,
    }).flatMap(([name, info]) => (info ? [[name, operandOf(info)] as const] : []));
    const count: Step = nest({
      loops: mask ? tokens : loopsOf({ b: batch }),
      reads: mask ? [at('mask', 'b', 't')] : [],
      write: at('lengths', 'b'),
      combine: 'add',
      compute: mask ? call('eq', read(0), 1) : { value: 0 },
    });
    return work(
      {
        ...Object.fromEntries(named),
        ...momentScratch([batch, sequence, 1], words.format),
        sum: operandOf(out[2]!, wanted[2] ? 'output' : 'scratch'),
        ...(wanted[1] ? { lengths: operandOf(out[1]!, 'output') } : {}),
        out: operandOf(out[0]!, 'output'),
      },
      nest({ loops, reads, write: all('sum'), compute: sum }),
      ...momentSteps({ loops, groups: tokens, x: all('sum'), group, count: width, epsilon }),
      normaliseStep({
        loops,
        x: all('sum'),
        mean: group('mean'),
        inverse: group('inverse'),
        scale: at('scale', 'd'),
        bias: at('bias', 'd'),
        write: all('out'),
      }),
      ...(wanted[1] ? [count] : []),
    );
  },
  examples: [
    {
      ids: 'i32[1,2] 1 0',
      words: 'f32[2,2] 1 2 3 5',
      places: 'f32[2,2] 0 0 0 2',
      scale: 'f32[2] 1 2',
      bias: 'f32[2] 0 1',
      attrs: { epsilon: 0 },
      out: 'f32[1,2,2] -1 3 -1 3',
      sum: 'f32[1,2,2] 3 5 1 4',
      lengths: 'i32[1] 0',
    },
    {
      ids: 'i32[2,3] 0 1 2 2 1 0',
      segments: 'i32[2,3] 0 1 1 0 0 1',
      words: 'f32[3,4] ~1',
      places: 'f32[5,4] ~2',
      segmentTable: 'f32[2,4] ~3',
      scale: 'f32[4] ~4',
      bias: 'f32[4] ~5',
      mask: 'i32[2,3] 1 1 0 1 0 0',
      positions: 'i32[2,3] 4 0 1 2 3 3',
      attrs: { epsilon: 0.1 },
      lengths: 'i32[2] 2 1',
    },
  ],
});
