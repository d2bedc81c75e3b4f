import { ceilDiv } from '../../src/base/units.ts';
import type { Family } from '../contract.ts';
import type { TpuMachine } from '../schema/machine.ts';
import type { Contraction } from '../work/contraction.ts';
import { fastestFirst } from './cpu.ts';
import { undominated, type Engine, type Placement } from './engine.ts';
import { nativeFormat } from './formats.ts';
import { priceInOrder } from './in-order.ts';
import { vectorProduct, vectorScalars } from './vector-unit.ts';

/** How one product lies on one systolic array. */
interface Folds {
  /** Passes over the array: one for each stationary tile (of each group), all alike. */
  readonly passes: number;
  /** Rows that stream past in one pass; a cycle each. */
  readonly streams: number;
  /** True when the streamed rows of a pass may be dealt to several arrays. */
  readonly isDivisible: boolean;
  readonly text: string;
  readonly demand: NonNullable<Placement['demand']>;
}

/**
 * The stationary dimension is folded over the `rows` x `cols` cells, the third one streams past, as in SCALE-Sim
 * (Samajdar et al., ISPASS 2020). `parts` arrays share the streamed rows.
 */
function folded(machine: TpuMachine, c: Contraction, parts: number): Folds {
  const { rows, cols } = machine.array;
  const { batch, rows: m, columns: n, sums: k } = c;
  const results = batch * m * n;
  if (machine.dataflow === 'output-stationary') {
    const tiles = ceilDiv(m, rows) * ceilDiv(n, cols);
    return {
      passes: batch * tiles,
      streams: k,
      isDivisible: false,
      text: `${tiles} result tiles of ${rows}x${cols}, ${k} sums each`,
      demand: {
        streamed: batch * m * k * ceilDiv(n, cols),
        stationary: batch * n * k * ceilDiv(m, rows),
        result: results,
      },
    };
  }
  const weightsStay = machine.dataflow === 'weight-stationary';
  const [stays, streams] = weightsStay ? [n, m] : [m, n];
  const folds = ceilDiv(k, rows) * ceilDiv(stays, cols);
  // Where sums cannot rest in accumulators, all but the first fold of each column tile read them again.
  const partial = machine.accumulators === undefined ? 2 * ceilDiv(k, rows) - 1 : 1;
  const loads = batch * k * stays * parts * chunksOf(machine, ceilDiv(streams, parts));
  const streamed = batch * streams * k * ceilDiv(stays, cols);
  return {
    passes: batch * folds,
    streams,
    isDivisible: true,
    text: `${folds} ${weightsStay ? 'weight' : 'input'} tiles of ${rows}x${cols}, ${streams} ${weightsStay ? 'input rows' : 'weight columns'} each`,
    demand: weightsStay
      ? { streamed, stationary: loads, result: results * partial }
      : { streamed: loads, stationary: streamed, result: results * partial },
  };
}

/** Times that a stationary tile is loaded, because the accumulators hold no more results at once. */
const chunksOf = (machine: TpuMachine, streams: number): number =>
  ceilDiv(streams, machine.accumulators ?? Infinity) || 1;

/**
 * Cycles in which an array that makes `passes` passes of `streams` rows does not take in a new row. Without hiding, each
 * pass is on its own, as SCALE-Sim counts: the tile shifts in (R cycles, none when results are stationary), the skewed
 * rows run through R + C - 2 cells. With hiding, the next tile shifts in under the rows of this one.
 */
function fillOf(machine: TpuMachine, passes: number, streams: number, cyclesPerRow: number): number {
  const { rows, cols } = machine.array;
  const skew = rows + cols - 2;
  if (machine.dataflow === 'output-stationary') return passes * skew;
  const chunks = chunksOf(machine, streams);
  if (!machine.hidesWeightLoad) return passes * chunks * (rows + skew);
  const whole = Math.min(streams, machine.accumulators ?? Infinity);
  const last = streams - (chunks - 1) * whole;
  const stall = (streamed: number): number => Math.max(0, rows - streamed * cyclesPerRow);
  return passes * ((chunks - 1) * stall(whole) + stall(last)) + rows + skew;
}

/** The ways to deal a product to the arrays: whole passes, or passes whose streamed rows are shared by several arrays. */
function onArrays(machine: TpuMachine, c: Contraction, format: string): Placement[] {
  const rate = machine.macs[format]!;
  const cells = machine.array.rows * machine.array.cols;
  const work = c.batch * c.rows * c.columns * c.sums;
  const cyclesPerRow = 1 / (rate * machine.efficiency);
  const { passes, streams, isDivisible } = folded(machine, c, 1);
  const most = isDivisible ? Math.min(machine.arrays, streams) : 1;
  return Array.from({ length: most }, (_, i) => {
    const parts = i + 1;
    const { text, demand } = folded(machine, c, parts);
    const own = ceilDiv(passes * parts, machine.arrays);
    const share = ceilDiv(streams, parts);
    return {
      unit: 'array',
      format,
      work,
      peak: rate * cells * machine.arrays * machine.clock,
      seconds: (own * share * cyclesPerRow) / machine.clock,
      fill: fillOf(machine, own, share, cyclesPerRow) / machine.clock,
      instructions: 0,
      mapping: `${c.batch > 1 ? `${c.batch} groups of ` : ''}${text}${machine.arrays > 1 ? `, dealt to ${Math.min(machine.arrays, passes * parts)} of ${machine.arrays} arrays` : ''}`,
      demand,
    };
  });
}

const engine: Engine<TpuMachine> = {
  product(machine, c, operands) {
    const factors = [operands[c.streamed.operand]!.format, operands[c.stationary.operand]!.format];
    const format = nativeFormat(machine.macs, factors);
    const arrays = format === undefined ? [] : undominated(onArrays(machine, c, format));
    return [...arrays, ...vectorProduct(machine, c, operands)];
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
