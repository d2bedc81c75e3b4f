import type { Run, RunLayer } from '../compiler/run/schema.ts';
import type { Quantity } from '../src/base/quantity.ts';

const q = (value: number, spread = 1.2): Quantity => ({
  value,
  low: value / spread,
  high: value * spread,
  basis: 'analytical',
});

const bandwidths = { dram: 34e9, buffer: 358.4e9 };
const peaks = { i8: 45.9e12, i16: 11.5e12 };

interface Options {
  /** Put in place of the name of the second layer. */
  readonly name?: string;
  readonly machine?: string;
  readonly slower?: number;
}

/**
 * A run of `count` layers that keeps the laws of run.json (parts add up, energies sum) with residual edges, a view, a
 * fused layer and a layer on the host. Sizes follow the index, so equal calls give equal runs.
 */
export function syntheticRun(count: number, options: Options = {}): Run {
  const layers = Array.from({ length: count }, (_, i) => layer(i, count, options));
  const time = layers.reduce((n, l) => n + l.latency_s.value, 0);
  const energy: Record<string, number> = {};
  for (const l of layers) for (const [name, j] of Object.entries(l.energy_by)) energy[name] = (energy[name] ?? 0) + j;
  const macs = layers.reduce((n, l) => n + l.macs, 0);
  const name = options.machine ?? 'test-tpu';
  return {
    model: { name: 'resnet.onnx', sha256: 'a'.repeat(64), parameters: 11_689_512, macs, nodes: count + 12 },
    machine: {
      name,
      title: `Test machine ${name}`,
      family: 'tpu',
      sha256: null,
      precisions: ['i8', 'i16'],
      peaks,
      bandwidths,
      clock_hz: 7e8,
      sources: {
        '/clock': { text: '700 MHz', source: 'a paper, Table 2' },
        '/launch': { text: '1 us', source: 'estimate', note: 'a few instructions' },
      },
    },
    precision: 'int8',
    batch: 1,
    passes: ['fold-bn', 'fuse-tails'],
    objective: 'latency',
    total: {
      latency_s: q(time),
      interval_s: q(time),
      energy_j: q(
        Object.values(energy).reduce((a, b) => a + b, 0),
        1.5,
      ),
      overlap_s: 0,
      area_mm2: q(331, 1),
      utilisation: 0.127,
      bound: 'memory',
      weight_bytes: 11_678_912,
      peak_activation_bytes: 1_605_632,
      fits: true,
      energy_by: energy,
    },
    verdict: 'memory-bound: 11.1 MiB through dram / 34 GB/s = 343 us; the arithmetic alone needs 41 us',
    layers,
    edges: edgesOf(count),
    removed: [{ onnx_node: '/bn1', by: 'fold-bn' }],
    memory: [
      { name: 'dram', capacity_bytes: 2 ** 33, peak_bytes: 11_678_912, peak_at: layers[0]?.name ?? '', spills: [] },
      {
        name: 'buffer',
        capacity_bytes: 2 ** 20,
        peak_bytes: 2 ** 20 - 4096,
        peak_at: layers[0]?.name ?? '',
        spills: [{ tensor: 'conv1_out', bytes: 802_816 }],
      },
    ],
    advice: [
      {
        code: 'NL-A12',
        layers: layers.slice(0, 3).map((l) => l.name),
        text: 'store and multiply in w4a8: 0.56x the time, 0.71x the energy; check the accuracy',
        try: '--precision w4a8',
        gain: { latency_ratio: 0.56, energy_ratio: 0.71 },
      },
      {
        code: 'NL-A21',
        layers: layers.slice(1, 4).map((l) => l.name),
        text: 'twice the bandwidth of dram: 0.62x the time',
        try: 'in a copy of the machine: /memory/0/bandwidth = "68 GB/s"',
        gain: { latency_ratio: 0.62, energy_ratio: 0.94 },
      },
    ],
    assumptions: ['Float weights are priced as int8.', 'Inputs are in the buffer before the run starts.'],
  };
}

const kinds = ['conv+relu', 'conv', 'add+relu', 'depthwise-conv+clip', 'matmul', 'reshape', 'softmax'] as const;
const ops: Readonly<Record<string, string>> = {
  'conv+relu': 'Conv+Relu',
  conv: 'Conv',
  'add+relu': 'Add+Relu',
  'depthwise-conv+clip': 'Conv+Clip',
  matmul: 'MatMul',
  reshape: 'Reshape',
  softmax: 'Softmax',
};

function layer(i: number, count: number, { name, slower = 1 }: Options): RunLayer {
  const isLast = i === count - 1;
  const kind = isLast
    ? 'matmul'
    : i % 23 === 22
      ? 'softmax'
      : i % 17 === 16
        ? 'reshape'
        : i % 4 === 3
          ? 'add+relu'
          : i % 9 === 5
            ? 'depthwise-conv+clip'
            : i % 2 === 0
              ? 'conv+relu'
              : 'conv';
  const stage = Math.min(3, Math.floor((4 * i) / count));
  const channels = 64 << stage;
  const size = 56 >> stage;
  const own =
    i === 1 && name !== undefined
      ? name
      : `/layer${stage + 1}/layer${stage + 1}.${i % 5}/${(kinds as readonly string[]).includes(kind) ? kind.split('+')[0]! : 'op'}_${i}`;
  const isView = kind === 'reshape';
  const isHost = kind === 'softmax';
  const macs =
    isView || isHost || kind === 'add+relu'
      ? 0
      : kind.startsWith('depthwise')
        ? channels * size * size * 9
        : kind === 'matmul'
          ? 512 * 1000
          : channels * channels * size * size * 9;
  const weights =
    macs === 0
      ? 0
      : kind.startsWith('depthwise')
        ? channels * 9
        : kind === 'matmul'
          ? 512_000
          : channels * channels * 9;
  const moved = isView ? 0 : channels * size * size * 2;
  const times = isView
    ? {}
    : isHost
      ? { compute: 4e-6, link: 2.1e-5 }
      : {
          compute: Math.max(2e-8, macs / 45.9e12) * 1.3,
          fill: macs > 0 ? 4e-7 : 0,
          dram: weights / 34e9,
          buffer: moved / 358.4e9,
          overhead: 1e-6,
        };
  const t: Record<string, number> = times;
  const latency =
    slower * (isView ? 0 : isHost ? 2.5e-5 : Math.max(t.compute! + t.fill!, t.dram!, t.buffer!) + t.overhead!);
  const energyBy: Record<string, number> = isView
    ? {}
    : isHost
      ? { host: 3e-4, static: 28 * latency }
      : {
          ...(macs > 0 ? { mac: macs * 2e-13 } : { vector: moved * 3e-12 }),
          ...(weights > 0 ? { dram: weights * 2e-11 } : {}),
          buffer: moved * 5e-12,
          static: 28 * latency * 0.02,
        };
  return {
    name: own,
    onnx_nodes: kind.includes('+') ? [own, `${own}/tail`] : [own],
    op: ops[kind]!,
    kind,
    loops: macs > 0 ? { m: channels, n: size * size, k: channels * 9 } : {},
    output_shape: [1, channels, size, size],
    parameters: weights,
    macs,
    precision: 'i8',
    unit: isView ? 'none' : isHost ? 'host' : macs > 0 ? 'array' : 'vector',
    ...(isHost ? { fallback: 'Test machine has no unit for element-wise work on f32.' } : {}),
    cycles: Math.round(latency * 7e8),
    latency_s: q(latency),
    energy_j: q(
      Object.values(energyBy).reduce((a, b) => a + b, 0),
      1.5,
    ),
    energy_by: energyBy,
    traffic: {
      dram: { read_bytes: weights, write_bytes: 0 },
      buffer: { read_bytes: moved / 2, write_bytes: moved / 2 },
    },
    times,
    utilisation: macs > 0 ? Math.min(1, macs / 45.9e12 / latency) : null,
    peak_per_s: 45.9e12,
    bound: isView
      ? 'overhead'
      : isHost
        ? 'overhead'
        : t.dram! > t.compute! + t.fill! && t.dram! > t.overhead!
          ? 'memory'
          : t.overhead! > t.compute! + t.fill!
            ? 'overhead'
            : 'compute',
    ...(macs > 0 ? { mapping: '256x256 array, 4 folds of 64 x 576' } : {}),
  };
}

/** A chain with a skip over three layers in every block of four. */
const edgesOf = (count: number): [number, number][] =>
  Array.from({ length: count }, (_, i) => i).flatMap((i): [number, number][] => [
    ...(i > 0 ? [[i - 1, i] as [number, number]] : []),
    ...(i % 4 === 3 ? [[i - 3, i] as [number, number]] : []),
  ]);
