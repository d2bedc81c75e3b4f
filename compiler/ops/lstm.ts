import { call, read, work } from '../../hw-models/work/build.ts';
import type { Access, Scalar } from '../../hw-models/work/types.ts';
import { numbers } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import {
  cellActivations,
  readRecurrent,
  recurrentAttrNames,
  recurrentAttrs,
  recurrentSizes,
  recurrentTypes,
} from './kit/recurrent.ts';
import { CellWeights, runCell } from './kit/recurrent-run.ts';
import { recurrentOperands, recurrentSteps } from './kit/recurrent-work.ts';

const usual = ['Sigmoid', 'Tanh', 'Tanh'];

/** Positions of the gates in the weights: input, output, forget, cell. */
const [inputGate, outputGate, forgetGate, cellGate] = [0, 1, 2, 3] as const;

/**
 * Per step: i = f(Wi x + Ri H + Pi C), g likewise forget, c = g(Wc x + Rc H), C = forget * C + i * c,
 * o = f(Wo x + Ro H + Po C), H = o * h(C); biases are added to each sum. Peepholes P are optional.
 */
export const lstm = defineOp('lstm', {
  doc: 'A long short-term memory layer over a sequence.',
  onnx: {
    type: 'LSTM',
    attrs: [...recurrentAttrNames, 'input_forget', 'output_sequence'],
    read: (node) => {
      const { attrs } = readRecurrent(node);
      return { attrs: { ...attrs, inputForget: (node.attributes.int('input_forget') ?? 0) !== 0 } };
    },
  },
  operands: ['x', 'w', 'r', 'bias?', 'sequenceLens?', 'initialHidden?', 'initialCell?', 'peepholes?'],
  outputs: ['out?', 'hidden?', 'cell?'],
  attrs: { ...recurrentAttrs, inputForget: flag('forget what the input gate does not let in', false) },
  infer: (o, attrs) => {
    const s = recurrentSizes(o, attrs, 4);
    cellActivations(attrs, s.directions, 3, usual);
    const { all, last } = recurrentTypes(o.x, s);
    return [all, last, last];
  },
  evaluate: (o, attrs) => {
    const s = recurrentSizes(o, attrs, 4);
    const weights = new CellWeights(o, s, 4);
    const functions = cellActivations(attrs, s.directions, 3, usual);
    const peepholes = o.peepholes && numbers(o.peepholes);
    const next = new Float64Array(s.hidden);
    return runCell(o, attrs, s, 4, ({ direction: d, sums, hidden, cell }) => {
      const [f, g, h] = functions[d] as [(typeof functions)[0][0], (typeof functions)[0][0], (typeof functions)[0][0]];
      for (let k = 0; k < s.hidden; k++) {
        const sum = (gate: number): number => {
          const row = gate * s.hidden + k;
          return sums[row]! + weights.recur(d, row, hidden) + weights.recurBias(d, row);
        };
        const peep = (gate: number): number => (peepholes ? peepholes[(d * 3 + gate) * s.hidden + k]! * cell[k]! : 0);
        const i = f.run(sum(inputGate) + peep(inputGate));
        const forget = attrs.inputForget ? 1 - i : f.run(sum(forgetGate) + peep(forgetGate));
        cell[k] = forget * cell[k]! + i * g.run(sum(cellGate));
        next[k] = f.run(sum(outputGate) + peep(outputGate)) * h.run(cell[k]!);
      }
      hidden.set(next);
    });
  },
  work: (o, attrs, { out, wanted }) => {
    const s = recurrentSizes(o, attrs, 4);
    const functions = cellActivations(attrs, s.directions, 3, usual);
    return work(
      recurrentOperands(o, s, 4, out, wanted, ['hidden', 'cell']),
      ...recurrentSteps({
        operands: o,
        sizes: s,
        attrs,
        gates: 4,
        biasedRows: 4 * s.hidden,
        wantsAll: wanted[0] ?? false,
        states: ['hidden', 'cell'],
        step: ({ direction, access, gate, recur, update }) => {
          const [f, g, h] = functions[direction] as [
            (typeof functions)[0][0],
            (typeof functions)[0][0],
            (typeof functions)[0][0],
          ];
          const cell = access.state('cell');
          const peephole = (position: number): Access[] =>
            o.peepholes ? [access.row('peepholes', 'k', position * s.hidden)] : [];
          /** The sum of a gate (read `sum`), with its peephole (read `peep`) on the cell (read `old`). */
          const gated = (sum: number, old: number, peep: number): Scalar =>
            f.point(o.peepholes ? call('add', read(sum), call('mul', read(peep), read(old))) : read(sum));
          const i = gated(0, 3, 4);
          const forget = attrs.inputForget ? call('sub', 1, i) : gated(1, 3, 5);
          return [
            recur(0, 4 * s.hidden, access.state('hidden', 'j')),
            update(
              'cell',
              [
                gate(inputGate),
                gate(forgetGate),
                gate(cellGate),
                cell,
                ...peephole(inputGate),
                ...peephole(forgetGate),
              ],
              call('add', call('mul', forget, read(3)), call('mul', i, g.point(read(2)))),
            ),
            update(
              'hidden',
              [gate(outputGate), cell, ...peephole(outputGate)],
              call('mul', gated(0, 1, 2), h.point(read(1))),
            ),
          ];
        },
      }),
    );
  },
  examples: [
    {
      x: 'f32[2,1,1] 1 2',
      w: 'f32[1,4,1] 1 1 1 1',
      r: 'f32[1,4,1] 0 0 0 0',
      attrs: { activations: ['Affine', 'Affine', 'Affine'] },
      out: 'f32[2,1,1,1] 1 12',
      hidden: 'f32[1,1,1] 12',
      cell: 'f32[1,1,1] 6',
    },
    {
      x: 'f32[3,2,2] ~1',
      w: 'f32[2,12,2] ~2',
      r: 'f32[2,12,3] ~3',
      bias: 'f32[2,24] ~4',
      sequenceLens: 'i32[2] 1 3',
      initialHidden: 'f32[2,2,3] ~5',
      initialCell: 'f32[2,2,3] ~6',
      peepholes: 'f32[2,9] ~7',
      attrs: { direction: 'bidirectional' },
    },
    {
      x: 'f32[2,3,2] ~1',
      w: 'f32[1,8,2] ~2',
      r: 'f32[1,8,2] ~3',
      peepholes: 'f32[1,6] ~7',
      attrs: { batchFirst: true, inputForget: true, clip: 0.5, direction: 'reverse' },
    },
    { x: 'f16[2,2,3] ~1', w: 'f16[1,8,3] ~2', r: 'f16[1,8,2] ~3', bias: 'f16[1,16] ~4' },
  ],
});
