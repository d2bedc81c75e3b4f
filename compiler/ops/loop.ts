import { bool, i64 } from '../formats/index.ts';
import type { TensorType } from '../ir/types.ts';
import { scalarOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { int } from './attrs.ts';
import { defineOp } from './define.ts';
import {
  asDeclared,
  bodyOutputs,
  joinStates,
  onlyBody,
  stacked,
  typeOnly,
  unknownType,
  wrongCount,
} from './kit/bodies.ts';
import { loopTrips } from './kit/trips.ts';

/**
 * Runs its body (iteration, condition, states...) -> (condition, states..., scans...) up to `trips` times while the
 * condition holds; gives the last states, and the scans of all turns stacked along a new first axis.
 * A state that changes its shape from turn to turn has no type before the run.
 */
export const loop = defineOp('loop', {
  doc: 'A body that repeats, by a count, a condition, or both.',
  onnx: {
    type: 'Loop',
    bodies: ['body'],
    read: (node) => ({ attrs: { carried: Math.max(0, node.inputs.length - 2) } }),
  },
  operands: ['trips?', 'condition?', 'values...'],
  outputs: ['outs...'],
  attrs: { carried: int('states that go from turn to turn: the first of the values; captured ones follow') },
  bodiesTellTypes: true,
  bodyScalars: 2,
  bodyInputs: ({ values }, { carried }) => [
    { format: i64, shape: [] },
    { format: bool, shape: [] },
    ...values.slice(0, carried).map(typeOnly),
  ],
  widenBody: (inputs, body, { carried }) =>
    inputs.map((type, i) => (i < 2 || i >= 2 + carried ? type : joinStates(type, bodyOutputs(body)[i - 1] ?? type))),
  infer: ({ trips, condition, values }, { carried }, { bodies, wanted, registry }) => {
    const body = onlyBody('Loop', bodies, carried + 1);
    const [, ...results] = bodyOutputs(body);
    if (results.length < wanted.length)
      wrongCount(`a Loop has ${wanted.length} outputs`, `its body gives ${results.length} states and scans`);
    const known = loopTrips([trips, condition, ...values], body, carried, registry);
    return results.map((type, i) =>
      i < carried ? joinStates(body.types.get(body.inputs[i + 2]!)!, type) : scanned(type, known),
    );
  },
  evaluate: ({ trips, condition, values }, { carried }, { bodies, run }) => {
    const body = onlyBody('Loop', bodies, carried + 1);
    const limit = trips ? scalarOf(trips) : Infinity;
    const captured = values.slice(carried);
    let states = values.slice(0, carried);
    let goesOn: Tensor = condition ?? tensor(bool, [], Uint8Array.of(1));
    const scans: Tensor[][] = body.outputs.slice(carried + 1).map(() => []);
    for (let i = 0; i < limit && scalarOf(goesOn); i++) {
      const turn = tensor(i64, [], BigInt64Array.of(BigInt(i)));
      const results = run(body, [asDeclared(turn, body, 0), asDeclared(goesOn, body, 1), ...states, ...captured]);
      goesOn = results[0]!;
      states = results.slice(1, carried + 1);
      scans.forEach((list, k) => list.push(results[carried + 1 + k]!));
    }
    const types = bodyOutputs(body);
    return [...states, ...scans.map((list, k) => stacked(list, 0, types[carried + 1 + k]!))];
  },
  work: undefined,
  examples: [],
});

function scanned(type: TensorType, { trips, most }: ReturnType<typeof loopTrips>): TensorType {
  const turns = trips ?? most;
  if (type.unknown || turns === undefined) return unknownType(type);
  return {
    format: type.format,
    shape: [turns, ...type.shape],
    ...(trips === undefined || type.assumed ? { assumed: true } : {}),
  };
}
