import { describe, expect, test } from 'vitest';
import { networkOf, machineFrom, priceOn } from '../networks.ts';

/**
 * One layer on one small machine for each family, with every number worked out in the comments. Nothing hides behind
 * efficiencies, launches or idle power unless the example is about them.
 */
const common = {
  clock: '1 GHz',
  technology: { node: '45 nm' },
  power: { idle: '0 W' },
  launch: '0 s',
  uncertainty: { time: 1.5, energy: 2 },
  efficiency: 1,
};
const host = { machine: 'cortex-a53', link: '1 GB/s', latency: '1 us' };
const dram = { name: 'dram', kind: 'dram', size: '1 GB', bandwidth: '1 TB/s', energy: '10 pJ/B' };
const buffer = { name: 'buffer', kind: 'sram', size: '64 KiB', bandwidth: '10 TB/s', energy: '1 pJ/B' };
const vector = { perCycle: 0.01, special: 1 };

/** Y[5,7] = X[5,6] W[6,7]: 210 products. */
const product = networkOf((n) => n.op('matmul', [n.x([5, 6]), n.w([6, 7])]));
const only = (machine: object): ReturnType<typeof priceOn>['tasks'][number] =>
  priceOn(product, machineFrom(machine)).tasks[0]!;

describe('tpu', () => {
  const tpu = {
    ...common,
    name: 'small-tpu',
    title: 'small TPU',
    family: 'tpu',
    arrays: 1,
    array: { rows: 4, cols: 4 },
    dataflow: 'weight-stationary',
    macs: { f32: 1 },
    hidesWeightLoad: false,
    vector,
    memory: [dram, buffer],
    host,
    accumulators: 4096,
    energy: { macs: { f32: '2 pJ' } },
  };

  test.each([
    // 6 sums and 7 columns on 4 x 4 cells are 2 x 2 tiles. Each: 4 cycles to load, 5 rows, 4 + 4 - 2 to run through: 15.
    ['weight-stationary', false, 4 * (4 + 5 + 6)],
    // Loads hide under the rows of the tile before (5 rows are more than 4): 4 x 5, and once 4 to load and 6 to run through.
    ['weight-stationary', true, 4 * 5 + 4 + 6],
    // 6 sums and 5 rows are 2 x 2 tiles, past which 7 columns stream: 4 to load, 7, 6 to run through.
    ['input-stationary', false, 4 * (4 + 7 + 6)],
    // 5 rows and 7 columns are 2 x 2 tiles of results; each takes 6 sums and 6 to run through.
    ['output-stationary', false, 4 * (6 + 6)],
  ])('%s, hidden loads %s: %i cycles', (dataflow, hidesWeightLoad, cycles) => {
    const t = only({ ...tpu, dataflow, hidesWeightLoad });
    expect(t.cycles).toBe(cycles);
    expect(t.latency_s.value).toBeCloseTo(cycles * 1e-9, 15);
    expect(t.utilisation).toBeCloseTo(210 / (16 * cycles), 12);
    expect([t.latency_s.low, t.latency_s.high]).toEqual([t.latency_s.value / 1.5, t.latency_s.value * 1.5]);
  });

  test('traffic and energy', () => {
    const t = only(tpu);
    // Weights come from DRAM once: 6 x 7 x 4 B. Activations live in the buffer.
    expect(t.traffic.dram).toEqual({ read_bytes: 168, write_bytes: 0 });
    // Each row of X is read once for each of the 2 column tiles (5 x 6 x 2 x 4 B), W once; W comes in, Y is written once
    // because the accumulators hold its sums.
    expect(t.traffic.buffer).toEqual({ read_bytes: 240 + 168, write_bytes: 168 + 140 });
    expect(t.energyBy.mac).toBeCloseTo(210 * 2e-12, 20);
    expect(t.energyBy.dram).toBeCloseTo(168 * 10e-12, 20);
    expect(t.energyBy.buffer).toBeCloseTo(716 * 1e-12, 20);
    expect(Object.keys(t.energyBy).sort()).toEqual(['buffer', 'dram', 'mac']);
  });

  test('without accumulators, sums of the second tile of 4 read those of the first again', () => {
    const { accumulators: _, ...bare } = tpu;
    // 35 results are written twice and read once: 3 x 140 B.
    expect(only(bare).traffic.buffer).toEqual({ read_bytes: 408, write_bytes: 168 + 3 * 140 });
  });

  test('two arrays share four tiles', () => {
    expect(only({ ...tpu, arrays: 2 }).cycles).toBe(2 * 15);
    // Sixteen arrays: four to a tile, each with 2 of the 5 rows.
    expect(only({ ...tpu, arrays: 16 }).cycles).toBe(4 + 2 + 6);
  });

  test('idle power, launch and a slow memory', () => {
    const t = only({
      ...tpu,
      launch: '100 ns',
      power: { idle: '3 W' },
      memory: [{ ...dram, bandwidth: '1 GB/s' }, buffer],
    });
    // 168 bytes at 1 B/ns take longer than 60 cycles; the launch comes on top.
    expect(t.latency_s.value).toBeCloseTo(268e-9, 15);
    expect(t.bound).toBe('memory');
    expect(t.energyBy.static).toBeCloseTo(3 * 268e-9, 15);
  });
});

/**
 * Compute cycles of SCALE-Sim 3.0.0 (compute only), by layer: dataflow, array, output pixels a side, channels, window a
 * side, filters, stride, cycles. AlexNet and ResNet-18 without padding, as that tool sees them.
 */
const scaleSim: readonly (readonly ['is' | 'os' | 'ws', number, number, number, number, number, number, number])[] = [
  ['is', 256, 55, 3, 11, 96, 4, 20688],
  ['is', 256, 23, 96, 5, 256, 1, 30660],
  ['is', 256, 11, 256, 3, 384, 1, 10350],
  ['is', 256, 11, 384, 3, 384, 1, 16100],
  ['is', 256, 11, 384, 3, 256, 1, 14308],
  ['os', 256, 55, 3, 11, 96, 4, 10476],
  ['os', 256, 23, 96, 5, 256, 1, 8730],
  ['os', 256, 11, 256, 3, 384, 1, 5628],
  ['os', 256, 54, 64, 3, 64, 1, 13032],
  ['os', 256, 5, 512, 3, 512, 1, 10236],
  ['os', 256, 1, 512, 1, 1000, 1, 4088],
  ['ws', 256, 55, 3, 11, 96, 4, 7582],
  ['ws', 256, 23, 96, 5, 256, 1, 12950],
  ['ws', 256, 11, 256, 3, 384, 1, 15966],
  ['ws', 256, 54, 64, 3, 64, 1, 11046],
  ['ws', 256, 26, 128, 3, 128, 1, 7210],
  ['ws', 256, 5, 512, 3, 512, 1, 28476],
  ['ws', 256, 1, 512, 1, 1000, 1, 6136],
  ['os', 32, 55, 3, 11, 96, 4, 121125],
  ['os', 32, 23, 96, 5, 256, 1, 334832],
  ['os', 32, 11, 384, 3, 256, 1, 112576],
  ['ws', 32, 5, 192, 3, 384, 1, 77112],
];

describe('systolic arrays take the cycles of SCALE-Sim', () => {
  const dataflows = { is: 'input-stationary', os: 'output-stationary', ws: 'weight-stationary' };
  const fast = { ...dram, bandwidth: '10 PB/s' };

  test.each(scaleSim)(
    '%s on %ix: %i pixels, %i channels, window %i, %i filters, stride %i: %i cycles',
    (dataflow, size, pixels, channels, window, filters, stride, cycles) => {
      const side = (pixels - 1) * stride + window;
      const network = networkOf((n) =>
        n.op('conv', [n.x([1, channels, side, side]), n.w([filters, channels, window, window])], {
          strides: [stride, stride],
        }),
      );
      const machine = machineFrom({
        ...common,
        name: 'array',
        title: 'array',
        family: 'tpu',
        arrays: 1,
        array: { rows: size, cols: size },
        dataflow: dataflows[dataflow],
        macs: { f32: 1 },
        hidesWeightLoad: false,
        vector,
        memory: [fast],
        host,
      });
      expect(priceOn(network, machine).tasks[0]!.cycles).toBe(cycles);
    },
  );
});

describe('asic', () => {
  const asic = {
    ...common,
    name: 'small-asic',
    title: 'small ASIC',
    family: 'asic',
    macs: { f32: 1 },
    vector,
    host,
    memory: [dram, buffer],
    array: [
      { name: 'rows', size: 4, unroll: ['channels', 'taps'] },
      { name: 'cols', size: 4, unroll: ['filters'] },
    ],
  };
  // 10 filters, 4 x 4 pixels, 6 channels, 3 x 3 taps: 8640 products.
  const conv = networkOf((n) => n.op('conv', [n.x([1, 6, 6, 6]), n.w([10, 6, 3, 3])]));

  test('loops along two dimensions', () => {
    const [t] = priceOn(conv, machineFrom(asic)).tasks;
    // Rows: 3 of 3 taps, or 3 or 4 of 6 channels, leave 18 rounds of the 54 sums. Columns: 4 of 10 filters leave 3 rounds.
    // 16 pixels x 18 x 3 = 864 rounds, and 4 + 4 cycles through the array.
    expect(t!.cycles).toBe(872);
    expect(t!.utilisation).toBeCloseTo(8640 / (16 * 872), 12);
  });

  test('two loops share a dimension', () => {
    const wide = { ...asic, array: [{ name: 'rows', size: 12, unroll: ['channels', 'taps'] }, asic.array[1]] };
    // 3 taps times 4 of 6 channels leave 1 x 3 x 2 rounds; 6 channels times 2 of 3 taps leave 1 x 2 x 3: six either way.
    expect(priceOn(conv, machineFrom(wide)).tasks[0]!.cycles).toBe(16 * 6 * 3 + 12 + 4);
  });

  test('skipped zeros leave a share of the rounds', () => {
    const skipping = machineFrom({ ...asic, skipping: { weights: 'skip', balance: 0.8 } });
    const sparse = {
      ...conv,
      tasks: conv.tasks.map((t) => ({
        ...t,
        work: { ...t.work, operands: { ...t.work.operands, w: { ...t.work.operands.w!, density: 0.25 } } },
      })),
    };
    // A quarter of the weights, and load imbalance leaves 0.8 of the gain: 864 x 0.25 / 0.8 = 270.
    expect(priceOn(sparse, skipping).tasks[0]!.cycles).toBe(270 + 8);
  });
});

describe('cpu', () => {
  const cpu = {
    ...common,
    name: 'small-cpu',
    title: 'small CPU',
    family: 'cpu',
    cores: 1,
    simd: { bits: 128, ports: 1, special: 10 },
    macs: { f32: 4 },
    memory: [dram, { ...buffer, kind: 'cache' }],
  };

  test('one core', () => {
    // 4 lanes along the 7 columns are 2 vectors; tiles of 5 rows: 2 tiles of 5 x 6 cycles, and 10 + 3 x 5 for each beside.
    // Other tiles take longer: 5 of 1 row are 60 + 10 x 13, 2 of 3 rows 72 + 4 x 19; along rows 2 x 2 of 4 are 96 + 4 x 22.
    const t = only(cpu);
    expect(t.cycles).toBe(60 + 50);
    expect(t.mapping).toContain('4 lanes along the columns');
  });

  test('two cores take a tile each, and wait for what one does alone', () => {
    // 30 cycles of one tile, 3 % more for the serial share of one other core, and 25 beside.
    expect(only({ ...cpu, cores: 2 }).latency_s.value).toBeCloseTo((30 * 1.03 + 25) * 1e-9, 15);
  });

  test('element-wise work', () => {
    const sum = networkOf((n) => n.op('add', [n.x([1000]), n.x([1000])]));
    // 1000 additions on 4 lanes: 250 cycles. 12 kB through the cache at 10 TB/s take 1.2 ns.
    expect(priceOn(sum, machineFrom(cpu)).tasks[0]!.cycles).toBe(250);
    const exp = networkOf((n) => n.op('exp', [n.x([1000])]));
    expect(priceOn(exp, machineFrom(cpu)).tasks[0]!.cycles).toBe(2500); // ten vector instructions each
  });
});

describe('gpu', () => {
  const gpu = {
    ...common,
    name: 'small-gpu',
    title: 'small GPU',
    family: 'gpu',
    sms: 2,
    tensor: { f16: 64 },
    simt: { f32: 1 },
    special: 1,
    tiles: [[16, 16]],
    blocksPerSm: 2,
    memory: [dram, buffer],
    host,
    launch: '1 us',
  };

  test('tiles, rounds and launch', () => {
    const network = networkOf((n) => n.op('matmul', [n.x([32, 64]), n.w([64, 48])]), 'fp16');
    const [t] = priceOn(network, machineFrom(gpu)).tasks;
    // 2 x 3 tiles of 16 x 16 on 2 SMs are 3 rounds of 256 x 64 products. A tile of 16 x 16 makes 8 products a number read,
    // where 64 feed the units: an eighth of 64 products a cycle. 3 x 16384 / 8 = 6144 cycles.
    // 3 us from the start of the kernel to its first product and from the last to its end; 1 us launch.
    expect(t!.unit).toBe('tensor-core');
    expect(t!.latency_s.value).toBeCloseTo(6.144e-6 + 3e-6 + 1e-6, 12);
    expect(t!.utilisation).toBeCloseTo((32 * 48 * 64) / (128e9 * 10.144e-6), 9);
  });

  test('a single block leaves loads uncovered', () => {
    const network = networkOf((n) => n.op('matmul', [n.x([16, 64]), n.w([64, 16])]), 'fp16');
    // One round of 256 x 64 products at an eighth of the rate, at 0.6 because nothing hides the latency of its loads.
    expect(priceOn(network, machineFrom(gpu)).tasks[0]!.latency_s.value).toBeCloseTo(2.048e-6 / 0.6 + 4e-6, 12);
  });
});
