import { fail } from '../../../src/base/diagnostics.ts';
import type { Graph, TensorType } from '../../ir/types.ts';
import { showShape } from '../../tensor/shape.ts';
import { reshaped, tensor, allocate, type Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { misfit } from './layout.ts';
import { concatenated } from './moves.ts';

/** The type alone, as a body's input has it. */
export const typeOnly = ({ format, shape, assumed, unknown }: OperandInfo): TensorType => ({
  format,
  shape,
  ...(assumed ? { assumed } : {}),
  ...(unknown ? { unknown } : {}),
});

export const unknownType = ({ format }: TensorType): TensorType => ({ format, shape: [], unknown: true });

/** Types of what a body gives, by position. */
export const bodyOutputs = (body: Graph): TensorType[] => body.outputs.map((id) => body.types.get(id)!);

/** The one body of a Loop or Scan. @throws NetloomError NL1013 */
export function onlyBody(type: string, bodies: readonly Graph[], least: number): Graph {
  const [body] = bodies;
  if (!body || bodies.length !== 1) return wrongCount(`${type} has ${bodies.length} bodies`, 'it needs one');
  if (body.outputs.length < least)
    wrongCount(`the body of ${type} has ${body.outputs.length} outputs`, `${least} are the least for its states`);
  return body;
}

export const wrongCount = (message: string, cause: string): never =>
  fail('NL1013', { message, cause, fix: 'correct the node in the model, or export it again' });

/**
 * The type of a state after a turn and before the next: what both are, or unknown where the shape changes.
 * @throws NetloomError NL1015 when the element type changes
 */
export function joinStates(before: TensorType, after: TensorType): TensorType {
  if (before.unknown || after.unknown) return unknownType(before);
  if (before.format.name !== after.format.name) {
    fail('NL1015', {
      message: 'a body changes the element type of a state',
      cause: `it takes ${before.format.name} and hands on ${after.format.name}`,
      fix: 'put a Cast at the end of the body',
    });
  }
  if (before.shape.length !== after.shape.length || before.shape.some((d, i) => d !== after.shape[i]))
    return unknownType(before);
  return after.assumed && !before.assumed ? { ...before, assumed: true } : before;
}

/** Results of all turns beside each other along a new axis. */
export function stacked(turns: readonly Tensor[], axis: number, type: TensorType): Tensor {
  const [first] = turns;
  if (!first) {
    const shape = [...type.shape];
    shape.splice(axis, 0, 0);
    return tensor(type.format, shape, allocate(type.format, 0));
  }
  const other = turns.find(
    (t) => t.shape.length !== first.shape.length || t.shape.some((d, i) => d !== first.shape[i]),
  );
  if (other)
    misfit(
      'the turns of a loop give results of different shapes',
      `one is ${showShape(first.shape)}, another ${showShape(other.shape)}`,
    );
  const shape = [...first.shape];
  shape.splice(axis, 0, turns.length);
  return concatenated(first.format, shape, axis, turns);
}

/** A value of one element under the shape that a body declares for it. */
export const asDeclared = (t: Tensor, body: Graph, position: number): Tensor =>
  reshaped(t, body.types.get(body.inputs[position]!)?.shape ?? []);
