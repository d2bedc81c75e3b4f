import type { OpCounts } from '../../../hw-models/work/types.ts';
import type { Random } from '../../../src/base/random.ts';
import { build, sizeOf } from '../../tensor/tensor.ts';
import { float, int, ints, optionalInt } from '../attrs.ts';
import { defineOp, type Example, type OpDef } from '../define.ts';
import { drawCounts, floatFormatOf, randomReason, randomWork, seedAttr, streamOf } from './random-op.ts';

interface Distribution {
  readonly doc: string;
  /** Names and meanings of its two parameters, with their defaults. */
  readonly first: readonly [name: string, doc: string, fallback: number];
  readonly second: readonly [name: string, doc: string, fallback: number];
  readonly sample: (random: Random, first: number, second: number) => number;
  readonly draws: number;
  /** Operations for each number beside the draws. */
  readonly counts: OpCounts;
}

const normal: Distribution = {
  doc: 'normally distributed numbers',
  first: ['mean', 'mean', 0],
  second: ['scale', 'standard deviation', 1],
  sample: (random, mean, scale) => mean + scale * random.normal(),
  draws: 2,
  counts: { exp: 2, div: 1, mul: 4, add: 1 },
};

const uniform: Distribution = {
  doc: 'uniformly distributed numbers',
  first: ['low', 'least value', 0],
  second: ['high', 'value that all are below', 1],
  sample: (random, low, high) => low + (high - low) * random.next(),
  draws: 1,
  counts: { mul: 1, add: 1 },
};

export const distributions = { normal, uniform };

/** A tensor of random numbers, of a shape that is given or taken from an operand. */
export function randomFill(
  kind: string,
  type: string,
  d: Distribution,
  like: boolean,
  examples: readonly Example[],
): OpDef {
  const parameters = {
    [d.first[0]]: float(d.first[1], d.first[2]),
    [d.second[0]]: float(d.second[1], d.second[2]),
    seed: seedAttr,
  };
  const of = (attrs: Readonly<Record<string, unknown>>): [number, number, number | undefined] => [
    attrs[d.first[0]] as number,
    attrs[d.second[0]] as number,
    attrs.seed as number | undefined,
  ];
  const fill = (
    format: ReturnType<typeof floatFormatOf>,
    shape: readonly number[],
    attrs: Readonly<Record<string, unknown>>,
  ) => {
    const [first, second, seed] = of(attrs);
    const random = streamOf(seed);
    return build(format, shape, () => d.sample(random, first, second));
  };
  const onnx = { type };
  if (!like) {
    return defineOp(kind, {
      doc: `A tensor of ${d.doc}.`,
      onnx,
      operands: [],
      impure: randomReason,
      attrs: { ...parameters, shape: ints('shape of the result'), dtype: int('ONNX type code of the result', 1) },
      infer: (_, { shape, dtype }) => ({ format: floatFormatOf(dtype), shape }),
      evaluate: (_, attrs) => fill(floatFormatOf(attrs.dtype), attrs.shape, attrs),
      work: (_operands, _attrs, { out }) => randomWork(out[0]!, drawCounts(sizeOf(out[0]!.shape), d.draws, d.counts)),
      examples,
    });
  }
  return defineOp(kind, {
    doc: `A tensor of ${d.doc}, shaped like another.`,
    onnx,
    operands: ['x'],
    impure: randomReason,
    attrs: { ...parameters, dtype: optionalInt('ONNX type code of the result; that of the operand when absent') },
    infer: ({ x }, { dtype }) => ({ format: floatFormatOf(dtype ?? x.format.onnx ?? 0), shape: x.shape }),
    evaluate: ({ x }, attrs) => fill(floatFormatOf(attrs.dtype ?? x.format.onnx ?? 0), x.shape, attrs),
    work: (_operands, _attrs, { out }) => randomWork(out[0]!, drawCounts(sizeOf(out[0]!.shape), d.draws, d.counts)),
    examples,
  });
}
