import type { Family } from '../contract.ts';
import type { CpuMachine } from '../schema/machine.ts';
import type { Contraction } from '../work/contraction.ts';
import type { NumberFormat, OpCounts } from '../work/types.ts';
import { formatBits } from './energy.ts';
import type { Engine, Placement } from './engine.ts';
import { nativeFormat } from './formats.ts';
import { priceInOrder } from './in-order.ts';
import { packed, simpleOps } from './scalars.ts';

/** Rows of the register tile of a GEMM kernel; with 16 to 32 vector registers, 4 to 12 are usual (Goto, van de Geijn, TOMS 2008). */
const registerRows = 6;

/** Cycles of a register tile beside its products: setting up its loop (estimate), and clearing, bias and store of each row. */
const tileCycles = (height: number): number => 10 + 3 * height;

/**
 * Share of a large product that one thread does alone while the others wait: unfolding, padding, packing, handing out.
 * Estimate: ncnn's tables for a Xeon have speedups of 3.8, 6.9 and 10.4 on 4, 8 and 16 cores for ResNets and VGG-16.
 */
const serialShare = 0.03;

/** Ways to lay a product on vector registers: along filters, pixels, or independent groups (depthwise). */
const vectorAxes = (c: Contraction): { name: string; size: number; across: number; others: number }[] => [
  { name: 'columns', size: c.columns, across: c.rows, others: c.batch },
  { name: 'rows', size: c.rows, across: c.columns, others: c.batch },
  { name: 'groups', size: c.batch, across: c.rows * c.columns, others: 1 },
];

function product(
  machine: CpuMachine,
  c: Contraction,
  operands: Parameters<Engine<CpuMachine>['product']>[2],
): Placement[] {
  const factors = [operands[c.streamed.operand]!.format, operands[c.stationary.operand]!.format];
  const format = nativeFormat(machine.macs, factors);
  if (format === undefined) return [byScalars(machine, c, factors)];
  const rate = machine.macs[format]!;
  const { bits, ports } = machine.simd;
  // Sums are kept in 32 bits (64 for doubles, 16 for half precision), one lane each; narrow formats add several products to a lane.
  const sumBits = Math.min(bits, format === 'f64' ? 64 : format === 'f16' ? 16 : 32);
  const lanes = Math.max(1, Math.floor(bits / sumBits));
  const perLane = Math.max(1, Math.round(rate / (lanes * ports)));
  const macs = c.batch * c.rows * c.columns * c.sums;
  const peak = rate * machine.cores * machine.clock;
  const waiting = 1 + serialShare * (machine.cores - 1);
  // A register tile is `height` results along one axis by one vector along the other. Low tiles give idle cores work.
  const tiles = vectorAxes(c).flatMap((axis) =>
    Array.from({ length: Math.min(registerRows, axis.across) }, (_, i) => {
      const height = i + 1;
      const items = Math.ceil(axis.size / lanes) * axis.others * Math.ceil(axis.across / height);
      const rounds = Math.ceil(items / machine.cores);
      const slots = axis.name === 'groups' ? c.sums * perLane : Math.ceil(c.sums / perLane) * perLane;
      return {
        ...axis,
        seconds: (rounds * height * lanes * slots * waiting) / (rate * machine.clock * machine.efficiency),
        fill: (rounds * tileCycles(height)) / machine.clock,
      };
    }),
  );
  const best = tiles.reduce((a, b) => (b.seconds + b.fill < a.seconds + a.fill ? b : a));
  return [
    {
      unit: rate > 1 || lanes > 1 ? 'simd' : 'core',
      format,
      work: macs,
      peak,
      seconds: best.seconds,
      fill: best.fill,
      instructions: (1.25 * macs) / (lanes * perLane * Math.max(packed(best.size, lanes), 1e-9)),
      mapping: `${lanes} lanes along the ${best.name} (${best.size}), ${perLane > 1 ? `${perLane} products a lane, ` : ''}${machine.cores} cores`,
      demand: {
        streamed: (macs / c.columns) * Math.ceil(c.columns / (lanes * 2)),
        stationary: (macs / c.rows) * Math.ceil(c.rows / registerRows),
        result: c.batch * c.rows * c.columns,
      },
    },
  ];
}

/** Products in a format that no multiplying instruction takes (64-bit integers): a multiplication and an addition each. */
function byScalars(machine: CpuMachine, c: Contraction, factors: readonly NumberFormat[]): Placement {
  const widest = factors.reduce((a, b) => (b.bits > a.bits ? b : a));
  const macs = c.batch * c.rows * c.columns * c.sums;
  const p = scalars(machine, { mul: macs, add: macs }, widest);
  return {
    ...p,
    work: macs,
    peak: p.peak / 2,
    mapping: 'products one by one: no multiplying instruction takes this format',
  };
}

/** A core of 32 bits whose narrow products are no faster than wide ones has no instructions for packed elements either. */
function hasPackedLanes({ simd, macs }: CpuMachine): boolean {
  const wide = macs.i32 ?? macs.f32 ?? 0;
  return simd.bits > 32 || Math.max(macs.i8 ?? 0, macs.i16 ?? 0) > wide;
}

function scalars(machine: CpuMachine, counts: OpCounts, format: NumberFormat): Placement {
  const { bits, ports, special } = machine.simd;
  const width = format.kind === 'float' || format.bits > 8 ? Math.max(format.bits, 32) : 8;
  const lanes = Math.max(1, Math.floor((hasPackedLanes(machine) ? bits : Math.min(bits, width)) / width));
  const work = simpleOps(counts, special);
  const peak = lanes * ports * machine.cores * machine.clock;
  return {
    unit: lanes > 1 ? 'simd' : 'core',
    format: format.name,
    work,
    peak,
    seconds: work / (peak * machine.efficiency),
    fill: 0,
    instructions: work / lanes,
  };
}

const engine: Engine<CpuMachine> = {
  product,
  scalars,
  assumptions: (machine) => [
    `Large products reach ${Math.round(machine.efficiency * 100)} % of the peak; lanes, cores and register tiles that the sizes leave empty come off that.`,
    'Convolutions run as direct or implicit matrix products; no Winograd or FFT form is assumed.',
  ],
};

/** CPUs and microcontrollers: cores with vector units behind caches. */
export const cpu: Family<CpuMachine> = {
  name: 'cpu',
  doc: 'Cores with SIMD units behind a chain of caches; products run as register-tiled GEMM.',
  price: (network, machine, context) => priceInOrder(network, machine, engine, context),
  roofs: (machine) => ({
    peaks: Object.fromEntries(
      Object.entries(machine.macs).map(([f, rate]) => [f, rate * machine.cores * machine.clock]),
    ),
    bandwidths: Object.fromEntries(machine.memory.map((m) => [m.name, m.bandwidth])),
  }),
  precisions: (machine) => fastestFirst(machine.macs),
};

/** Formats by falling rate; of equal ones the narrower first. */
export const fastestFirst = (rates: Readonly<Record<string, number>>): string[] =>
  Object.keys(rates).sort((a, b) => rates[b]! - rates[a]! || formatBits(a) - formatBits(b));
