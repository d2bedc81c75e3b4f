import { ceilDiv } from '../../src/base/units.ts';
import type { Family } from '../contract.ts';
import type { spatialRoles } from '../schema/families.ts';
import type { AsicMachine } from '../schema/machine.ts';
import type { Contraction } from '../work/contraction.ts';
import type { Operand } from '../work/types.ts';
import { fastestFirst } from './cpu.ts';
import { undominated, type Engine, type Placement } from './engine.ts';
import { nativeFormat } from './formats.ts';
import { priceInOrder } from './in-order.ts';
import { vectorProduct, vectorScalars } from './vector-unit.ts';

type SpatialRole = (typeof spatialRoles)[number];

interface SpatialLoop {
  readonly name: string;
  readonly role: SpatialRole;
  readonly size: number;
}

/** The loops of a product by what an array designer calls them. */
function spatialLoops(c: Contraction): SpatialLoop[] {
  const slid = new Set<string>();
  if (c.sliding) {
    for (const index of c.streamed.at) {
      const loops = index.terms.flatMap((t) => ('loop' in t ? [t.loop] : []));
      if (loops.some((l) => c.roles[l] === 'row')) for (const l of loops) if (c.roles[l] === 'sum') slid.add(l);
    }
  }
  const roleOf = (name: string): SpatialRole => {
    const role = c.roles[name];
    if (role === 'batch') return 'groups';
    if (role === 'column') return 'filters';
    if (role === 'row') return 'pixels';
    return slid.has(name) ? 'taps' : 'channels';
  };
  return c.nest.loops.filter((l) => l.size > 1).map((l) => ({ name: l.name, role: roleOf(l.name), size: l.size }));
}

/** Factors worth trying for a loop along `room` elements: those that leave the last round full, and all of the room. */
function factors(size: number, room: number): number[] {
  const most = Math.min(size, room);
  const rounds = ceilDiv(size, most);
  const found = new Set([most, ceilDiv(size, rounds)]);
  return [...found];
}

interface Unrolling {
  /** Spatial factor of each loop, over all dimensions of the array. */
  readonly factor: readonly number[];
  readonly cycles: number;
  readonly text: readonly string[];
}

/** Unrollings that are followed from one dimension to the next. */
const beam = 12;

/**
 * Lays loops along the dimensions of the array, one dimension after another, at most two loops to a dimension (by
 * replication, as in Eyeriss). The unrollings with the fewest cycles are followed; which of those in the end makes the
 * task shortest, its memories' traffic included, is for the caller to find.
 */
function unrollings(machine: AsicMachine, loops: readonly SpatialLoop[]): readonly Unrolling[] {
  const sizes = loops.map((l) => l.size);
  const cyclesOf = (factor: readonly number[]): number =>
    sizes.reduce((n, size, i) => n * ceilDiv(size, factor[i]!), 1);
  const idle = sizes.map(() => 1);
  let states: Unrolling[] = [{ factor: idle, cycles: cyclesOf(idle), text: [] }];
  for (const dimension of machine.array) {
    const allowed = loops.flatMap((l, i) => (dimension.unroll.includes(l.role) ? [i] : []));
    const next = new Map<string, Unrolling>();
    const attempt = (from: Unrolling, ...picks: readonly (readonly [loop: number, by: number])[]): void => {
      const factor = [...from.factor];
      for (const [i, by] of picks) factor[i] = Math.min(sizes[i]!, factor[i]! * by);
      const key = factor.join();
      if (next.has(key)) return;
      const laid = picks.map(([i, by]) => `${loops[i]!.role} ${by}`).join(' x ') || 'idle';
      next.set(key, {
        factor,
        cycles: cyclesOf(factor),
        text: [...from.text, `${dimension.name} ${dimension.size}: ${laid}`],
      });
    };
    for (const state of states) {
      const left = (i: number): number => ceilDiv(sizes[i]!, state.factor[i]!);
      attempt(state);
      for (const first of allowed) {
        for (const f of factors(left(first), dimension.size)) {
          attempt(state, [first, f]);
          const room = Math.floor(dimension.size / f);
          if (room < 2) continue;
          for (const second of allowed) {
            if (second !== first) for (const g of factors(left(second), room)) attempt(state, [first, f], [second, g]);
          }
        }
      }
    }
    states = [...next.values()].sort((a, b) => a.cycles - b.cycles).slice(0, beam);
  }
  return states;
}

/** Share of the products, and of the energy, that zeros leave to do. */
function leftBySkipping(machine: AsicMachine, streamed: Operand, stationary: Operand): number {
  const { weights, inputs, balance = 1 } = machine.skipping ?? {};
  const kept = (weights === 'skip' ? (stationary.density ?? 1) : 1) * (inputs === 'skip' ? (streamed.density ?? 1) : 1);
  return Math.min(1, kept / balance);
}

function onArray(
  machine: AsicMachine,
  c: Contraction,
  operands: Readonly<Record<string, Operand>>,
  format: string,
): Placement[] {
  const loops = spatialLoops(c);
  return undominated(unrollings(machine, loops).map((u) => unrolled(machine, c, operands, format, loops, u)));
}

function unrolled(
  machine: AsicMachine,
  c: Contraction,
  operands: Readonly<Record<string, Operand>>,
  format: string,
  loops: readonly SpatialLoop[],
  { factor, cycles: rounds, text }: Unrolling,
): Placement {
  const cells = machine.array.reduce((n, d) => n * d.size, 1);
  const rate = machine.macs[format]!;
  const work = c.batch * c.rows * c.columns * c.sums;
  const peak = rate * cells * machine.clock;
  const left = leftBySkipping(machine, operands[c.streamed.operand]!, operands[c.stationary.operand]!);
  const cycles = (rounds * left) / Math.min(rate, 1);
  // What is laid along a dimension that does not move an operand is broadcast: one read serves all of it.
  const shared = (roles: readonly SpatialRole[]): number =>
    loops.reduce((n, l, i) => (roles.includes(l.role) ? n * factor[i]! : n), 1);
  // With registers in the elements every product reads and writes them; without, weights and sums rest inside the multipliers.
  const keepsSums = machine.memory.at(-1)!.kind === 'registers';
  return {
    unit: 'array',
    format,
    work,
    peak,
    // Several products a multiplier and cycle (narrow formats in a wide one) shorten the loop over the sums.
    seconds: Math.max(cycles / Math.max(rate, 1), 1) / (machine.clock * machine.efficiency),
    fill: machine.array.reduce((n, d) => n + d.size, 0) / machine.clock,
    instructions: 0,
    mapping: text.join('; '),
    demand: keepsSums
      ? {
          streamed: work / shared(['filters']),
          stationary: work / shared(['pixels']),
          result: work / shared(['channels', 'taps']),
        }
      : {
          streamed: work / shared(['filters']),
          stationary: c.batch * c.columns * c.sums,
          result: c.batch * c.rows * c.columns,
        },
  };
}

const engine: Engine<AsicMachine> = {
  product(machine, c, operands) {
    const factorsOf = [operands[c.streamed.operand]!.format, operands[c.stationary.operand]!.format];
    const format = nativeFormat(machine.macs, factorsOf);
    return [
      ...(format === undefined ? [] : onArray(machine, c, operands, format)),
      ...vectorProduct(machine, c, operands),
    ];
  },
  scalars: vectorScalars,
  assumptions: () => [
    'Loops are laid along the array dimension by dimension, at most two to a dimension, so that the task is shortest; temporal tiles are chosen memory by memory. This is a first mapping, not a proven optimum.',
    'Where the elements have registers, these are read for every product that no broadcast along the array saves; otherwise weights and sums rest inside the multipliers.',
  ],
};

/** Arrays of processing elements with their own memories. */
export const asic: Family<AsicMachine> = {
  name: 'asic',
  doc: 'Arrays of processing elements of any dimensions over a chain of memories; loops are unrolled along the dimensions that may take them.',
  price: (network, machine, context) => priceInOrder(network, machine, engine, context),
  roofs: (machine) => ({
    peaks: Object.fromEntries(
      Object.entries(machine.macs).map(([f, r]) => [
        f,
        r * machine.array.reduce((n, d) => n * d.size, 1) * machine.clock,
      ]),
    ),
    bandwidths: Object.fromEntries(machine.memory.map((m) => [m.name, m.bandwidth])),
  }),
  precisions: (machine) => fastestFirst(machine.macs),
};
