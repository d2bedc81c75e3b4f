import type { Family } from '../../hw-models/contract.ts';
import { price } from '../../hw-models/families/index.ts';
import type { Machine } from '../../hw-models/schema/machine.ts';
import { show } from '../../src/base/units.ts';
import type { Graph } from '../ir/types.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { plan } from '../schedule/plan.ts';
import { parsePrecision } from '../schedule/precision.ts';
import type { EstimateOptions, Hardware } from './estimate.ts';
import type { Run } from './schema.ts';

interface Context {
  readonly graph: Graph;
  readonly registry: OpRegistry;
  readonly hardware: Hardware;
  readonly options: EstimateOptions;
  readonly families: readonly Family[];
}

type Advice = Run['advice'][number];

interface Change {
  readonly code: string;
  readonly text: (gain: Advice['gain']) => string;
  readonly try: string;
  readonly precision?: string;
  readonly machine?: Machine;
}

/** Improvements below this are noise beside the model's own error. */
const worthwhile = 0.95;

/**
 * Changes that help, each priced by the same model that priced the run; those that do not help are left out.
 * Best first, by latency and then energy.
 */
export function adviceFor(run: Run, context: Context): Advice[] {
  if (run.total.latency_s.value === 0) return [];
  const found: Advice[] = [];
  for (const change of changesFor(run, context.hardware.machine)) {
    const gain = gainOf(run, change, context);
    if (gain.latency_ratio > worthwhile && gain.energy_ratio > worthwhile - 0.1) continue;
    found.push({ code: change.code, layers: affected(run, change), text: change.text(gain), try: change.try, gain });
  }
  return found
    .sort((a, b) => a.gain.latency_ratio - b.gain.latency_ratio || a.gain.energy_ratio - b.gain.energy_ratio)
    .slice(0, 5);
}

function gainOf(run: Run, change: Change, { graph, registry, hardware, options, families }: Context): Advice['gain'] {
  const precision = change.precision === undefined ? options.precision : parsePrecision(change.precision);
  const { network } = plan(graph, registry, { ...options, precision });
  const cost = price(network, change.machine ?? hardware.machine, hardware.host, families);
  return {
    latency_ratio: cost.latency_s.value / run.total.latency_s.value,
    energy_ratio: cost.energy_j.value / Math.max(run.total.energy_j.value, 1e-300),
  };
}

const times = (ratio: number): string => `${ratio.toPrecision(2)}x`;

function changesFor(run: Run, machine: Machine): Change[] {
  const changes: Change[] = [];
  const narrower: Readonly<Record<string, readonly string[]>> = {
    native: ['int8', 'fp16'],
    fp64: ['fp32'],
    fp32: ['fp16', 'int8'],
    fp16: ['int8'],
    bf16: ['int8'],
    int16: ['int8'],
    int8: ['w4a8', 'int4'],
    w4a8: ['int4'],
  };
  for (const precision of narrower[run.precision] ?? []) {
    changes.push({
      code: 'NL-A12',
      precision,
      try: `--precision ${precision}`,
      text: (g) =>
        `store and multiply in ${precision}: ${times(g.latency_ratio)} the time, ${times(g.energy_ratio)} the energy; check the accuracy`,
    });
  }
  const outer = machine.memory[0]!;
  if (run.total.bound === 'memory') {
    const faster = withMemory(machine, 0, { bandwidth: outer.bandwidth * 2 });
    changes.push({
      code: 'NL-A21',
      machine: faster,
      try: `in a copy of the machine: /memory/0/bandwidth = "${show.rate(outer.bandwidth * 2, 'B/s')}"`,
      text: (g) => `twice the bandwidth of ${outer.name}: ${times(g.latency_ratio)} the time`,
    });
  }
  const onChip = machine.memory.findIndex((m, i) => i > 0 && m.kind !== 'registers' && (m.instances ?? 1) === 1);
  if (onChip > 0 && run.memory[onChip]?.spills.length) {
    const m = machine.memory[onChip]!;
    changes.push({
      code: 'NL-A22',
      machine: withMemory(machine, onChip, { size: m.size * 2 }),
      try: `in a copy of the machine: /memory/${onChip}/size = "${show.bytes(m.size * 2)}"`,
      text: (g) =>
        `twice the size of ${m.name}: ${times(g.latency_ratio)} the time, ${times(g.energy_ratio)} the energy`,
    });
  }
  if (run.total.bound === 'overhead' && machine.launch > 0) {
    changes.push({
      code: 'NL-A31',
      machine: { ...machine, launch: machine.launch / 4 },
      try: `in a copy of the machine: /launch = "${show.seconds(machine.launch / 4)}"`,
      text: (g) =>
        `cheaper starts of layers (fewer, larger kernels or a captured graph): ${times(g.latency_ratio)} the time at a quarter of the cost each`,
    });
  }
  return changes;
}

const withMemory = (machine: Machine, index: number, change: Partial<Machine['memory'][number]>): Machine => ({
  ...machine,
  memory: machine.memory.map((m, i) => (i === index ? { ...m, ...change } : m)),
});

/** The layers that a change is about: the five with the most time under the bound it lifts. */
function affected(run: Run, change: Change): string[] {
  const relevant =
    change.code === 'NL-A31'
      ? run.layers.filter((l) => l.bound === 'overhead')
      : change.code === 'NL-A21'
        ? run.layers.filter((l) => l.bound === 'memory')
        : [...run.layers];
  return [...relevant]
    .sort((a, b) => b.latency_s.value - a.latency_s.value)
    .slice(0, 5)
    .map((l) => l.name);
}
