import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Network, NetworkTensor } from '../../hw-models/contract.ts';
import { capacityOf, placeTensors } from '../../hw-models/families/residency.ts';
import { RangeMax } from '../../hw-models/families/range-max.ts';
import { noWork } from '../../hw-models/work/build.ts';
import { machineFrom } from '../networks.ts';

const i8 = { name: 'i8', kind: 'int', bits: 8, signed: true } as const;

/** A chain of `n` tasks over tensors given as [role, bytes, made by task, read last by task]. */
function chain(n: number, tensors: readonly (readonly [NetworkTensor['role'], number, number, number])[]): Network {
  return {
    name: 'chain',
    batch: 1,
    tensors: tensors.map(([role, bytes, from, until], i) => ({
      name: `t${i}`,
      role,
      format: i8,
      shape: [bytes],
      bytes,
      from,
      until,
    })),
    tasks: Array.from({ length: n }, (_, i) => ({
      name: `task${i}`,
      kind: 'any',
      work: noWork,
      times: 1,
      tensors: {},
    })),
  };
}

const dram = { name: 'dram', kind: 'dram', size: '1 MB', bandwidth: '1 GB/s' };
const machine = (...inner: readonly object[]): ReturnType<typeof machineFrom> =>
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
    macs: { f32: 4 },
    memory: [dram, ...inner],
  });
const sram = (size: string, more: object = {}): object => ({
  name: 'sram',
  kind: 'sram',
  size,
  bandwidth: '10 GB/s',
  ...more,
});

describe('where tensors live', () => {
  test('on the chip when they fit beside what is alive with them', () => {
    // t0 and t1 are alive together at task 0 (150 B); t1 and t2 at task 1 (110 B): 200 B hold both.
    const network = chain(2, [
      ['input', 100, -1, 0],
      ['activation', 50, 0, 1],
      ['output', 60, 1, 2],
    ]);
    const { home, memory, misfit } = placeTensors(network, machine(sram('200 B')));
    expect(home).toEqual([1, 1, 1]);
    expect(memory[1]).toMatchObject({ peak_bytes: 150, peak_at: 'task0', spills: [] });
    expect(misfit).toBeUndefined();
  });

  test('what does not fit spills, by name and size, and lives further out', () => {
    const network = chain(2, [
      ['input', 100, -1, 0],
      ['activation', 50, 0, 1],
      ['output', 60, 1, 2],
    ]);
    const { home, memory } = placeTensors(network, machine(sram('120 B')));
    expect(home).toEqual([1, 0, 1]);
    expect(memory[1]!.spills).toEqual([{ tensor: 't1', bytes: 50 }]);
    expect(memory[0]!.peak_bytes).toBe(50);
  });

  test('a tensor keeps its place from its maker to its last reader', () => {
    // t0 lives over all three tasks, so that t2 (80 B) has no room beside it though t1 is gone.
    const network = chain(3, [
      ['input', 40, -1, 2],
      ['activation', 50, 0, 1],
      ['activation', 80, 1, 2],
      ['output', 10, 2, 3],
    ]);
    expect(placeTensors(network, machine(sram('100 B'))).home).toEqual([1, 1, 0, 1]);
  });

  test('weights stay on the chip only where the memory keeps them and all of them fit', () => {
    const network = chain(2, [
      ['input', 10, -1, 0],
      ['weight', 300, -1, 0],
      ['weight', 400, -1, 1],
      ['output', 10, 1, 2],
    ]);
    const kept = placeTensors(network, machine(sram('1 KiB', { keepsWeights: true })));
    expect([kept.home, kept.keepsWeights]).toEqual([[1, 1, 1, 1], true]);
    expect(kept.memory[1]!.peak_bytes).toBe(710); // t0 is gone when t3 is made
    const small = placeTensors(network, machine(sram('600 B', { keepsWeights: true })));
    expect([small.home, small.keepsWeights]).toEqual([[1, 0, 0, 1], false]);
    const passing = placeTensors(network, machine(sram('1 KiB')));
    expect([passing.home, passing.keepsWeights]).toEqual([[1, 0, 0, 1], false]);
  });

  test('a cache keeps four fifths of what it has', () => {
    const network = chain(1, [
      ['input', 90, -1, 0],
      ['output', 1, 0, 1],
    ]);
    expect(placeTensors(network, machine(sram('100 B', { kind: 'cache' }))).home[0]).toBe(0);
    expect(placeTensors(network, machine(sram('113 B', { kind: 'cache' }))).home[0]).toBe(1);
  });

  test('private memories and memories for weights hold no activations', () => {
    const network = chain(1, [
      ['input', 10, -1, 0],
      ['output', 10, 0, 1],
    ]);
    expect(placeTensors(network, machine(sram('1 KiB', { instances: 4 }))).home).toEqual([0, 0]);
    expect(placeTensors(network, machine(sram('1 KiB', { holds: ['weight'] }))).home).toEqual([0, 0]);
  });

  test('what fits nowhere is a misfit with its numbers', () => {
    const large = placeTensors(
      chain(1, [
        ['input', 2e6, -1, 0],
        ['output', 10, 0, 1],
      ]),
      machine(sram('1 KiB')),
    );
    expect(large.misfit).toMatch(/"t0" \(2000000 bytes\).*dram \(1000000 bytes\)/);
    expect(
      placeTensors(
        chain(1, [
          ['weight', 2e6, -1, 0],
          ['output', 10, 0, 1],
        ]),
        machine(),
      ).misfit,
    ).toContain('weights need 2000000 bytes');
  });

  test('no memory inside the outermost ever holds more than it has', () => {
    const tensor = fc.tuple(
      fc.constantFrom('activation' as const, 'weight' as const),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: -1, max: 9 }),
      fc.nat(10),
    );
    fc.assert(
      fc.property(
        fc.array(tensor, { maxLength: 30 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.boolean(),
        (tensors, size, keepsWeights) => {
          const network = chain(
            10,
            tensors.map(([role, bytes, from, span]) => [
              role,
              bytes,
              role === 'weight' ? -1 : from,
              Math.min(10, Math.max(0, from) + span),
            ]),
          );
          const m = machine(sram(`${size} B`, { keepsWeights }));
          const { home, memory } = placeTensors(network, m);
          expect(memory[1]!.peak_bytes).toBeLessThanOrEqual(capacityOf(m.memory[1]!));
          // Found another way: the sum over what is alive, task by task.
          for (const level of [0, 1]) {
            const alive = (task: number): number =>
              network.tensors.reduce(
                (n, t, i) =>
                  home[i] === level &&
                  (t.role === 'weight' ||
                    (Math.max(0, t.from) <= task && task <= Math.min(9, Math.max(t.until, t.from))))
                    ? n + t.bytes
                    : n,
                0,
              );
            expect(memory[level]!.peak_bytes).toBe(Math.max(...Array.from({ length: 10 }, (_, task) => alive(task))));
          }
        },
      ),
      { numRuns: 500, seed: 2 },
    );
  });
});

test('RangeMax equals a list that is searched', () => {
  const step = fc.record({ low: fc.nat(40), width: fc.nat(40), by: fc.integer({ min: -50, max: 100 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 41 }), fc.array(step, { maxLength: 40 }), (n, steps) => {
      const tree = new RangeMax(n);
      const list = new Array<number>(n).fill(0);
      for (const { low, width, by } of steps) {
        const [from, to] = [low % n, Math.min(n - 1, (low % n) + width)];
        // Only amounts that leave the entries at 0 or more occur: entries are bytes.
        const amount = Math.max(by, -Math.min(...list.slice(from, to + 1)));
        tree.add(from, to, amount);
        for (let i = from; i <= to; i++) list[i]! += amount;
        expect(tree.max(from, to)).toBe(Math.max(...list.slice(from, to + 1)));
        expect(tree.max(0, n - 1)).toBe(Math.max(...list));
        const peak = Math.max(...list);
        expect(tree.peak()).toEqual({ value: peak, at: list.indexOf(peak) });
      }
    }),
    { numRuns: 300, seed: 6 },
  );
});
