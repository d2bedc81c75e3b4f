import { at, call, loops, macs, nest, read, value, work } from '../../hw-models/work/build.ts';
import type { Step } from '../../hw-models/work/types.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import {
  cellActivations,
  readRecurrent,
  recurrentAttrNames,
  recurrentAttrs,
  recurrentSizes,
  recurrentTypes,
} from './kit/recurrent.ts';
import { CellWeights, runCell } from './kit/recurrent-run.ts';
import { recurrentOperands, recurrentSteps, type CellNests } from './kit/recurrent-work.ts';

const usual = ['Sigmoid', 'Tanh'];

/**
 * Per step: z = f(Wz x + Rz H), r = f(Wr x + Rr H), h = g(Wh x + Rh (r * H)), H = (1 - z) * h + z * H; biases are added
 * to each sum. With `linearBeforeReset` h = g(Wh x + r * (Rh H + Rbh)).
 */
export const gru = defineOp('gru', {
  doc: 'A layer of gated recurrent units over a sequence.',
  onnx: {
    type: 'GRU',
    attrs: [...recurrentAttrNames, 'linear_before_reset', 'output_sequence'],
    read: (node) => {
      const { attrs } = readRecurrent(node);
      return { attrs: { ...attrs, linearBeforeReset: (node.attributes.int('linear_before_reset') ?? 0) !== 0 } };
    },
  },
  operands: ['x', 'w', 'r', 'bias?', 'sequenceLens?', 'initialHidden?'],
  outputs: ['out?', 'hidden?'],
  attrs: {
    ...recurrentAttrs,
    linearBeforeReset: flag('multiply by the reset gate after the product with R, not before', false),
  },
  infer: (o, attrs) => {
    const s = recurrentSizes(o, attrs, 3);
    cellActivations(attrs, s.directions, 2, usual);
    const { all, last } = recurrentTypes(o.x, s);
    return [all, last];
  },
  evaluate: (o, attrs) => {
    const s = recurrentSizes(o, attrs, 3);
    const h = s.hidden;
    const weights = new CellWeights(o, s, 3);
    const functions = cellActivations(attrs, s.directions, 2, usual);
    const [update, reset, resetHidden, next] = [
      new Float64Array(h),
      new Float64Array(h),
      new Float64Array(h),
      new Float64Array(h),
    ];
    const [all, hidden] = runCell(o, attrs, s, 3, ({ direction: d, sums, hidden: old }) => {
      const [f, g] = functions[d] as [(typeof functions)[0][0], (typeof functions)[0][0]];
      const recur = (row: number, source: Float64Array): number =>
        weights.recur(d, row, source) + weights.recurBias(d, row);
      for (let k = 0; k < h; k++) {
        update[k] = f.run(sums[k]! + recur(k, old));
        reset[k] = f.run(sums[h + k]! + recur(h + k, old));
        resetHidden[k] = reset[k]! * old[k]!;
      }
      for (let k = 0; k < h; k++) {
        const row = 2 * h + k;
        const candidate = g.run(
          sums[row]! + (attrs.linearBeforeReset ? reset[k]! * recur(row, old) : recur(row, resetHidden)),
        );
        next[k] = (1 - update[k]!) * candidate + update[k]! * old[k]!;
      }
      old.set(next);
    });
    return [all, hidden];
  },
  work: (o, attrs, { out, wanted }) => {
    const s = recurrentSizes(o, attrs, 3);
    const h = s.hidden;
    const functions = cellActivations(attrs, s.directions, 2, usual);
    const blend = call('add', call('mul', call('sub', 1, read(1)), read(0)), call('mul', read(1), read(2)));
    /** z, r * H and then the sum of h in place, with R applied to r * H. */
    const resetFirst = ({ access, units, gate, recur }: CellNests, f: (typeof functions)[0][0]): Step[] => [
      nest({
        loops: units,
        reads: [gate(1), access.state('hidden')],
        write: at('reset', 'b', 'k'),
        compute: call('mul', f.point(read(0)), read(1)),
      }),
      recur(2 * h, h, at('reset', 'b', 'j')),
    ];
    /** R applied to H with its bias, then scaled by r and added to the sum of h. */
    const linearFirst = ({ access, units, gate }: CellNests, f: (typeof functions)[0][0]): Step[] => [
      nest({
        loops: units,
        reads: o.bias ? [access.row('bias', 'k', 5 * h)] : [],
        write: at('reset', 'b', 'k'),
        compute: o.bias ? read(0) : value(0),
      }),
      macs({
        loops: [...units, ...loops({ j: h })],
        reads: [access.state('hidden', 'j'), access.row('r', 'k', 2 * h, 'j')],
        write: at('reset', 'b', 'k'),
        start: 'kept',
      }),
      nest({
        loops: units,
        reads: [gate(2), gate(1), at('reset', 'b', 'k')],
        write: gate(2),
        compute: call('add', read(0), call('mul', f.point(read(1)), read(2))),
      }),
    ];
    return work(
      {
        ...recurrentOperands(o, s, 3, out, wanted, ['hidden']),
        reset: operandOf({ format: o.x.format, shape: [s.batch, h] }, 'scratch'),
      },
      ...recurrentSteps({
        operands: o,
        sizes: s,
        attrs,
        gates: 3,
        biasedRows: attrs.linearBeforeReset ? 2 * h : 3 * h,
        wantsAll: wanted[0] ?? false,
        states: ['hidden'],
        step: (cell) => {
          const [f, g] = functions[cell.direction] as [(typeof functions)[0][0], (typeof functions)[0][0]];
          const { access, gate, recur, units, update } = cell;
          return [
            recur(0, 2 * h, access.state('hidden', 'j')),
            ...(attrs.linearBeforeReset ? linearFirst : resetFirst)(cell, f),
            nest({ loops: units, reads: [gate(0)], write: gate(0), compute: f.point(read(0)) }),
            nest({ loops: units, reads: [gate(2)], write: gate(2), compute: g.point(read(0)) }),
            update('hidden', [gate(2), gate(0), access.state('hidden')], blend),
          ];
        },
      }),
    );
  },
  examples: [
    {
      x: 'f32[2,1,1] 1 2',
      w: 'f32[1,3,1] 0 1 1',
      r: 'f32[1,3,1] 0 0 1',
      attrs: { activations: ['Affine', 'Affine'] },
      out: 'f32[2,1,1,1] 1 4',
      hidden: 'f32[1,1,1] 4',
    },
    {
      x: 'f32[3,2,2] ~1',
      w: 'f32[2,9,2] ~2',
      r: 'f32[2,9,3] ~3',
      bias: 'f32[2,18] ~4',
      sequenceLens: 'i32[2] 1 3',
      initialHidden: 'f32[2,2,3] ~5',
      attrs: { direction: 'bidirectional' },
    },
    {
      x: 'f32[3,2,2] ~1',
      w: 'f32[1,9,2] ~2',
      r: 'f32[1,9,3] ~3',
      bias: 'f32[1,18] ~4',
      attrs: { direction: 'reverse', linearBeforeReset: true },
    },
    {
      x: 'f32[2,3,2] ~1',
      w: 'f32[1,6,2] ~2',
      r: 'f32[1,6,2] ~3',
      attrs: { batchFirst: true, linearBeforeReset: true, clip: 0.5 },
    },
  ],
});
