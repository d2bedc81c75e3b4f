import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { RunSchema, type Run } from '../../compiler/run/schema.ts';
import { isNetloomError } from '../../src/base/diagnostics.ts';
import { createNetloom, presetNames, type Lowered } from '../../src/netloom.ts';
import { hasZoo, openZooModel, whyNoZoo, zooRows } from '../models/zoo.ts';

const netloom = createNetloom();
const isRun = new Ajv2020({ strict: false, allErrors: false }).compile(RunSchema);
const precisions = ['fp32', 'int8'] as const;

/** Sums of many doubles in another order differ by some units in the last place. */
const same = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) + 1e-30;
const sum = (values: readonly number[]): number => values.reduce((n, v) => n + v, 0);

/** What a run claims that does not hold; empty when all is well. */
function faultsOf(run: Run): string[] {
  const faults: string[] = [];
  const claim = (holds: boolean, fault: string): void => void (holds || faults.push(fault));
  const { total, layers } = run;
  if (!isRun(run)) faults.push(`schema: ${JSON.stringify(isRun.errors?.slice(0, 2))}`);
  claim(
    same(sum(layers.map((l) => l.latency_s.value)) - total.overlap_s, total.latency_s.value),
    `latencies: ${sum(layers.map((l) => l.latency_s.value))} - ${total.overlap_s} is not ${total.latency_s.value}`,
  );
  claim(
    same(sum(layers.map((l) => l.energy_j.value)), total.energy_j.value),
    `energies: ${sum(layers.map((l) => l.energy_j.value))} is not ${total.energy_j.value}`,
  );
  claim(same(sum(Object.values(total.energy_by)), total.energy_j.value), 'energies by component');
  claim(sum(layers.map((l) => l.macs)) === run.model.macs, 'MACs');
  claim(total.latency_s.value > 0 && total.energy_j.value > 0 && total.interval_s.value > 0, 'something costs nothing');
  for (const q of [total.latency_s, total.interval_s, total.energy_j])
    claim(q.low <= q.value && q.value <= q.high, 'a range does not hold its value');
  for (const l of layers) {
    claim(l.name !== '' && l.onnx_nodes.length > 0, 'a layer has no name');
    claim(same(sum(Object.values(l.energy_by)), l.energy_j.value), `energy of ${l.name}`);
    claim(
      l.utilisation === null || (l.utilisation >= 0 && l.utilisation <= 1),
      `utilisation of ${l.name}: ${l.utilisation}`,
    );
    claim(l.latency_s.low <= l.latency_s.value && l.latency_s.value <= l.latency_s.high, `latency range of ${l.name}`);
  }
  return faults;
}

interface Opened {
  readonly name: string;
  readonly precision: string;
  readonly lowered: Lowered;
}

describe.skipIf(!hasZoo)(
  `every model of the collection on every machine${hasZoo ? '' : ` (skipped: ${whyNoZoo})`}`,
  () => {
    const opened: Opened[] = [];
    beforeAll(() => {
      for (const { name } of zooRows) {
        const { model } = openZooModel(netloom, name);
        for (const precision of precisions)
          opened.push({ name, precision, lowered: netloom.lower(model, { precision }) });
      }
    });

    test('all of them are read', () => expect(new Set(opened.map((o) => o.name)).size).toBe(zooRows.length));

    test.each(presetNames)('%s', (preset) => {
      const machine = netloom.loadHardware(preset);
      const faults: string[] = [];
      const priced = new Map<string, number>(precisions.map((p) => [p, 0]));
      for (const { name, precision, lowered } of opened) {
        const price = (): Run => netloom.estimate(lowered, machine, { advice: false });
        try {
          const run = price();
          priced.set(precision, priced.get(precision)! + 1);
          for (const fault of faultsOf(run)) faults.push(`${name}, ${precision}: ${fault}`);
          if (JSON.stringify(run) !== JSON.stringify(price()))
            faults.push(`${name}, ${precision}: a second run differs`);
        } catch (e) {
          const isNamed =
            isNetloomError(e) && e.diagnostics.every((d) => d.locations.some((l) => l.node ?? l.tensor ?? l.file));
          if (!isNamed)
            faults.push(
              `${name}, ${precision}: ${e instanceof Error ? (e.stack ?? e.message).slice(0, 600) : String(e)}`,
            );
        }
      }
      expect(faults.slice(0, 10)).toEqual([]);
      for (const [precision, n] of priced) expect(n, precision).toBeGreaterThanOrEqual(zooRows.length - 2);
    });

    test('a netloom of its own gives the same bytes', () => {
      for (const { name, precision, lowered } of opened.filter((_, i) => i % 7 === 0)) {
        const other = createNetloom();
        const again = other.lower(openZooModel(other, name).model, { precision });
        const [a, b] = [
          netloom.estimate(lowered, netloom.loadHardware('edge-tpu')),
          other.estimate(again, other.loadHardware('edge-tpu')),
        ];
        expect(JSON.stringify(b) === JSON.stringify(a), `${name}, ${precision}`).toBe(true);
      }
    });
  },
);
