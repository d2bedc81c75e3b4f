import { ceilDiv } from '../../src/base/units.ts';
import type { Family } from '../contract.ts';
import type { TpuMachine } from '../schema/machine.ts';
import type { Contraction } from '../work/contraction.ts';
import { fastestFirst } from './cpu.ts';
import type { Engine, Placement } from './engine.ts';
import { nativeFormat } from './formats.ts';
import { priceInOrder } from './in-order.ts';
import { vectorProduct, vectorScalars } from './vector-unit.ts';

interface Folds {
  readonly cycles: number;
  readonly fill: number;
  readonly text: string;
  readonly demand: NonNullable<Placement['demand']>;
}

/**
 * Cycles of one product on one systolic array of `rows` x `cols` cells, after SCALE-Sim (Samajdar et al., ISPASS 2020):
 * the stationary dimension is folded over the array, the third one streams past.
 */
function folded(machine: TpuMachine, c: Contraction): Folds {
  const { rows, cols } = machine.array;
  const { rows: m, columns: n, sums: k } = c;
  const results = m * n;
  if (machine.dataflow === 'output-stationary') {
    const tiles = ceilDiv(m, rows) * ceilDiv(n, cols);
    return {
      cycles: tiles * k,
      fill: tiles * (rows + cols - 2),
      text: `${tiles} result tiles of ${rows}x${cols}, ${k} sums each`,
      demand: { streamed: m * k * ceilDiv(n, cols), stationary: n * k * ceilDiv(m, rows), result: results },
    };
  }
  const weightsStay = machine.dataflow === 'weight-stationary';
  const [stays, streams] = weightsStay ? [n, m] : [m, n];
  const folds = ceilDiv(k, rows) * ceilDiv(stays, cols);
  // The next stationary tile shifts in, one row a cycle, while this one works; what does not hide is a stall.
  const shift = machine.hidesWeightLoad ? Math.max(0, rows - streams) : rows;
  const rounds = ceilDiv(streams, machine.accumulators ?? Infinity) || 1;
  const partial = machine.accumulators === undefined ? 2 * ceilDiv(k, rows) - 1 : 1;
  const stationary = k * stays * Math.max(1, rounds);
  const streamed = streams * k * ceilDiv(stays, cols);
  return {
    cycles: folds * streams,
    fill: folds * shift * Math.max(1, rounds) + rows + cols - 2 + (machine.hidesWeightLoad ? rows : 0),
    text: `${folds} ${weightsStay ? 'weight' : 'input'} tiles of ${rows}x${cols}, ${streams} ${weightsStay ? 'input rows' : 'weight columns'} each`,
    demand: weightsStay
      ? { streamed, stationary, result: results * partial }
      : { streamed: stationary, stationary: streamed, result: results * partial },
  };
}

function onArray(machine: TpuMachine, c: Contraction, format: string): Placement {
  const rate = machine.macs[format]!;
  const cells = machine.array.rows * machine.array.cols;
  const peak = rate * cells * machine.arrays * machine.clock;
  const one = folded(machine, c);
  // Groups and folds are independent: they are dealt out over the arrays.
  const shareOut = machine.arrays === 1 ? c.batch : Math.max(c.batch / machine.arrays, 1 / machine.arrays);
  const work = c.batch * c.rows * c.columns * c.sums;
  return {
    unit: 'array',
    format,
    work,
    peak,
    seconds: (shareOut * one.cycles) / (rate * machine.clock * machine.efficiency),
    fill: (shareOut * one.fill) / machine.clock,
    instructions: 0,
    mapping: `${c.batch > 1 ? `${c.batch} groups of ` : ''}${one.text}${machine.arrays > 1 ? `, dealt to ${machine.arrays} arrays` : ''}`,
    demand: {
      streamed: c.batch * one.demand.streamed,
      stationary: c.batch * one.demand.stationary,
      result: c.batch * one.demand.result,
    },
  };
}

const engine: Engine<TpuMachine> = {
  product(machine, c, operands) {
    const factors = [operands[c.streamed.operand]!.format, operands[c.stationary.operand]!.format];
    const format = nativeFormat(machine.macs, factors);
    const array = format === undefined ? undefined : onArray(machine, c, format);
    const vector = vectorProduct(machine, c, operands);
    if (!array || !vector) return array ?? vector;
    return vector.seconds < array.seconds + array.fill ? vector : array;
  },
  scalars: vectorScalars,
  assumptions: (machine) => [
    `The array is ${machine.dataflow}; ${machine.hidesWeightLoad ? 'the next stationary tile is loaded under the work of the last' : 'it waits while a stationary tile is loaded'}.`,
    'Thin products (depthwise) run on the vector unit where that is faster.',
  ],
};

/** Systolic arrays with a vector unit. */
export const tpu: Family<TpuMachine> = {
  name: 'tpu',
  doc: 'Systolic arrays: folds, fill and drain, weight loads, with a vector unit for the rest.',
  price: (network, machine, context) => priceInOrder(network, machine, engine, context),
  roofs: (machine) => ({
    peaks: Object.fromEntries(
      Object.entries(machine.macs).map(([f, r]) => [
        f,
        r * machine.array.rows * machine.array.cols * machine.arrays * machine.clock,
      ]),
    ),
    bandwidths: Object.fromEntries(machine.memory.map((m) => [m.name, m.bandwidth])),
  }),
  precisions: (machine) => fastestFirst(machine.macs),
};
