import type { Graph, TensorType } from '../ir/types.ts';
import { numbers, sizeOf, zeros, type Tensor } from '../tensor/tensor.ts';
import { int, ints } from './attrs.ts';
import { defineOp } from './define.ts';
import { bodyOutputs, joinStates, onlyBody, stacked, unknownType, wrongCount } from './kit/bodies.ts';
import { misfit } from './kit/layout.ts';
import { concatenated } from './kit/moves.ts';
import { collect, elementType, lengthOf, runScan, sliceAt, widenStates, type Scanned } from './kit/scan.ts';

/**
 * Scan as it was in opset 8: each state and sequence has a batch axis in front, and sequences of a batch may differ in
 * length. A shorter one stops early; zeros follow its results. A sequence that is taken from its end starts at its own.
 */
export const batchedScan = defineOp('batched-scan', {
  doc: 'A body that runs over the elements of each sequence of a batch (Scan of opset 8).',
  onnx: {
    type: 'Scan',
    since: 8,
    until: 8,
    bodies: ['body'],
    attrs: ['num_scan_inputs', 'directions'],
    read: ({ inputs, attributes: a }) => {
      const scanned = a.int('num_scan_inputs') ?? 1;
      return { attrs: { carried: inputs.length - 1 - scanned, scanned, directions: a.ints('directions') ?? [] } };
    },
  },
  operands: ['lengths?', 'values...'],
  outputs: ['outs...'],
  attrs: {
    carried: int('states that go from turn to turn: the first of the values'),
    scanned: int('sequences, which follow the states; captured values come last'),
    directions: ints('1 for a sequence that is taken from its end', []),
  },
  bodiesTellTypes: true,
  bodyInputs: ({ values }, { carried, scanned }) => [
    ...values.slice(0, carried).map((v) => elementType(v, 0)),
    ...values.slice(carried, carried + scanned).map((v) => elementType(elementType(v, 0), 0)),
  ],
  widenBody: (inputs, body, { carried }) => widenStates(inputs, body, carried),
  infer: ({ lengths, values }, { carried, scanned }, { bodies, wanted }) => {
    if (carried < 0 || scanned < 1 || values.length < carried + scanned)
      wrongCount(`a Scan has ${values.length} states and sequences`, `${scanned} of them should be sequences`);
    const body = onlyBody('Scan', bodies, carried);
    const results = bodyOutputs(body);
    if (results.length < wanted.length)
      wrongCount(`a Scan has ${wanted.length} outputs`, `its body gives ${results.length} states and scans`);
    const given = values.slice(0, carried + scanned);
    if (given.some((v) => v.unknown)) return results.map(unknownType);
    const { batch, turns } = sizesOf(
      given.map((v) => v.shape),
      carried,
    );
    if (lengths && !lengths.unknown && sizeOf(lengths.shape) !== batch)
      misfit('the lengths of a Scan do not fit', `there are ${sizeOf(lengths.shape)} for a batch of ${batch}`);
    return results.map((type, i): TensorType => {
      const own = i < carried ? joinStates(body.types.get(body.inputs[i]!)!, type) : type;
      return own.unknown ? own : { ...own, shape: i < carried ? [batch, ...own.shape] : [batch, turns, ...own.shape] };
    });
  },
  evaluate: ({ lengths, values }, { carried, scanned, directions }, { bodies, run }) => {
    const body = onlyBody('Scan', bodies, carried);
    const given = values.slice(0, carried + scanned);
    const { batch, turns } = sizesOf(
      given.map((v) => v.shape),
      carried,
    );
    const counts = lengths ? Array.from(numbers(lengths)) : new Array<number>(batch).fill(turns);
    const longest = counts.find((n) => !(n >= 0 && n <= turns));
    if (longest !== undefined) misfit(`a length of a Scan is ${longest}`, `its sequences have ${turns} elements`);
    const parts = counts.map((length, b) => {
      const own = given.map((v) => sliceAt(v, 0, b));
      const sequences = own.slice(carried).map((v, i) => ({ values: v, axis: 0, reversed: directions[i] === 1 }));
      return runScan(body, own.slice(0, carried), sequences, values.slice(carried + scanned), length, run);
    });
    return together(parts, body, carried, turns);
  },
  work: undefined,
  examples: [],
});

function sizesOf(shapes: readonly (readonly number[])[], carried: number): { batch: number; turns: number } {
  const batch = lengthOf(shapes.map((shape) => ({ shape, axis: 0 })));
  return { batch, turns: lengthOf(shapes.slice(carried).map((shape) => ({ shape: shape.slice(1), axis: 0 }))) };
}

function together(parts: readonly Scanned[], body: Graph, carried: number, turns: number): Tensor[] {
  return bodyOutputs(body).map((type, i) => {
    if (i < carried)
      return stacked(
        parts.map((p) => p.states[i]!),
        0,
        type,
      );
    return stacked(
      parts.map((p) => lengthened(collect(p, i - carried, type, 0, false), turns)),
      0,
      { ...type, shape: [turns, ...type.shape] },
    );
  });
}

/** With zeros up to the length of the longest sequence. */
function lengthened(t: Tensor, turns: number): Tensor {
  const [own, ...rest] = t.shape as [number, ...number[]];
  if (own === turns) return t;
  return concatenated(t.format, [turns, ...rest], 0, [t, zeros(t.format, [turns - own, ...rest])]);
}
