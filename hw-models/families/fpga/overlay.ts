import type { Network, NetworkCost, PriceContext } from '../../contract.ts';
import type { AsicMachine, FpgaMachine } from '../../schema/machine.ts';
import { asic } from '../asic.ts';
import { budget, dspPerMac } from './resources.ts';

/** Shapes of a shared array: output pixels, input channels and filters side by side (DPUCZDX8G, PG338, has 4 to 8, 8 to 16, 8 to 16). */
const shapes = [
  [8, 32, 32],
  [8, 16, 32],
  [8, 16, 16],
  [8, 12, 12],
  [8, 8, 8],
  [4, 8, 8],
  [4, 4, 8],
  [2, 4, 4],
  [1, 4, 4],
  [1, 1, 4],
  [1, 1, 1],
] as const;

/** LUTs around one multiplier of the array: operand muxes, its share of the sequencer and of the buffers (estimate, from DPU figures). */
const lutPerMac = 25;

interface Overlay {
  readonly machine: AsicMachine;
  readonly macs: number;
  readonly dsp: number;
  readonly lut: number;
}

/** The largest shared array that fits the device, in the format that the network multiplies in. */
function overlayFor(device: FpgaMachine, bits: number, float: boolean): Overlay | undefined {
  const limit = budget(device);
  const each = float
    ? bits > 16
      ? 5
      : 2
    : Math.max(dspPerMac({ weightBits: bits, inputBits: bits, isFloat: false }, device.dspKind), 1 / 3);
  const lutEach = float ? (bits > 16 ? 400 : 200) : lutPerMac;
  const chosen =
    shapes.find(([p, c, f]) => p * c * f * each <= limit.dsp && 8000 + p * c * f * lutEach <= limit.lut) ?? undefined;
  if (!chosen) return undefined;
  const [pixels, channels, filters] = chosen;
  const macs = pixels * channels * filters;
  const onChip = Math.floor((limit.bram36 * 36 * 1024 + limit.uram * 288 * 1024) / 8);
  const format = float ? (bits > 16 ? 'f32' : 'f16') : bits > 8 ? 'i16' : 'i8';
  const dram = device.memory[0]!;
  const {
    fabric: _fabric,
    dspKind: _kind,
    margin: _margin,
    shell: _shell,
    stream: _stream,
    energyPer,
    part: _part,
    family: _family,
    memory: _memory,
    ...common
  } = device;
  const machine: AsicMachine = {
    ...common,
    family: 'asic',
    array: [
      { name: 'pixels', size: pixels, unroll: ['pixels'] },
      { name: 'channels', size: channels, unroll: ['channels', 'taps'] },
      { name: 'filters', size: filters, unroll: ['filters', 'groups'] },
    ],
    macs: { [format]: 1 },
    vector: { perCycle: filters, special: 8 },
    memory: [
      { ...dram },
      {
        name: 'on-chip',
        kind: 'sram',
        size: Math.max(1024, onChip),
        bandwidth:
          (channels * pixels + filters * channels) * (bits / 8) * device.clock * 2 +
          filters * pixels * 4 * device.clock,
        doubleBuffered: true,
        energy: energyPer.bram / 4,
      },
    ],
    energy: { macs: { [format]: energyPer.dsp * each } },
  };
  return { machine, macs, dsp: Math.ceil(macs * each), lut: 8000 + macs * lutEach };
}

/** One array shared by all layers, layer after layer: what an overlay such as a DPU does. Undefined when not even the smallest fits. */
export function priceOverlay(network: Network, device: FpgaMachine, context: PriceContext): NetworkCost | undefined {
  let [bits, float] = [1, false];
  for (const task of network.tasks) {
    for (const o of Object.values(task.work.operands)) {
      if (o.role === 'scratch' || o.format.kind === 'text') continue;
      if (o.format.kind === 'float') [bits, float] = [Math.max(float ? bits : 0, o.format.bits), true];
      else if (!float && o.role === 'weight' && o.format.bits <= 16) bits = Math.max(bits, o.format.bits);
      else if (!float && o.role !== 'weight' && o.format.bits <= 16) bits = Math.max(bits, o.format.bits);
    }
  }
  const overlay = overlayFor(device, bits, float);
  if (!overlay) return undefined;
  const cost = asic.price(network, overlay.machine, context);
  const [pixels, channels, filters] = overlay.machine.array.map((d) => d.size);
  return {
    ...cost,
    tasks: cost.tasks.map((t) => (t.unit === 'array' || t.unit === 'vector' ? { ...t, unit: 'overlay' } : t)),
    resources: {
      lut: overlay.lut,
      ff: overlay.lut * 1.5,
      dsp: overlay.dsp,
      bram36: budget(device).bram36,
      uram: budget(device).uram,
    },
    assumptions: [
      `One array of ${pixels} pixels x ${channels} channels x ${filters} filters (${overlay.macs} MACs a cycle) is shared by all layers.`,
      ...cost.assumptions,
    ],
  };
}
