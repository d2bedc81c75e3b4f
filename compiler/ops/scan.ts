import { normalAxis } from '../tensor/shape.ts';
import type { TensorType } from '../ir/types.ts';
import { int, ints } from './attrs.ts';
import { defineOp } from './define.ts';
import { bodyOutputs, joinStates, onlyBody, typeOnly, unknownType, wrongCount } from './kit/bodies.ts';
import { collect, elementType, lengthOf, runScan, widenStates } from './kit/scan.ts';

/**
 * Runs its body (states..., elements...) -> (states..., scans...) over the elements of one or more sequences; gives the
 * last states, and the scans of all turns stacked along a new axis.
 */
export const scan = defineOp('scan', {
  doc: 'A body that runs over the elements of sequences and carries states along.',
  onnx: {
    type: 'Scan',
    since: 9,
    bodies: ['body'],
    attrs: [
      'num_scan_inputs',
      'scan_input_axes',
      'scan_input_directions',
      'scan_output_axes',
      'scan_output_directions',
    ],
    read: ({ inputs, attributes: a }) => {
      const scanned = a.int('num_scan_inputs') ?? 1;
      const list = (name: string): readonly number[] => a.ints(name) ?? [];
      return {
        attrs: {
          carried: inputs.length - scanned,
          scanned,
          scanInputAxes: list('scan_input_axes'),
          scanInputDirections: list('scan_input_directions'),
          scanOutputAxes: list('scan_output_axes'),
          scanOutputDirections: list('scan_output_directions'),
        },
      };
    },
  },
  operands: ['values...'],
  outputs: ['outs...'],
  attrs: {
    carried: int('states that go from turn to turn: the first of the values'),
    scanned: int('sequences, which follow the states; captured values come last'),
    scanInputAxes: ints('axis of each sequence along which it is taken apart; 0 when absent', []),
    scanInputDirections: ints('1 for a sequence that is taken from its end', []),
    scanOutputAxes: ints('axis of each stacked result that the turns are; 0 when absent', []),
    scanOutputDirections: ints('1 for a result that is stacked from its end', []),
  },
  bodiesTellTypes: true,
  bodyInputs: ({ values }, { carried, scanned, scanInputAxes }) => [
    ...values.slice(0, carried).map(typeOnly),
    ...values.slice(carried, carried + scanned).map((v, i) => elementType(v, scanInputAxes[i] ?? 0)),
  ],
  widenBody: (inputs, body, { carried }) => widenStates(inputs, body, carried),
  infer: ({ values }, attrs, { bodies, wanted }) => {
    const { carried, scanned, scanInputAxes, scanOutputAxes } = attrs;
    if (carried < 0 || scanned < 1 || values.length < carried + scanned)
      wrongCount(`a Scan has ${values.length} inputs`, `${scanned} of them should be sequences`);
    const body = onlyBody('Scan', bodies, carried);
    const results = bodyOutputs(body);
    if (results.length < wanted.length)
      wrongCount(`a Scan has ${wanted.length} outputs`, `its body gives ${results.length} states and scans`);
    const sequences = values.slice(carried, carried + scanned).map((v, i) => ({ ...v, axis: scanInputAxes[i] ?? 0 }));
    const length = sequences.some((s) => s.unknown) ? undefined : lengthOf(sequences);
    return results.map((type, i): TensorType => {
      if (i < carried) return joinStates(body.types.get(body.inputs[i]!)!, type);
      if (type.unknown || length === undefined) return unknownType(type);
      const shape = [...type.shape];
      shape.splice(normalAxis(scanOutputAxes[i - carried] ?? 0, shape.length + 1), 0, length);
      return { ...type, shape };
    });
  },
  evaluate: ({ values }, attrs, { bodies, run }) => {
    const { carried, scanned } = attrs;
    const body = onlyBody('Scan', bodies, carried);
    const sequences = values.slice(carried, carried + scanned).map((v, i) => ({
      values: v,
      axis: attrs.scanInputAxes[i] ?? 0,
      reversed: attrs.scanInputDirections[i] === 1,
    }));
    const length = lengthOf(sequences.map(({ values: v, axis }) => ({ shape: v.shape, axis })));
    const result = runScan(body, values.slice(0, carried), sequences, values.slice(carried + scanned), length, run);
    const types = bodyOutputs(body).slice(carried);
    return [
      ...result.states,
      ...types.map((type, k) =>
        collect(result, k, type, attrs.scanOutputAxes[k] ?? 0, attrs.scanOutputDirections[k] === 1),
      ),
    ];
  },
  work: undefined,
  examples: [],
});
