import type { Family } from '../contract.ts';
import type { GpuMachine } from '../schema/machine.ts';
import type { Contraction } from '../work/contraction.ts';
import { fastestFirst } from './cpu.ts';
import { undominated, type Engine, type Placement } from './engine.ts';
import { nativeFormat } from './formats.ts';
import { priceInOrder } from './in-order.ts';
import { simpleOps } from './scalars.ts';

/** Depth of one step of the loop over the sums of a tiled kernel. */
const sumStep = 32;
/** Ways in which kernels split long sums over blocks. */
const splits = [1, 2, 4] as const;
/** Threads of a warp: the grain of work on the scalar cores. */
const warp = 32;

/**
 * Share of an SM's rate that a tile can draw from shared memory: a tile of r x c makes r*c products for r + c numbers
 * read, and 64 (a tile of 128 x 128) is enough for the peak (the rule of CUTLASS' efficiency guide).
 */
const tileShare = (rows: number, columns: number): number => Math.min(1, (rows * columns) / (rows + columns) / 64);

/** One block alone leaves an SM waiting for its loads; two hide each other's latency. Estimate. */
const occupancyShare = (residentBlocks: number): number => (residentBlocks >= 2 ? 1 : 0.6);

/**
 * From the start of a kernel to its first product, and from its last product to its end: parameters, addresses, two
 * rounds of loads from DRAM (0.6 to 0.8 us each) and the write-back. Estimate; single-stream runs of three GPUs leave
 * 2 to 5 us a kernel beside launches and arithmetic.
 */
const kernelLatency = 3e-6;

function tiled(machine: GpuMachine, c: Contraction, unit: string, format: string, rate: number): Placement[] {
  const macs = c.batch * c.rows * c.columns * c.sums;
  const peak = rate * machine.sms * machine.clock;
  const options: Placement[] = [];
  for (const tile of machine.tiles) {
    const [a, b] = [tile[0]!, tile[1]!];
    for (const [tileRows, tileColumns] of a === b
      ? ([[a, b]] as const)
      : ([
          [a, b],
          [b, a],
        ] as const)) {
      for (const split of splits) {
        if (split > 1 && c.sums < split * 4 * sumStep) continue;
        const sums = Math.ceil(c.sums / split / sumStep) * sumStep;
        const [down, across] = [Math.ceil(c.rows / tileRows), Math.ceil(c.columns / tileColumns)];
        const blocks = c.batch * down * across * split;
        const rounds = Math.ceil(blocks / machine.sms);
        const share = tileShare(tileRows, tileColumns) * occupancyShare(Math.min(rounds, machine.blocksPerSm));
        const seconds = (rounds * tileRows * tileColumns * sums) / (rate * machine.clock * machine.efficiency * share);
        const waves = Math.ceil(blocks / (machine.sms * machine.blocksPerSm));
        options.push({
          unit,
          format,
          work: macs,
          peak,
          seconds,
          fill: kernelLatency,
          instructions: macs / 32,
          mapping: `${blocks} blocks of ${tileRows}x${tileColumns}${split > 1 ? `, sums split ${split} ways` : ''}, ${waves} wave${waves === 1 ? '' : 's'} on ${machine.sms} SMs`,
          demand: {
            streamed: c.batch * c.rows * c.sums * across,
            stationary: c.batch * c.columns * c.sums * down,
            result: c.batch * c.rows * c.columns * (split > 1 ? 2 * split : 1),
          },
        });
      }
    }
  }
  return options;
}

/** One thread per result: how depthwise and other thin products run. */
function threaded(machine: GpuMachine, c: Contraction, format: string, rate: number): Placement {
  const results = c.batch * c.rows * c.columns;
  const macs = results * c.sums;
  const peak = rate * machine.sms * machine.clock;
  const warps = Math.ceil(results / warp);
  // Four partitions of an SM take a warp each: results are counted in whole rounds of whole warps.
  const rounds = Math.ceil(warps / (machine.sms * 4));
  // Without a tile in registers every product needs its own loads: about a third of the issue slots multiply.
  return {
    unit: 'simt',
    format,
    work: macs,
    peak,
    seconds: (3 * rounds * machine.sms * 4 * warp * c.sums) / (peak * machine.efficiency),
    fill: 0,
    instructions: (3 * macs) / warp,
    mapping: `one thread a result, ${warps} warps on ${machine.sms} SMs`,
  };
}

const engine: Engine<GpuMachine> = {
  product(machine, c, operands) {
    const factors = [operands[c.streamed.operand]!.format, operands[c.stationary.operand]!.format];
    const options: Placement[] = [];
    const tensor = machine.tensor && nativeFormat(machine.tensor, factors);
    if (tensor !== undefined) options.push(...tiled(machine, c, 'tensor-core', tensor, machine.tensor![tensor]!));
    const simt = nativeFormat(machine.simt, factors);
    if (simt !== undefined)
      options.push(
        ...tiled(machine, c, 'simt', simt, machine.simt[simt]!),
        threaded(machine, c, simt, machine.simt[simt]!),
      );
    return undominated(options);
  },
  scalars(machine, counts, format, elements) {
    const rate = machine.simt.f32 ?? Object.values(machine.simt)[0]!;
    const special = rate / machine.special;
    const work = simpleOps(counts, special);
    const peak = rate * machine.sms * machine.clock;
    const warps = Math.max(1, Math.ceil(elements / warp));
    // The busiest SM sets the time: with fewer warps than SMs the others idle.
    const seconds =
      (Math.ceil(warps / machine.sms) * warp * (work / Math.max(1, elements))) /
      (rate * machine.clock * machine.efficiency);
    return {
      unit: 'simt',
      format: format.name,
      work,
      peak,
      seconds,
      fill: 0,
      instructions: work / warp,
    };
  },
  assumptions: (machine) => [
    'Each task is one kernel of a captured graph or engine; element-wise tails run inside the kernel they follow.',
    `Matrix kernels choose the best of the tiles ${machine.tiles.map((t) => t.join('x')).join(', ')}; large ones reach ${Math.round(machine.efficiency * 100)} % of the peak. Dense rates: no 2:4 sparsity.`,
  ],
};

/** GPUs: streaming multiprocessors with matrix units over a shared L2 and DRAM. */
export const gpu: Family<GpuMachine> = {
  name: 'gpu',
  doc: 'Streaming multiprocessors with matrix units; tiles, waves, launch cost, L2 and DRAM traffic.',
  price: (network, machine, context) => priceInOrder(network, machine, engine, context),
  roofs: (machine) => {
    const rates = { ...machine.simt };
    for (const [f, r] of Object.entries(machine.tensor ?? {})) rates[f] = Math.max(r, rates[f] ?? 0);
    return {
      peaks: Object.fromEntries(Object.entries(rates).map(([f, r]) => [f, r * machine.sms * machine.clock])),
      bandwidths: Object.fromEntries(machine.memory.map((m) => [m.name, m.bandwidth])),
    };
  },
  precisions: (machine) => fastestFirst({ ...machine.simt, ...machine.tensor }),
};
