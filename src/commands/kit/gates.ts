import type { Flags } from './flags.ts';
import type { Run } from '../../../compiler/run/schema.ts';
import { diagnostic, type Diagnostic } from '../../base/diagnostics.ts';
import { parseQuantity, show, type Dimension } from '../../base/units.ts';
import { usage } from './session.ts';

export const gateFlags: readonly (readonly [string, string])[] = [
  ['--max-latency <time>', 'gate: exit code 1 when the latency is above this, such as 5ms'],
  ['--max-energy <energy>', 'gate: exit code 1 when the energy is above this, such as 2mJ'],
  ['--max-util <resource=share>', 'gate on FPGA resources, such as lut=80%'],
  ['--fail-on <list>', 'gate on what happens: fallback, spill, misfit'],
  ['--baseline <run.json>', 'gate: compare with a saved run'],
  ['--max-regression <share>', 'how much slower than the baseline is allowed; 2% when absent'],
];

export interface Gates {
  readonly latency: number | undefined;
  readonly energy: number | undefined;
  readonly util: Readonly<Record<string, number>>;
  readonly failOn: ReadonlySet<string>;
  readonly baseline: string | undefined;
  readonly regression: number;
}

const events = ['fallback', 'spill', 'misfit'];

/** @throws NetloomError NL7002 */
export function readGates(flags: Flags): Gates {
  const amount = (name: string, key: string, dimension: Dimension, example: string): number | undefined => {
    const given = flags[key];
    if (given === undefined) return undefined;
    const value = typeof given === 'string' ? parseQuantity(given, dimension) : undefined;
    if (value === undefined)
      throw usage(`${name} is "${String(given).slice(0, 40)}"`, 'it takes a number with a unit', `${name} ${example}`);
    return value;
  };
  const failOn = typeof flags.failOn === 'string' ? flags.failOn.split(',').map((s) => s.trim()) : [];
  for (const e of failOn)
    if (!events.includes(e))
      throw usage(`--fail-on names "${e.slice(0, 40)}"`, `it knows ${events.join(', ')}`, '--fail-on fallback,spill');
  const util: Record<string, number> = {};
  if (typeof flags.maxUtil === 'string') {
    for (const part of flags.maxUtil.split(',')) {
      const [name, share] = part.split('=');
      const value = share === undefined ? undefined : parseQuantity(share, 'ratio');
      if (!name || value === undefined)
        throw usage(`--max-util is "${flags.maxUtil.slice(0, 40)}"`, 'it takes resource=share', '--max-util lut=80%');
      util[name] = value;
    }
  }
  return {
    latency: amount('--max-latency', 'maxLatency', 'time', '5ms'),
    energy: amount('--max-energy', 'maxEnergy', 'energy', '2mJ'),
    util,
    failOn: new Set(failOn),
    baseline: typeof flags.baseline === 'string' ? flags.baseline : undefined,
    regression: amount('--max-regression', 'maxRegression', 'ratio', '2%') ?? 0.02,
  };
}

/** One error a gate that is missed: wanted, got, worst layer. */
export function checkGates(runs: readonly Run[], gates: Gates, baseline: readonly Run[]): Diagnostic[] {
  const missed: Diagnostic[] = [];
  const miss = (run: Run, wanted: string, got: string, layer: string | undefined): void =>
    void missed.push(
      diagnostic('error', 'NL7101', {
        message: `gate missed on ${run.machine.name}: wanted ${wanted}, got ${got}`,
        ...(layer === undefined ? {} : { at: { node: layer } }),
        cause: layer === undefined ? 'the run is over the limit' : 'this layer weighs most',
        fix: 'widen the gate, or see the advice of the run',
      }),
    );
  for (const run of runs) {
    const worst = (key: 'latency_s' | 'energy_j'): string | undefined =>
      run.layers.reduce((best, l) => (best === undefined || l[key].value > best[key].value ? l : best), run.layers[0])
        ?.name;
    const { latency_s, energy_j, resources } = run.total;
    if (gates.latency !== undefined && latency_s.value > gates.latency)
      miss(run, `latency up to ${show.seconds(gates.latency)}`, show.seconds(latency_s.value), worst('latency_s'));
    if (gates.energy !== undefined && energy_j.value > gates.energy)
      miss(run, `energy up to ${show.joules(gates.energy)}`, show.joules(energy_j.value), worst('energy_j'));
    for (const [name, share] of Object.entries(gates.util)) {
      const used = resources?.[name as keyof typeof resources];
      const available = run.machine.available?.[name as keyof typeof resources];
      if (used !== undefined && available && used / available > share)
        miss(run, `${name} up to ${show.percent(share)}`, show.percent(used / available), undefined);
    }
    const before = baseline.find((b) => b.machine.name === run.machine.name && b.precision === run.precision);
    if (before && latency_s.value > before.total.latency_s.value * (1 + gates.regression))
      miss(
        run,
        `latency within ${show.percent(gates.regression)} of ${show.seconds(before.total.latency_s.value)}`,
        show.seconds(latency_s.value),
        worst('latency_s'),
      );
    const host = run.layers.find((l) => l.fallback !== undefined);
    if (gates.failOn.has('fallback') && host)
      miss(
        run,
        'no layer on the host',
        `${run.layers.filter((l) => l.fallback !== undefined).length} layers`,
        host.name,
      );
    const spill = run.memory.find((m) => m.spills.length > 0);
    if (gates.failOn.has('spill') && spill)
      miss(run, 'no spills', `${spill.spills.length} tensors out of ${spill.name}`, undefined);
    if (gates.failOn.has('misfit') && !run.total.fits)
      miss(run, 'a network that fits', run.total.misfit ?? 'one that does not', undefined);
  }
  return missed;
}
