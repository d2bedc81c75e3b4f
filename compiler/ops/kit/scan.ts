import type { Graph, TensorType } from '../../ir/types.ts';
import { normalAxis, rowMajor, showShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { bodyOutputs, joinStates, stacked } from './bodies.ts';
import { misfit } from './layout.ts';
import { strided } from './moves.ts';

const without = (shape: readonly number[], axis: number): number[] => shape.filter((_, i) => i !== axis);

/** One element of a sequence: a slice at a position of an axis, without that axis. */
export function sliceAt(t: Tensor, axis: number, position: number): Tensor {
  const steps = rowMajor(t.shape);
  return strided(t, without(t.shape, axis), without(steps, axis), position * steps[axis]!);
}

/** The type of one element of a sequence. @throws NetloomError NL1014 when the axis does not exist */
export function elementType(type: TensorType, axis: number): TensorType {
  const { format, shape, assumed, unknown } = type;
  if (unknown) return { format, shape: [], unknown };
  return { format, shape: without(shape, normalAxis(axis, shape.length)), ...(assumed ? { assumed } : {}) };
}

export interface Sequence {
  readonly values: Tensor;
  readonly axis: number;
  readonly reversed: boolean;
}

/** Common length of sequences. @throws NetloomError NL1014 when they differ, or there is none */
export function lengthOf(sequences: readonly { readonly shape: readonly number[]; readonly axis: number }[]): number {
  const lengths = sequences.map(({ shape, axis }) => shape[normalAxis(axis, shape.length)]!);
  const [first] = lengths;
  if (first === undefined)
    return misfit('a Scan has no scanned inputs', 'its number of turns is the length of a scanned axis');
  if (lengths.some((n) => n !== first))
    misfit(
      'the sequences of a Scan differ in length',
      `they are ${sequences.map((s, i) => `${lengths[i]} of ${showShape(s.shape)}`).join(', ')}`,
    );
  return first;
}

/** States, and what each turn gives beside them, in the order of the turns. */
export interface Scanned {
  readonly states: readonly Tensor[];
  readonly turns: readonly (readonly Tensor[])[];
}

/** Runs a body over the elements of sequences. */
export function runScan(
  body: Graph,
  states: readonly Tensor[],
  sequences: readonly Sequence[],
  captured: readonly Tensor[],
  length: number,
  run: (body: Graph, inputs: readonly Tensor[]) => Tensor[],
): Scanned {
  const carried = states.length;
  let current = states;
  const turns: (readonly Tensor[])[] = [];
  for (let i = 0; i < length; i++) {
    const elements = sequences.map(({ values, axis, reversed }) =>
      sliceAt(values, normalAxis(axis, values.shape.length), reversed ? length - 1 - i : i),
    );
    const results = run(body, [...current, ...elements, ...captured]);
    current = results.slice(0, carried);
    turns.push(results.slice(carried));
  }
  return { states: current, turns };
}

/** The k-th results of all turns along a new axis; the last turn comes first when reversed. */
export function collect({ turns }: Scanned, k: number, type: TensorType, axis: number, reversed: boolean): Tensor {
  const list = turns.map((t) => t[k]!);
  const rank = (list[0]?.shape.length ?? type.shape.length) + 1;
  return stacked(reversed ? list.reverse() : list, normalAxis(axis, rank), type);
}

/** Types of a body's leading inputs again: states that change their shape become unknown. */
export const widenStates = (inputs: readonly TensorType[], body: Graph, carried: number): readonly TensorType[] =>
  inputs.map((type, i) => (i < carried ? joinStates(type, bodyOutputs(body)[i] ?? type) : type));
