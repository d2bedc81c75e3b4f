import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bounds, type Network, type NetworkCost, type TaskCost } from '../../hw-models/contract.ts';
import { familyOf } from '../../hw-models/families/index.ts';
import type { Machine } from '../../hw-models/schema/machine.ts';
import { macsOf } from '../../hw-models/work/count.ts';
import type { Work } from '../../hw-models/work/types.ts';
import type { Quantity } from '../../src/base/quantity.ts';
import { networkOf, presets, priceOn, type Net } from '../networks.ts';
import { workCases, type WorkCase } from '../works.ts';

const precisions = ['native', 'int8', 'fp16', 'w4a8', 'binary'] as const;
const slack = 1 + 1e-9;

/** Networks of one work case by precision and batch, made once. */
const made = new Map<string, Network>();
function networkFor(c: WorkCase, precision: string, batch = 1): Network {
  const key = `${c.name}|${precision}|${batch}`;
  const found = made.get(key) ?? networkOf((n) => c.build(n, batch), precision, batch);
  made.set(key, found);
  return found;
}

const isRange = (q: Quantity): boolean =>
  Number.isFinite(q.high) && q.low >= 0 && q.low <= q.value * slack && q.value <= q.high * slack;
const about = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

/** What is wrong with the price of one task; undefined when nothing is. */
function faultOf(t: TaskCost, steps: number, idle: number): string | undefined {
  if (!t.unit) return 'it has no unit';
  if (!isRange(t.latency_s)) return `latency ${JSON.stringify(t.latency_s)}`;
  if (!isRange(t.energy_j)) return `energy ${JSON.stringify(t.energy_j)}`;
  if (!(bounds as readonly string[]).includes(t.bound)) return `bound ${t.bound}`;
  if (t.utilisation !== null && !(t.utilisation >= 0 && t.utilisation <= 1)) return `utilisation ${t.utilisation}`;
  const parts = Object.values(t.energyBy);
  if (parts.some((e) => !(e >= 0 && Number.isFinite(e)))) return `energy parts ${JSON.stringify(t.energyBy)}`;
  if (
    !about(
      parts.reduce((n, e) => n + e, 0),
      t.energy_j.value,
    )
  )
    return `energy parts sum to ${parts.reduce((n, e) => n + e, 0)}, not ${t.energy_j.value}`;
  for (const [name, f] of Object.entries(t.traffic))
    if (!(f.read_bytes >= 0 && f.write_bytes >= 0 && Number.isFinite(f.read_bytes + f.write_bytes)))
      return `traffic of ${name}`;
  if (Object.values(t.times).some((s) => !(s >= 0 && Number.isFinite(s)))) return `times ${JSON.stringify(t.times)}`;
  if (steps === 0) return t.unit === 'none' && t.latency_s.value === 0 ? undefined : 'a view that costs something';
  if (t.latency_s.value <= 0) return 'it takes no time';
  if (idle > 0 && t.energy_j.value <= 0) return 'it takes no energy';
  if (t.unit === 'host' && !t.fallback) return 'it runs on the host without a reason';
  return undefined;
}

function faultsOf(network: Network, machine: Machine, cost: NetworkCost): string[] {
  const faults = cost.tasks.flatMap((t, i) => {
    const fault = faultOf(t, network.tasks[i]!.work.steps.length, machine.power.idle);
    return fault === undefined ? [] : [`${network.tasks[i]!.name}: ${fault}`];
  });
  const check = (isTrue: boolean, text: string): void => void (isTrue || faults.push(text));
  check(cost.tasks.length === network.tasks.length, 'tasks are not parallel to those of the network');
  for (const key of ['latency_s', 'interval_s', 'energy_j'] as const)
    check(isRange(cost[key]), `${key} ${JSON.stringify(cost[key])}`);
  check(
    about(
      cost.energy_j.value,
      cost.tasks.reduce((n, t) => n + t.energy_j.value, 0),
    ),
    'energies of the tasks do not sum to the total',
  );
  const times = cost.tasks.reduce((n, t) => n + t.latency_s.value, 0);
  check(
    Math.abs(times - cost.overlap_s - cost.latency_s.value) <= 1e-9 * (times + cost.latency_s.value),
    'times of the tasks less the overlap are not the latency',
  );
  check(
    cost.interval_s.value * network.batch <= cost.latency_s.value * slack,
    'the interval is longer than the latency of one batch',
  );
  check(
    cost.utilisation === null || (cost.utilisation >= 0 && cost.utilisation <= 1),
    `utilisation ${cost.utilisation}`,
  );
  check(cost.fits === (cost.misfit === undefined), 'a misfit without its reason');
  check(cost.assumptions.length > 0 && cost.assumptions.every((a) => a.length > 0), 'no assumptions');
  for (const m of cost.memory) check(m.peak_bytes >= 0 && m.capacity_bytes > 0, `memory ${m.name}`);
  return faults;
}

describe.each([...presets])('%s', (_name, machine) => {
  test('prices every kind of work: finite, positive, summing up', () => {
    for (const c of workCases) {
      for (const precision of precisions) {
        const network = networkFor(c, precision);
        expect(faultsOf(network, machine, priceOn(network, machine)), `${c.name} in ${precision}`).toEqual([]);
      }
    }
  });

  test('no product runs above the roof, and nothing faster than its bytes', () => {
    for (const c of workCases) {
      for (const precision of precisions) {
        const network = networkFor(c, precision);
        priceOn(network, machine).tasks.forEach((t, i) => {
          if (t.unit === 'none' || t.unit === 'host') return;
          expect(
            t.latency_s.value * slack,
            `${c.name} in ${precision} on ${t.unit}: ${t.mapping}`,
          ).toBeGreaterThanOrEqual(floorOf(network.tasks[i]!.work, machine, t));
        });
      }
    }
  });

  test('the same question has the same answer', () => {
    for (const c of workCases.slice(0, 12))
      expect(priceOn(networkFor(c, 'int8'), machine)).toEqual(
        priceOn(
          networkOf((n) => c.build(n, 1), 'int8'),
          machine,
        ),
      );
  });

  test('peaks and bandwidths of its roofs are positive, and its precisions are among them', () => {
    const family = familyOf(machine);
    const roofs = family.roofs(machine);
    for (const rate of [...Object.values(roofs.peaks), ...Object.values(roofs.bandwidths)])
      expect(rate > 0 && Number.isFinite(rate)).toBe(true);
    expect(Object.keys(roofs.bandwidths)).toEqual(machine.memory.map((m) => m.name));
    for (const p of family.precisions(machine)) expect(roofs.peaks).toHaveProperty(p);
  });

  test('more at once never takes less time', () => {
    for (const c of workCases) {
      if (c.hasBatch === false) continue;
      for (const precision of ['native', 'int8'] as const) {
        let before = 0;
        for (const batch of [1, 2, 3, 5, 8]) {
          // Streaming designs are chosen for their interval, and for a larger batch another one may be: its latency can be shorter.
          const cost = priceOn(networkFor(c, precision, batch), machine);
          const time = machine.family === 'fpga' ? cost.interval_s.value * batch : cost.latency_s.value;
          expect(time * slack, `${c.name} in ${precision}, batch ${batch}`).toBeGreaterThanOrEqual(before);
          before = time;
        }
      }
    }
  });

  test.each(Object.entries(improvements(machine)))('%s is never slower', (_what, better) => {
    for (const c of workCases) {
      for (const precision of ['native', 'int8', 'binary'] as const) {
        const network = networkFor(c, precision, 2);
        const [old, now] = [priceOn(network, machine), priceOn(network, better)];
        // A streaming design is chosen for its interval: more bandwidth may trade a longer latency for it.
        const key = machine.family === 'fpga' ? 'interval_s' : 'latency_s';
        expect(now[key].value, `${c.name} in ${precision}`).toBeLessThanOrEqual(old[key].value * slack);
      }
    }
  });

  test('work that runs n times costs n times as much', () => {
    if (machine.family === 'fpga') return; // a kernel that works longer is folded wider
    for (const c of workCases) {
      const network = networkFor(c, 'int8');
      const once = priceOn(network, machine);
      const thrice = priceOn({ ...network, tasks: network.tasks.map((t) => ({ ...t, times: 3 })) }, machine);
      expect(
        about(thrice.latency_s.value, 3 * once.latency_s.value),
        `${c.name}: ${thrice.latency_s.value} against 3 x ${once.latency_s.value}`,
      ).toBe(true);
      expect(about(thrice.energy_j.value, 3 * once.energy_j.value), `${c.name}: energy`).toBe(true);
    }
  });
});

const productUnits = new Set(['array', 'simd', 'core', 'tensor-core', 'simt']);

/** Least seconds of a task: its products at the fastest rate of the machine, its bytes at the bandwidth of each memory. */
function floorOf(work: Work, machine: Machine, t: TaskCost): number {
  if (machine.family === 'fpga') return 0; // its kernels are built for the network: no fixed roof
  const peak = Math.max(...Object.values(familyOf(machine).roofs(machine).peaks));
  const products =
    productUnits.has(t.unit) && (machine.family !== 'asic' || machine.skipping === undefined) ? macsOf(work) / peak : 0;
  const bytes = machine.memory.map((m) =>
    t.fallback === undefined ? (t.traffic[m.name]!.read_bytes + t.traffic[m.name]!.write_bytes) / m.bandwidth : 0,
  );
  return Math.max(products, ...bytes) + machine.launch;
}

function improvements(machine: Machine): Record<string, Machine> {
  const found: Record<string, Machine> = {
    'twice the bandwidth everywhere': {
      ...machine,
      memory: machine.memory.map((m) => ({ ...m, bandwidth: 2 * m.bandwidth })),
    },
    'half the cost of a launch': { ...machine, launch: machine.launch / 2 },
    'a clock 1.3 times as fast': { ...machine, clock: 1.3 * machine.clock },
  };
  machine.memory.forEach(
    (m, i) =>
      (found[`twice the bandwidth of ${m.name}`] = {
        ...machine,
        memory: machine.memory.map((x, k) => (k === i ? { ...x, bandwidth: 2 * x.bandwidth } : x)),
      }),
  );
  if (machine.family === 'fpga') found['twice the stream'] = { ...machine, stream: 2 * machine.stream };
  return found;
}

// ---- any shape, any machine ----

/** Sizes that hardware does not like. */
const awkward = fc.constantFrom(1, 2, 3, 5, 7, 8, 13, 16, 17, 31, 37, 64, 97, 127, 128, 257);
const shapes = fc.record({
  n: fc.constantFrom(1, 2, 3),
  c: awkward,
  h: awkward,
  w: awkward,
  k: awkward,
  r: fc.constantFrom(1, 2, 3, 5),
  s: fc.constantFrom(1, 2, 3),
  kind: fc.constantFrom('conv', 'depthwise', 'gemm', 'matmul', 'transposed', 'softmax', 'add', 'pool'),
});
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

function buildShape(n: Net, { n: b, c, h, w, k, r, s, kind }: Shape): ReturnType<Net['x']> {
  const [high, wide] = [Math.max(h, r), Math.max(w, r)];
  switch (kind) {
    case 'conv':
      return n.op('conv', [n.x([b, c, high, wide]), n.w([k, c, r, r]), n.w([k])], { strides: [s, s] });
    case 'depthwise':
      return n.op('conv', [n.x([b, c, high, wide]), n.w([c, 1, r, r])], { group: c, strides: [s, s] });
    case 'gemm':
      return n.op('gemm', [n.x([h, c]), n.w([c, k])]);
    case 'matmul':
      return n.op('matmul', [n.x([b, s, h, c]), n.x([b, 1, c, k])]);
    case 'transposed':
      return n.op('conv-transpose', [n.x([b, c, h, w]), n.w([c, Math.min(k, 37), r, r])], { strides: [s, s] });
    case 'softmax':
      return n.op('softmax', [n.x([b, c, h])]);
    case 'add':
      return n.op('add', [n.x([b, c, 1, w]), n.x([c, h, 1])]);
    case 'pool':
      return n.op('max-pool', [n.x([b, c, high, wide])], { kernel: [r, r], strides: [s, s] });
  }
}

const changes = fc.record({
  clock: fc.double({ min: 0.1, max: 10, noNaN: true }),
  bandwidth: fc.double({ min: 0.05, max: 20, noNaN: true }),
  size: fc.double({ min: 0.01, max: 100, noNaN: true }),
  launch: fc.constantFrom(0, 0.1, 1, 30),
  idle: fc.constantFrom(0, 1, 5),
  efficiency: fc.constantFrom(0.05, 0.5, 1),
});

function changedMachine(machine: Machine, by: typeof changes extends fc.Arbitrary<infer T> ? T : never): Machine {
  return {
    ...machine,
    clock: machine.clock * by.clock,
    launch: machine.launch * by.launch,
    power: { ...machine.power, idle: machine.power.idle * by.idle },
    efficiency: by.efficiency,
    memory: machine.memory.map((m) => ({
      ...m,
      size: Math.max(1, Math.round(m.size * by.size)),
      bandwidth: m.bandwidth * by.bandwidth,
    })),
  };
}

test('laws hold for any shape on any machine', () => {
  const names = [...presets.keys()];
  fc.assert(
    fc.property(
      shapes,
      changes,
      fc.nat(names.length - 1),
      fc.constantFrom(...precisions),
      (shape, by, which, precision) => {
        const network = networkOf((n) => buildShape(n, shape), precision, shape.n);
        const machine = changedMachine(presets.get(names[which]!)!, by);
        const cost = priceOn(network, machine);
        expect(faultsOf(network, machine, cost), names[which]).toEqual([]);
        const faster = priceOn(network, {
          ...machine,
          memory: machine.memory.map((m) => ({ ...m, bandwidth: 2 * m.bandwidth })),
        });
        const key = machine.family === 'fpga' ? 'interval_s' : 'latency_s';
        expect(faster[key].value, names[which]).toBeLessThanOrEqual(cost[key].value * slack);
      },
    ),
    { numRuns: 1500, seed: 5 },
  );
});
