import type { Family, MemoryUse, Network, NetworkCost, PriceContext, Resources, TaskCost } from '../contract.ts';
import type { FpgaMachine } from '../schema/machine.ts';
import { foldKernels, type Design } from './fpga/folding.ts';
import { kernelOf, type Folding, type Kernel } from './fpga/kernels.ts';
import { priceOverlay } from './fpga/overlay.ts';
import { budget, dspPerMac, none, pressure } from './fpga/resources.ts';
import { priceInOrder, range } from './in-order.ts';
import { byteEnergy } from './energy.ts';

/** Cycles from the first word into a kernel to the first word out that its logic takes. */
const pipelineDepth = 20;

/**
 * FPGAs: every layer a kernel of its own on streams, folded to the device; or, when that does not fit or is slower, one
 * array that all layers share.
 */
export const fpga: Family<FpgaMachine> = {
  name: 'fpga',
  doc: 'Streaming kernels folded by PE and SIMD under the limits of the device, or an overlay shared by all layers.',
  price(network, machine, context) {
    const overlay = priceOverlay(network, machine, context);
    const streamed = priceStreaming(network, machine);
    if (typeof streamed === 'string')
      return overlay
        ? remark(overlay, `Streaming, one kernel a layer, is not possible: ${streamed}`)
        : hostOnly(network, machine, context, streamed);
    if (!overlay) return streamed;
    const wins = streamed.interval_s.value <= overlay.interval_s.value;
    const other = wins ? overlay : streamed;
    const text = `${wins ? 'Streaming (one kernel a layer)' : 'An overlay (one shared array)'} is chosen; ${wins ? 'an overlay' : 'streaming'} would give an interval of ${other.interval_s.value.toExponential(3)} s and a latency of ${other.latency_s.value.toExponential(3)} s.`;
    return remark(wins ? streamed : overlay, text);
  },
  roofs: (machine) => {
    const limit = budget(machine);
    const peak = (weightBits: number, inputBits: number, isFloat: boolean): number => {
      const each = dspPerMac({ weightBits, inputBits, isFloat }, machine.dspKind);
      // Narrow products live in LUTs: about 1.1 LUTs for each of the w + a bits of a product and its share of the adder tree.
      return (
        (each > 0
          ? limit.dsp / each
          : limit.lut /
            (1.1 *
              (2 * (weightBits + inputBits) +
                (2 * Math.ceil((weightBits + inputBits) / 6) - 1) * (weightBits + inputBits)))) * machine.clock
      );
    };
    return {
      peaks: {
        bipolar: peak(1, 1, false),
        i4: peak(4, 4, false),
        i8: peak(8, 8, false),
        i16: peak(16, 16, false),
        f16: peak(16, 16, true),
        f32: peak(32, 32, true),
      },
      bandwidths: Object.fromEntries(machine.memory.map((m) => [m.name, m.bandwidth])),
    };
  },
  precisions: () => ['bipolar', 'i4', 'i8', 'i16', 'f16', 'f32'],
};

const remark = (cost: NetworkCost, text: string): NetworkCost => ({
  ...cost,
  assumptions: [text, ...cost.assumptions],
});

/** Not even the smallest array fits: everything is the host's. */
function hostOnly(network: Network, machine: FpgaMachine, context: PriceContext, why: string): NetworkCost {
  const nothing = { product: () => [], scalars: () => undefined, assumptions: () => [] };
  return remark(priceInOrder(network, machine, nothing, context), `Nothing of the network fits the fabric: ${why}`);
}

/** The network as a pipeline of kernels, or why it cannot be one. */
function priceStreaming(network: Network, machine: FpgaMachine): NetworkCost | string {
  const kernels: Kernel[] = [];
  for (const [i, task] of network.tasks.entries()) {
    const kernel = kernelOf(task, i, network);
    if (typeof kernel === 'string') return `"${task.name}": ${kernel}`;
    kernels.push(kernel);
  }
  const design = foldKernels(kernels, machine);
  if (!design) return 'even the smallest kernels need more than the device has.';
  return costOf(network, machine, kernels, design);
}

function costOf(network: Network, machine: FpgaMachine, kernels: readonly Kernel[], design: Design): NetworkCost {
  const period = 1 / machine.clock;
  const moved = network.tensors.reduce((n, t) => (t.role === 'input' || t.role === 'output' ? n + t.bytes : n), 0);
  const dma = moved / machine.stream;
  const interval = Math.max(design.cycles * period, dma);
  const latency = Math.max(latencyOf(network, kernels, design) * period, dma);
  const spread = machine.uncertainty;
  const tasks = kernels.map((k, i) => taskCost(k, network, design.foldings[i]!, design, machine, interval));
  const dynamic = tasks.reduce((n, t) => n + t.energy_j.value, 0);
  const sumOfTimes = tasks.reduce((n, t) => n + t.latency_s.value, 0);
  const macs = kernels.reduce((n, k) => n + k.macs, 0);
  const lanes = design.foldings.reduce((n, f, i) => n + (kernels[i]!.macs > 0 ? f.pe * f.simd : 0), 0);
  return {
    tasks,
    latency_s: range(latency, spread.time),
    interval_s: range(interval / network.batch, spread.time),
    energy_j: range(dynamic, spread.energy),
    overlap_s: sumOfTimes - latency,
    utilisation: lanes > 0 ? Math.min(1, macs / (lanes * (interval / period))) : null,
    bound: dma >= design.cycles * period ? 'memory' : 'compute',
    memory: memoryUse(network, machine, design.resources),
    resources: rounded(design.resources),
    fits: true,
    assumptions: [
      'Every layer is a kernel of its own, and all of them work at once on a stream; the slowest sets the interval. Weights stay on the chip.',
      'Latency is that of overlapping kernels: each begins when the share of its input that its window needs is there.',
      `Foldings are the cheapest that reach the least interval within ${Math.round(machine.margin.lut * 100)} % of the LUTs, ${Math.round(machine.margin.dsp * 100)} % of the DSPs and ${Math.round(machine.margin.bram * 100)} % of the block RAMs; stream widths are assumed to be convertible.`,
      'Energy is that of one input in steady state: idle power of the board for one interval, and the switching of the kernels.',
      `Resources by formula: placed designs had 0.69 to 1.56 of these LUTs. Fullest resource: ${Math.round(100 * pressure(design.resources, budget(machine)))} % of the plan.`,
    ],
  };
}

const rounded = (r: Resources): Resources => ({
  lut: Math.ceil(r.lut),
  ff: Math.ceil(r.ff),
  dsp: Math.ceil(r.dsp),
  bram36: Math.ceil(2 * r.bram36) / 2,
  uram: Math.ceil(r.uram),
});

/**
 * Cycles from the first word in to the last word out. A kernel starts when the head of its input is there, and its
 * stream runs at the pace of the slowest kernel above it.
 */
function latencyOf(network: Network, kernels: readonly Kernel[], design: Design): number {
  const start = new Float64Array(kernels.length);
  const pace = new Float64Array(kernels.length);
  let end = 0;
  kernels.forEach((k, i) => {
    let [begin, slowest] = [0, 0];
    for (const t of Object.values(k.task.tensors)) {
      const { from } = network.tensors[t]!;
      if (from < 0 || from === i) continue;
      begin = Math.max(begin, start[from]!);
      slowest = Math.max(slowest, pace[from]!);
    }
    pace[i] = Math.max(slowest, design.foldings[i]!.cycles);
    start[i] = begin + (k.unit === 'none' ? 0 : k.head * pace[i] + pipelineDepth);
    end = Math.max(end, start[i] + pace[i]);
  });
  return end;
}

function taskCost(
  k: Kernel,
  network: Network,
  f: Folding,
  design: Design,
  machine: FpgaMachine,
  interval: number,
): TaskCost {
  const seconds = f.cycles / machine.clock;
  const lanes = f.pe * f.simd;
  const r = f.resources;
  const isWorking = k.unit !== 'none';
  const share =
    f.cycles /
    Math.max(
      1,
      design.foldings.reduce((n, x) => n + x.cycles, 0),
    );
  const accesses = (r.bram36 + r.uram) * f.cycles;
  const energyBy: Record<string, number> = {};
  if (isWorking) {
    energyBy.logic = r.lut * f.cycles * machine.energyPer.lut;
    energyBy.dsp = r.dsp * f.cycles * machine.energyPer.dsp;
    energyBy.bram = accesses * machine.energyPer.bram;
    energyBy.static = machine.power.idle * interval * share;
  }
  // Inputs and outputs of the network pass through DRAM; all else stays on streams.
  const dram = machine.memory[0]!;
  const { read, write } = outsideBytes(k, network);
  if (read + write > 0) energyBy[dram.name] = (read + write) * byteEnergy(machine, dram);
  const energy = Object.values(energyBy).reduce((n, e) => n + e, 0);
  return {
    unit: k.unit === 'none' ? 'none' : 'kernel',
    cycles: f.cycles,
    latency_s: range(seconds, machine.uncertainty.time),
    energy_j: range(energy, machine.uncertainty.energy),
    energyBy,
    traffic: Object.fromEntries(
      machine.memory.map((m, i) => [
        m.name,
        i === 0 ? { read_bytes: read, write_bytes: write } : { read_bytes: 0, write_bytes: 0 },
      ]),
    ),
    utilisation: k.macs > 0 ? Math.min(1, k.macs / (lanes * interval * machine.clock)) : null,
    bound: f.cycles >= design.cycles ? 'compute' : 'stall',
    times: { compute: seconds },
    precision: k.precision,
    peak: lanes * machine.clock,
    ...(isWorking
      ? {
          mapping: `${k.unit} kernel, PE ${f.pe}, SIMD ${f.simd}: ${Math.ceil(r.lut)} LUT, ${Math.ceil(r.dsp)} DSP, ${Math.ceil(2 * r.bram36) / 2} BRAM36${r.uram > 0 ? `, ${r.uram} URAM` : ''}`,
        }
      : { mapping: 'a view of its operand: nothing is computed and nothing moves' }),
  };
}

/** Bytes that a kernel takes from and gives to the outside: network inputs and outputs. */
function outsideBytes(k: Kernel, network: Network): { read: number; write: number } {
  let [read, write] = [0, 0];
  for (const index of new Set(Object.values(k.task.tensors))) {
    const t = network.tensors[index]!;
    if (t.role === 'input') read += t.bytes;
    else if (t.role === 'output' && t.from === k.index) write += t.bytes;
  }
  return { read, write };
}

function memoryUse(network: Network, machine: FpgaMachine, used: Resources): MemoryUse[] {
  const bytes = (r: Resources): number => (r.bram36 * 36 * 1024 + r.uram * 288 * 1024) / 8;
  const moved = network.tensors.reduce((n, t) => (t.role === 'input' || t.role === 'output' ? n + t.bytes : n), 0);
  return [
    { name: machine.memory[0]!.name, capacity_bytes: machine.memory[0]!.size, peak_bytes: moved, spills: [] },
    {
      name: 'block-ram',
      capacity_bytes: bytes({ ...none, bram36: machine.fabric.bram36, uram: machine.fabric.uram }),
      peak_bytes: bytes(used),
      spills: [],
    },
  ];
}
