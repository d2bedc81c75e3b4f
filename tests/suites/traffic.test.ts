import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { productTraffic, type ProductBytes } from '../../hw-models/families/tiling.ts';
import { bytesOf } from '../../hw-models/work/count.ts';
import { machineFrom, networkOf, presets, priceOn } from '../networks.ts';
import { workCases } from '../works.ts';

const size = fc.integer({ min: 1, max: 700 });
const product = fc
  .record({ rows: size, columns: size, sums: size, width: fc.constantFrom(0.125, 0.5, 1, 2, 4) })
  .map(({ rows, columns, sums, width }): ProductBytes => ({
    streamed: rows * sums * width,
    stationary: columns * sums * width,
    result: rows * columns * width,
    rows,
    columns,
    sums,
  }));
const capacity = fc.integer({ min: 16, max: 2 ** 21 });
const sum = (t: { streamed: number; stationary: number; result: number }): number =>
  t.streamed + t.stationary + t.result;

describe('traffic of a tiled product', () => {
  test('is never below one pass over each operand, and is that when all fits', () => {
    fc.assert(
      fc.property(product, capacity, (p, room) => {
        const t = productTraffic(p, room);
        expect(t.streamed).toBeGreaterThanOrEqual(p.streamed);
        expect(t.stationary).toBeGreaterThanOrEqual(p.stationary);
        expect(t.result).toBeGreaterThanOrEqual(p.result);
        if (sum(p) <= room) expect(t).toEqual({ streamed: p.streamed, stationary: p.stationary, result: p.result });
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test('never grows with the room', () => {
    fc.assert(
      fc.property(product, capacity, fc.double({ min: 1, max: 8, noNaN: true }), (p, room, more) => {
        expect(sum(productTraffic(p, room * more))).toBeLessThanOrEqual(sum(productTraffic(p, room)) * (1 + 1e-12));
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  test('is never above no reuse at all: every product reads its factors', () => {
    fc.assert(
      fc.property(product, capacity, (p, room) => {
        const t = productTraffic(p, room);
        expect(t.streamed).toBeLessThanOrEqual(p.streamed * p.columns);
        expect(t.stationary).toBeLessThanOrEqual(p.stationary * p.rows);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  test('respects the bound of Hong and Kung: at least products over the square root of the room', () => {
    fc.assert(
      fc.property(product, capacity, (p, room) => {
        const width = p.result / (p.rows * p.columns);
        const words = room / width;
        // Irony, Toledo, Tiskin (2004): words moved >= products / (2 sqrt(2 words)) - words.
        const bound = (p.rows * p.columns * p.sums) / (2 * Math.sqrt(2 * words)) - words;
        expect(sum(productTraffic(p, room)) / width).toBeGreaterThanOrEqual(bound);
      }),
      { numRuns: 2000, seed: 4 },
    );
  });

  test('what is dear to bring is kept', () => {
    // 100 x 100 x 100 of one byte through 8 kB: 40 rows or columns of 100 bytes fit half of it, so that the other factor passes 3 times.
    const p = { streamed: 10_000, stationary: 10_000, result: 10_000, rows: 100, columns: 100, sums: 100 };
    expect(productTraffic(p, 8000, { streamed: 1, stationary: 9, result: 1 })).toEqual({
      streamed: 30_000,
      stationary: 10_000,
      result: 10_000,
    });
    expect(productTraffic(p, 8000, { streamed: 9, stationary: 1, result: 1 })).toEqual({
      streamed: 10_000,
      stationary: 30_000,
      result: 10_000,
    });
  });
});

/** A CPU with a small cache: everything passes from DRAM. */
const machineWith = (cache: number): ReturnType<typeof machineFrom> =>
  machineFrom({
    name: 'm',
    title: 'm',
    family: 'cpu',
    clock: '1 GHz',
    technology: { node: '45 nm' },
    power: { idle: '1 W' },
    launch: '0 s',
    uncertainty: { time: 1, energy: 1 },
    efficiency: 1,
    cores: 1,
    simd: { bits: 128, ports: 1, special: 8 },
    macs: { f32: 4, i8: 16 },
    memory: [
      { name: 'dram', kind: 'dram', size: '8 GB', bandwidth: '1 GB/s' },
      { name: 'cache', kind: 'cache', size: `${cache} B`, instances: 2, bandwidth: '10 GB/s' },
    ],
  });

describe('traffic of whole works', () => {
  test.each(
    workCases.filter(
      (c) => !['gather', 'a residual block', 'reshape', 'top-k', 'non-max suppression'].includes(c.name),
    ),
  )('$name: from DRAM at least what is new, and no less through a smaller cache', ({ build, name }) => {
    const network = networkOf((n) => build(n, 1));
    const [task] = network.tasks;
    const isWindow = name.includes('pool') || name.includes('conv');
    const needed = Object.values(task!.work.operands).reduce(
      (n, o) => (o.role === 'input' || o.role === 'weight' ? n + bytesOf(o) : n),
      0,
    );
    const written = Object.values(task!.work.operands).reduce((n, o) => (o.role === 'output' ? n + bytesOf(o) : n), 0);
    let before = Infinity;
    for (const cache of [256, 4096, 65_536, 2 ** 20, 2 ** 26]) {
      const { read_bytes, write_bytes } = priceOn(network, machineWith(cache)).tasks[0]!.traffic.dram!;
      // Strides may step over some of the inputs.
      expect(read_bytes).toBeGreaterThanOrEqual(isWindow ? needed * 0.3 : needed);
      expect(write_bytes).toBeGreaterThanOrEqual(written);
      expect(read_bytes + write_bytes).toBeLessThanOrEqual(before);
      before = read_bytes + write_bytes;
    }
    if (!isWindow && !['lstm', 'attention'].includes(name)) expect(before).toBe(needed + written);
  });

  test('only the rows that a gather picks are read', () => {
    const network = networkOf((n) => n.op('gather', [n.w([3000, 64]), n.wholes([1, 2, 5])]));
    const { read_bytes, write_bytes } = priceOn(network, machineWith(4096)).tasks[0]!.traffic.dram!;
    expect(write_bytes).toBe(3 * 64 * 4);
    expect(read_bytes).toBeLessThanOrEqual(3 * 64 * 4 + 3 * 8);
  });

  test('narrower numbers move fewer bytes on every machine', () => {
    for (const machine of presets.values()) {
      if (machine.family === 'fpga') continue;
      // Not the transposed convolution: its 32-bit sums are scattered, and are kept until they can be narrowed.
      for (const c of workCases.slice(0, 17).filter(({ name }) => name !== 'transposed conv')) {
        const total = (precision: string): number => {
          const [t] = priceOn(
            networkOf((n) => c.build(n, 1), precision),
            machine,
          ).tasks;
          const f = t!.traffic[machine.memory[0]!.name]!;
          return t!.fallback === undefined ? f.read_bytes + f.write_bytes : NaN;
        };
        const [wide, narrow] = [total('fp32'), total('int8')];
        if (Number.isFinite(wide) && Number.isFinite(narrow))
          expect(narrow, `${c.name} on ${machine.name}`).toBeLessThanOrEqual(wide);
      }
    }
  });
});
