import { describe, expect, test } from 'vitest';
import { estimate, type Hardware } from '../../compiler/run/estimate.ts';
import type { Run } from '../../compiler/run/schema.ts';
import type { Graph } from '../../compiler/ir/types.ts';
import { parsePrecision } from '../../compiler/schedule/precision.ts';
import type { Machine } from '../../hw-models/schema/machine.ts';
import { createNetloom, presetNames } from '../../src/netloom.ts';
import { Net, registry } from '../networks.ts';
import { workCases } from '../works.ts';

const netloom = createNetloom();
const facts = { name: 'net', sha256: null, parameters: 0, nodes: 1 };

function dense(): Graph {
  const n = new Net('dense');
  let x = n.x([1, 1024]);
  for (let i = 0; i < 3; i++) x = n.op('matmul', [x, n.w([1024, 1024])]);
  return n.finish(x);
}

const priced = (graph: Graph, hardware: Hardware, precision = 'fp32'): Run =>
  estimate(graph, registry, facts, hardware, { precision: parsePrecision(precision) }).run;
const changed = (hardware: Hardware, change: Partial<Machine>): Hardware => ({
  ...hardware,
  machine: { ...hardware.machine, ...change } as Machine,
});

describe('advice', () => {
  test('is priced by the model that priced the run', () => {
    const hardware = netloom.loadHardware('cortex-a72');
    const run = priced(dense(), hardware);
    const advised = run.advice.find((a) => a.try === '--precision int8')!;
    const narrow = priced(dense(), hardware, 'int8');
    expect(advised.gain.latency_ratio).toBeCloseTo(narrow.total.latency_s.value / run.total.latency_s.value, 12);
    expect(advised.gain.energy_ratio).toBeCloseTo(narrow.total.energy_j.value / run.total.energy_j.value, 12);
    expect(advised.text).toContain('int8');
  });

  test('a network of thin products wants bandwidth, and says what twice of it would give', () => {
    const hardware = netloom.loadHardware('cortex-a72');
    const run = priced(dense(), hardware);
    expect(run.total.bound).toBe('memory');
    const advised = run.advice.find((a) => a.code === 'NL-A21')!;
    const { memory } = hardware.machine;
    const faster = changed(hardware, {
      memory: memory.map((m, i) => (i === 0 ? { ...m, bandwidth: 2 * m.bandwidth } : m)),
    });
    expect(advised.gain.latency_ratio).toBeCloseTo(
      priced(dense(), faster).total.latency_s.value / run.total.latency_s.value,
      12,
    );
    expect(advised.try).toContain('/memory/0/bandwidth');
    expect(advised.layers.length).toBeGreaterThan(0);
  });

  test('launches of many small kernels are named', () => {
    const n = new Net('small');
    let x = n.x([8]);
    for (let i = 0; i < 10; i++) x = n.op('sigmoid', [x]);
    const run = priced(n.finish(x), netloom.loadHardware('a100'));
    expect(run.total.bound).toBe('overhead');
    expect(run.advice.map((a) => a.code)).toContain('NL-A31');
  });

  test('spills ask for a larger memory', () => {
    const n = new Net('wide');
    let x = n.x([1, 64, 112, 112]);
    for (let i = 0; i < 2; i++) x = n.op('relu', [x]);
    const hardware = netloom.loadHardware('edge-tpu');
    const { memory } = hardware.machine;
    // Three tensors of 803 kB pass through a memory that has room for one; twice of it holds two.
    const small = changed(hardware, {
      launch: 0,
      memory: memory.map((m, i) => (i === 1 ? { ...m, size: 900_000, instances: 1 } : m)),
    });
    const run = priced(n.finish(x), small, 'int8');
    expect(run.memory[1]!.spills.length).toBeGreaterThan(0);
    const advised = run.advice.find((a) => a.code === 'NL-A22')!;
    expect(advised.try).toContain('/memory/1/size');
    expect(advised.gain.energy_ratio).toBeLessThan(1);
  });

  test('only what helps, best first, at most five, on all machines', () => {
    for (const name of presetNames) {
      for (const c of workCases.filter((_, i) => i % 4 === 0)) {
        const n = new Net('case');
        const run = priced(n.finish(c.build(n, 1)), netloom.loadHardware(name));
        expect(run.advice.length).toBeLessThanOrEqual(5);
        run.advice.forEach((a, i) => {
          expect(a.gain.latency_ratio <= 0.95 || a.gain.energy_ratio <= 0.85, `${c.name} on ${name}: ${a.text}`).toBe(
            true,
          );
          expect(a.text).not.toMatch(/NaN|Infinity|undefined/);
          if (i > 0) expect(a.gain.latency_ratio).toBeGreaterThanOrEqual(run.advice[i - 1]!.gain.latency_ratio);
          for (const layer of a.layers) expect(run.layers.map((l) => l.name)).toContain(layer);
        });
      }
    }
  });

  test('nothing to advise where nothing takes time', () => {
    const n = new Net('view');
    const run = priced(n.finish(n.op('reshape', [n.x([2, 6]), n.wholes([3, 4])])), netloom.loadHardware('tpu-v1'));
    expect(run.advice).toEqual([]);
    expect(run.total.latency_s.value).toBe(0);
  });
});
