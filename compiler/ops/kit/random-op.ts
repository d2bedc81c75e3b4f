import { work } from '../../../hw-models/work/build.ts';
import type { OpCounts, Work } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { seededRandom, type Random } from '../../../src/base/random.ts';
import { formatOfCode, isFloat, type Format } from '../../formats/index.ts';
import type { TensorType } from '../../ir/types.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { optionalFloat } from '../attrs.ts';
import type { OperandInfo } from '../define.ts';
import { operandOf } from './elementwise.ts';

/** Why random ops are never folded. */
export const randomReason =
  "it draws random numbers; the stream of a seed is netloom's own, and seed 0 stands for an absent one";

export const seedAttr = optionalFloat('start of the random stream, the same on every machine; 0 when absent');

/** The stream of an ONNX seed, which is a float: whole numbers stand for themselves, others for their 32 bits. */
export function streamOf(seed: number | undefined): Random {
  const x = seed ?? 0;
  return seededRandom(Number.isInteger(x) ? x : new Int32Array(Float32Array.of(x).buffer)[0]!);
}

/** @throws NetloomError NL1009 when the code names no float format */
export function floatFormatOf(code: number): Format {
  const format = formatOfCode(code);
  if (format && isFloat(format)) return format;
  return fail('NL1009', {
    message: `attribute "dtype" is ${code}`,
    cause: 'it must be the ONNX type code of a floating-point format',
    fix: 'correct the node in the model',
  });
}

/** Steps of one draw: the generator (xoroshiro128+) adds, shifts and combines words. */
const draw: OpCounts = { add: 1, logic: 9, mul: 1 };

/** Counts of `n` random numbers, with what is done to each beside the draws. */
export function drawCounts(n: number, draws: number, more: OpCounts): OpCounts {
  const counts: Record<string, number> = {};
  for (const [kind, c] of Object.entries(draw)) counts[kind] = c * draws * n;
  for (const [kind, c] of Object.entries(more)) counts[kind] = (counts[kind] ?? 0) + c * n;
  return counts;
}

/** A random op as a procedure; `read` is an operand whose elements it uses. */
export const randomWork = (out: TensorType, counts: OpCounts, read?: Readonly<Record<string, OperandInfo>>): Work =>
  work(
    {
      ...Object.fromEntries(Object.entries(read ?? {}).map(([name, info]) => [name, operandOf(info)])),
      out: operandOf(out, 'output'),
    },
    {
      kind: 'procedure',
      why: 'a random stream is a chain of machine words, each made from the one before; steps of the generator and of the distribution are counted',
      counts,
      reads: Object.fromEntries(Object.entries(read ?? {}).map(([name, info]) => [name, sizeOf(info.shape)])),
      writes: { out: sizeOf(out.shape) },
    },
  );
