import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../compiler/run/schema.ts';
import { createNetloom, type Model } from '../../src/netloom.ts';
import { architectures, buildArchitecture } from '../models/architecture.ts';
import { bertEncoder } from '../models/bert.ts';
import { externalFloats, type ModelBuilder } from '../models/onnx-builder.ts';
import { countedNets } from '../models/torchvision.ts';

interface PublishedLatency {
  readonly family: string;
  readonly net: string;
  readonly machine: string;
  readonly precision: string;
  readonly batch: number;
  readonly seconds: number;
  readonly low?: number;
  readonly high?: number;
  readonly layer?: string;
  readonly interval?: boolean;
  /** The time is mostly a framework's own: a model of tuned kernels must come out below it. */
  readonly runtime?: 'framework';
  readonly recalled?: boolean;
  readonly note?: string;
  readonly source: string;
}

const { records } = JSON.parse(readFileSync('hw-models/measured/published-latency.json', 'utf8')) as {
  records: PublishedLatency[];
};
const netloom = createNetloom();
const weights = externalFloats();

function builderOf(net: string, batch: number): ModelBuilder {
  const bert = /^BERT-(base|large), (\d+) tokens$/.exec(net);
  if (bert) return bertEncoder(bert[1] as 'base' | 'large', Number(bert[2]), batch);
  const architecture = architectures.find((a) => a.name === net);
  if (architecture) return buildArchitecture(architecture, { batch }).builder;
  return countedNets.find((n) => n.name === net)!.build();
}

const models = new Map<string, Model>();
function modelOf({ net, batch }: PublishedLatency): Model {
  const key = `${net}|${batch}`;
  const found =
    models.get(key) ?? netloom.loadModel(builderOf(net, batch).bytes(), { name: net, readExternal: weights });
  models.set(key, found);
  return found;
}

function runOf(r: PublishedLatency): Run {
  const lowered = netloom.lower(modelOf(r), { precision: r.precision });
  return netloom.estimate(lowered, netloom.loadHardware(r.machine), { batch: r.batch, advice: false });
}

/** Modelled over published seconds. */
function ratioOf(r: PublishedLatency): number {
  const run = runOf(r);
  if (r.layer !== undefined)
    return run.layers.find((l) => l.onnx_nodes.includes(r.layer!))!.latency_s.value / r.seconds;
  return (r.interval ? run.total.interval_s : run.total.latency_s).value / r.seconds;
}

const rows = records.map((r) => ({ ...r, ratio: ratioOf(r) }));
const meanOf = (ratios: readonly number[]): number =>
  Math.exp(ratios.reduce((n, x) => n + Math.log(x), 0) / ratios.length);

const gating = rows.filter((r) => !r.recalled && !r.runtime);

/** Machine, rows that hold it, and the geometric mean of their ratios. */
const machineMeans = (): [string, number, string][] =>
  [...new Set(gating.map((r) => r.machine))].map((m) => {
    const own = gating.filter((r) => r.machine === m);
    return [m, own.length, meanOf(own.map((r) => r.ratio)).toFixed(2)];
  });

/** The table that a run of this file leaves on the terminal. */
function table(): string {
  const lines = rows.map((r) => {
    const remark = r.recalled ? ' (recalled)' : r.runtime ? ' (framework)' : '';
    return `${r.ratio.toFixed(2)}  ${r.machine} ${r.net}${r.layer ? ` ${r.layer}` : ''}, ${r.precision}, batch ${r.batch}, ${(r.seconds * 1e3).toPrecision(3)} ms${remark}`;
  });
  const means = machineMeans().map(([m, n, mean]) => `${mean}  ${m}, geometric mean of ${n}`);
  return ['modelled / published seconds', ...lines, ...means, ''].join('\n');
}

process.stdout.write(table());

test('docs/explanation/cost-models.md has the means that this file finds', () => {
  const page = readFileSync('docs/explanation/cost-models.md', 'utf8');
  for (const [m, n, mean] of machineMeans()) expect(page).toMatch(new RegExp(`\\| ${m} +\\| ${n} +\\| ${mean} +\\|`));
});

test('every row says where it comes from', () => {
  for (const r of records) expect(r.source.length).toBeGreaterThan(10);
});

test.each(rows.filter((r) => r.runtime))(
  '$machine, $net in $precision, batch $batch: below the time of a framework, and not by a factor of 6',
  ({ ratio }) => {
    expect(ratio).toBeGreaterThan(1 / 6);
    expect(ratio).toBeLessThan(1.2);
  },
);

describe.each([...new Set(gating.map((r) => r.family))])('%s', (family) => {
  const own = gating.filter((r) => r.family === family);

  test.each(own)('$machine, $net $layer in $precision, batch $batch: within a factor of 3', ({ ratio }) => {
    expect(ratio).toBeGreaterThan(1 / 3);
    expect(ratio).toBeLessThan(3);
  });

  test('the ratios have a geometric mean within a factor of 2', () => {
    const mean = meanOf(own.map((r) => r.ratio));
    expect(mean).toBeGreaterThan(1 / 2);
    expect(mean).toBeLessThan(2);
  });
});
