import { read, work } from '../../hw-models/work/build.ts';
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

/** H[t] = f(W x[t] + R H[t-1] + Wb + Rb) over a sequence, in one or both directions. */
export const rnn = defineOp('rnn', {
  doc: 'A simple recurrent layer over a sequence.',
  onnx: { type: 'RNN', attrs: [...recurrentAttrNames, 'output_sequence'], read: readRecurrent },
  operands: ['x', 'w', 'r', 'bias?', 'sequenceLens?', 'initialHidden?'],
  outputs: ['out?', 'hidden?'],
  attrs: recurrentAttrs,
  infer: (o, attrs) => {
    const s = recurrentSizes(o, attrs, 1);
    cellActivations(attrs, s.directions, 1, ['Tanh']);
    const { all, last } = recurrentTypes(o.x, s);
    return [all, last];
  },
  evaluate: (o, attrs) => {
    const s = recurrentSizes(o, attrs, 1);
    const weights = new CellWeights(o, s, 1);
    const functions = cellActivations(attrs, s.directions, 1, ['Tanh']);
    const next = new Float64Array(s.hidden);
    const [all, hidden] = runCell(o, attrs, s, 1, ({ direction, sums, hidden: old }) => {
      const f = functions[direction]![0]!;
      for (let k = 0; k < s.hidden; k++)
        next[k] = f.run(sums[k]! + weights.recur(direction, k, old) + weights.recurBias(direction, k));
      old.set(next);
    });
    return [all, hidden];
  },
  work: (o, attrs, { out, wanted }) => {
    const s = recurrentSizes(o, attrs, 1);
    const functions = cellActivations(attrs, s.directions, 1, ['Tanh']);
    return work(
      recurrentOperands(o, s, 1, out, wanted, ['hidden']),
      ...recurrentSteps({
        operands: o,
        sizes: s,
        attrs,
        gates: 1,
        biasedRows: s.hidden,
        wantsAll: wanted[0] ?? false,
        states: ['hidden'],
        step: ({ direction, access, gate, recur, update }) => [
          recur(0, s.hidden, access.state('hidden', 'j')),
          update('hidden', [gate(0)], functions[direction]![0]!.point(read(0))),
        ],
      }),
    );
  },
  examples: [
    {
      x: 'f32[2,1,1] 1 2',
      w: 'f32[1,1,1] 1',
      r: 'f32[1,1,1] 0.5',
      attrs: { activations: ['Affine'] },
      out: 'f32[2,1,1,1] 1 2.5',
      hidden: 'f32[1,1,1] 2.5',
    },
    {
      x: 'f32[3,2,2] ~1',
      w: 'f32[2,3,2] ~2',
      r: 'f32[2,3,3] ~3',
      bias: 'f32[2,6] ~4',
      sequenceLens: 'i32[2] 3 1',
      initialHidden: 'f32[2,2,3] ~5',
      attrs: { direction: 'bidirectional', activations: ['Relu', 'HardSigmoid'] },
    },
    {
      x: 'f32[2,3,2] ~1',
      w: 'f32[1,3,2] ~2',
      r: 'f32[1,3,3] ~3',
      attrs: { direction: 'reverse', batchFirst: true, clip: 0.3 },
    },
    {
      x: 'f32[2,1,2] ~1',
      w: 'f32[2,3,2] ~2',
      r: 'f32[2,3,3] ~3',
      attrs: { direction: 'bidirectional', activations: ['LeakyRelu', 'ThresholdedRelu'], activationAlpha: [0.2, 0.5] },
    },
    {
      x: 'f32[2,1,2] ~1',
      w: 'f32[2,3,2] ~2',
      r: 'f32[2,3,3] ~3',
      attrs: { direction: 'bidirectional', activations: ['ScaledTanh', 'Elu'], activationBeta: [2] },
    },
    {
      x: 'f32[2,1,2] ~1',
      w: 'f32[2,3,2] ~2',
      r: 'f32[2,3,3] ~3',
      attrs: { direction: 'bidirectional', activations: ['Softsign', 'Softplus'] },
    },
  ],
});
