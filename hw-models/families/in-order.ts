import { invariant } from '../../src/base/diagnostics.ts';
import { exactly, quantity, sum, type Quantity } from '../../src/base/quantity.ts';
import type { Bound, Network, NetworkCost, PriceContext, Task, TaskCost, Traffic } from '../contract.ts';
import type { Machine } from '../schema/machine.ts';
import { asContraction } from '../work/contraction.ts';
import { countNest, flatten, pointsOf } from '../work/count.ts';
import type { Nest, NumberFormat, OpCounts, OpKind, Procedure, Work } from '../work/types.ts';
import { byteEnergy, macEnergy, scalarEnergy } from './energy.ts';
import type { Engine, Placement } from './engine.ts';
import { placeTensors, type Residency } from './residency.ts';
import { trafficOf, type PlacedStep } from './traffic.ts';

/** A machine that runs one task after another: CPUs, GPUs, systolic and spatial arrays. */
export function priceInOrder<M extends Machine>(
  network: Network,
  machine: M,
  engine: Engine<M>,
  context: PriceContext,
): NetworkCost {
  const residency = placeTensors(network, machine);
  const fallbacks = new Set<string>();
  const tasks = network.tasks.map((task): TaskCost => {
    if (task.work.steps.length === 0) return nothing(task, machine);
    const { placed, refused } = place(task, machine, engine, residency);
    for (const { why } of refused) fallbacks.add(why);
    if (refused.length === 0) return priceTask(task, placed, machine, residency);
    // A product whose tail the machine cannot do stays on the machine; without its product a task has no business there.
    const keeps =
      placed.some((s) => isProduct(s, task.work)) &&
      refused.every((r) => r.step.kind !== 'nest' || !asContraction(r.step, task.work.operands));
    if (!keeps) return onHost(task, network, machine, refused[0]!.why, context);
    const tail = tailOnly(task, refused);
    return joined(
      priceTask(task, placed, machine, residency),
      onHost(tail, network, machine, refused[0]!.why, context),
    );
  });
  const latency_s = sum(tasks.map((t) => t.latency_s));
  const macTime = tasks.reduce((n, t) => n + (t.utilisation ?? 0) * t.latency_s.value, 0);
  return {
    tasks,
    latency_s,
    interval_s: {
      ...latency_s,
      value: latency_s.value / network.batch,
      low: latency_s.low / network.batch,
      high: latency_s.high / network.batch,
    },
    energy_j: sum(tasks.map((t) => t.energy_j)),
    overlap_s: 0,
    utilisation: latency_s.value > 0 ? macTime / latency_s.value : null,
    bound: dominantBound(tasks),
    memory: residency.memory,
    ...(machine.area === undefined ? {} : { area_mm2: exactly(machine.area) }),
    fits: residency.misfit === undefined,
    ...(residency.misfit === undefined ? {} : { misfit: residency.misfit }),
    assumptions: [
      'Tasks run one after another; within a task, arithmetic and the traffic of every memory overlap, so the slowest of them sets the time.',
      residency.keepsWeights
        ? 'Weights stay on the chip from one input to the next.'
        : 'Weights are read from the outermost memory for every batch.',
      'Inputs are already in the memory of the machine, and outputs are left there.',
      ...engine.assumptions(machine),
      ...[...fallbacks].sort().map((f) => `On the host: ${f}`),
    ],
  };
}

/** The bound that most of the time falls under. */
export function dominantBound(tasks: readonly TaskCost[]): Bound {
  const time = new Map<Bound, number>();
  for (const t of tasks) time.set(t.bound, (time.get(t.bound) ?? 0) + t.latency_s.value);
  return [...time].reduce<readonly [Bound, number]>(
    (best, entry) => (entry[1] > best[1] ? entry : best),
    ['overhead', -1],
  )[0];
}

interface Refusal {
  readonly step: Nest | Procedure;
  readonly times: number;
  readonly why: string;
}

/** Steps with their placements, and those that the machine cannot run, with the reason. */
function place<M extends Machine>(
  task: Task,
  machine: M,
  engine: Engine<M>,
  residency: Residency,
): { placed: PlacedStep[]; refused: Refusal[] } {
  const { work } = task;
  const choices: { step: Nest | Procedure; options: readonly Placement[]; times: number }[] = [];
  const refused: Refusal[] = [];
  for (const { step, times } of flatten(work.steps)) {
    const options =
      step.kind === 'nest'
        ? placeNest(step, work, machine, engine)
        : placeScalars(
            step.counts,
            procedureFormat(step, work),
            Object.values(step.writes).reduce((n, w) => n + w, 0),
            machine,
            engine,
          );
    if (typeof options === 'string') refused.push({ step, times, why: options });
    else choices.push({ step, options, times });
  }
  let placed: PlacedStep[] = choices.map(({ step, options, times }) => ({ step, placement: options[0]!, times }));
  // Where a step can lie in several ways, the one that makes the whole task shortest: arithmetic and memories together.
  const homes = homesOf(task, residency);
  choices.forEach(({ options }, i) => {
    if (options.length < 2) return;
    let best: { seconds: number; bytes: number; placed: PlacedStep[] } | undefined;
    for (const placement of options) {
      const attempt = placed.map((s, k) => (k === i ? { ...s, placement } : s));
      const traffic = trafficOf(machine, work, attempt, homes);
      const seconds = slowestOf(attempt, machine, traffic);
      const bytes = traffic.reduce((n, t) => n + t.read_bytes + t.write_bytes, 0);
      const isBetter = !best || seconds < best.seconds || (seconds === best.seconds && bytes < best.bytes);
      if (isBetter) best = { seconds, bytes, placed: attempt };
    }
    placed = best!.placed;
  });
  return { placed, refused };
}

const homesOf = (task: Task, residency: Residency): Map<string, number> =>
  new Map(Object.entries(task.tensors).map(([name, t]) => [name, residency.home[t]!]));

/** Seconds of one run: arithmetic and the traffic of every memory overlap. */
const slowestOf = (steps: readonly PlacedStep[], machine: Machine, traffic: readonly Traffic[]): number =>
  Math.max(
    steps.reduce((n, s) => n + (s.placement.seconds + s.placement.fill) * s.times, 0),
    ...machine.memory.map((m, i) => (traffic[i]!.read_bytes + traffic[i]!.write_bytes) / m.bandwidth),
  );

const isProduct = (s: PlacedStep, work: Work): boolean =>
  s.step.kind === 'nest' && asContraction(s.step, work.operands) !== undefined;

/** The refused steps as a task of their own: what was scratch between them and the product goes over the link. */
function tailOnly(task: Task, refused: readonly Refusal[]): Task {
  const names = new Set(
    refused.flatMap(({ step }) =>
      step.kind === 'nest'
        ? [...step.reads.map((r) => r.operand), step.write.operand]
        : [...Object.keys(step.reads), ...Object.keys(step.writes)],
    ),
  );
  const written = new Set(
    refused.flatMap(({ step }) => (step.kind === 'nest' ? [step.write.operand] : Object.keys(step.writes))),
  );
  const operands = Object.fromEntries(
    Object.entries(task.work.operands)
      .filter(([name]) => names.has(name))
      .map(([name, o]) => [
        name,
        o.role === 'scratch' ? { ...o, role: written.has(name) ? ('output' as const) : ('input' as const) } : o,
      ]),
  );
  const steps = refused.map(({ step, times }, i) =>
    times === 1 ? step : { kind: 'repeat' as const, loop: { name: `t${i}`, size: times }, body: [step] },
  );
  return {
    ...task,
    work: { operands, steps },
    tensors: Object.fromEntries(Object.entries(task.tensors).filter(([name]) => names.has(name))),
  };
}

/** A task whose product runs on the machine and whose tail on the host. */
function joined(own: TaskCost, tail: TaskCost): TaskCost {
  const energyBy: Record<string, number> = { ...own.energyBy };
  for (const [name, joules] of Object.entries(tail.energyBy)) energyBy[name] = (energyBy[name] ?? 0) + joules;
  const latency = own.latency_s.value + tail.latency_s.value;
  return {
    ...own,
    fallback: `its element-wise tail: ${tail.fallback ?? ''}`,
    cycles: own.cycles + tail.cycles,
    latency_s: sum([own.latency_s, tail.latency_s]),
    energy_j: sum([own.energy_j, tail.energy_j]),
    energyBy,
    traffic: Object.fromEntries(
      Object.entries(own.traffic).map(([m, t]) => [
        m,
        {
          read_bytes: t.read_bytes + (tail.traffic[m]?.read_bytes ?? 0),
          write_bytes: t.write_bytes + (tail.traffic[m]?.write_bytes ?? 0),
        },
      ]),
    ),
    utilisation:
      own.utilisation === null || latency === 0 ? own.utilisation : (own.utilisation * own.latency_s.value) / latency,
    bound: tail.latency_s.value > own.latency_s.value ? tail.bound : own.bound,
    times: { ...own.times, host: tail.latency_s.value - (tail.times.link ?? 0), link: tail.times.link ?? 0 },
    mapping: `${own.mapping ?? own.unit}; the tail ${tail.mapping ?? 'on the host'}`,
  };
}

const formatOf = (work: Work, operand: string): NumberFormat => {
  const o = work.operands[operand];
  invariant(o, `a step names the operand "${operand}", which its work does not have`);
  return o.format;
};

const procedureFormat = (step: Procedure, work: Work): NumberFormat =>
  formatOf(work, Object.keys(step.writes)[0] ?? Object.keys(step.reads)[0] ?? Object.keys(work.operands)[0]!);

/** The widest stored format that a step reads or writes: what its arithmetic has to be done in. Sums on their way out count as what they become. */
function widest(step: Nest, work: Work): NumberFormat {
  const names = [...step.reads.map((r) => r.operand), step.write.operand];
  const stored = names.filter((n) => work.operands[n]?.role !== 'scratch');
  const outputs = Object.entries(work.operands).flatMap(([n, o]) => (o.role === 'output' ? [n] : []));
  const formats = (stored.length > 0 ? stored : outputs.length > 0 ? outputs : names).map((n) => formatOf(work, n));
  return formats.reduce((best, f) => (rank(f) > rank(best) ? f : best));
}
const rank = (f: NumberFormat): number => (f.kind === 'float' ? 1000 : 0) + f.bits;

function placeNest<M extends Machine>(
  step: Nest,
  work: Work,
  machine: M,
  engine: Engine<M>,
): readonly Placement[] | string {
  const contraction = asContraction(step, work.operands);
  if (contraction) {
    const factors = [contraction.streamed, contraction.stationary].map((a) => formatOf(work, a.operand).name);
    const options = engine.product(machine, contraction, work.operands);
    return options.length > 0
      ? options
      : `${machine.name} has no multipliers for ${[...new Set(factors)].join(' by ')} products.`;
  }
  const counts = countNest(step, work.operands);
  const format = widest(step, work);
  const scalars = placeScalars(counts, format, pointsOf(step), machine, engine);
  if (typeof scalars !== 'string') return scalars;
  // Setting sums to a bias, and rounding them on their way out, is what the output stage of any array does.
  const isFree =
    step.writeBack ||
    (counts.move !== undefined &&
      Object.keys(counts).length === 1 &&
      work.operands[step.write.operand]?.role !== 'input' &&
      isSum(step.write.operand, work));
  return isFree
    ? [{ unit: 'array', format: format.name, work: 0, peak: 0, seconds: 0, fill: 0, instructions: 0 }]
    : scalars;
}

/** Whether some product adds to this operand. */
const isSum = (operand: string, work: Work): boolean =>
  flatten(work.steps).some(
    ({ step }) =>
      step.kind === 'nest' && step.write.operand === operand && asContraction(step, work.operands) !== undefined,
  );

function placeScalars<M extends Machine>(
  counts: OpCounts,
  format: NumberFormat,
  elements: number,
  machine: M,
  engine: Engine<M>,
): readonly Placement[] | string {
  const placement = engine.scalars(machine, counts, format, elements);
  if (placement) return [placement];
  const kinds = Object.keys(counts).filter((k) => k !== 'move');
  return `${machine.name} has no unit for element-wise work${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''} on ${format.name}.`;
}

const component = (placement: Placement, product: boolean): string =>
  product ? 'mac' : placement.unit === 'host' ? 'host' : 'vector';

function priceTask(task: Task, steps: readonly PlacedStep[], machine: Machine, residency: Residency): TaskCost {
  const traffic = trafficOf(machine, task.work, steps, homesOf(task, residency));
  const { times } = task;

  const compute = times * steps.reduce((n, s) => n + s.placement.seconds * s.times, 0);
  const fill = times * steps.reduce((n, s) => n + s.placement.fill * s.times, 0);
  const memory = machine.memory.map(
    (m, i) => (times * (traffic[i]!.read_bytes + traffic[i]!.write_bytes)) / m.bandwidth,
  );
  const overhead = times * machine.launch;
  const slowest = Math.max(compute + fill, ...memory);
  const latency = slowest + overhead;

  const energyBy: Record<string, number> = {};
  const charge = (name: string, joules: number): void => {
    if (joules > 0) energyBy[name] = (energyBy[name] ?? 0) + joules;
  };
  for (const s of steps) {
    const product = isProduct(s, task.work);
    charge(component(s.placement, product), times * s.times * dynamicEnergy(machine, s, product, task.work));
    charge('instructions', times * s.times * s.placement.instructions * (machine.energy?.instruction ?? 0));
  }
  machine.memory.forEach((m, i) =>
    charge(m.name, times * (traffic[i]!.read_bytes + traffic[i]!.write_bytes) * byteEnergy(machine, m)),
  );
  charge('static', machine.power.idle * latency);
  const energy = Object.values(energyBy).reduce((n, e) => n + e, 0);

  const main = steps.reduce((best, s) => (s.placement.work * s.times > best.placement.work * best.times ? s : best));
  const units = steps.filter((s) => s.placement.unit === main.placement.unit);
  const done = times * units.reduce((n, s) => n + s.placement.work * s.times, 0);
  const spread = machine.uncertainty;
  return {
    unit: main.placement.unit,
    cycles: Math.round(latency * machine.clock),
    latency_s: range(latency, spread.time),
    energy_j: range(energy, spread.energy),
    energyBy,
    traffic: Object.fromEntries(machine.memory.map((m, i) => [m.name, scaledTraffic(traffic[i]!, times)])),
    utilisation: latency > 0 && main.placement.peak > 0 ? Math.min(1, done / (main.placement.peak * latency)) : null,
    bound: boundOf(compute, fill, memory, overhead),
    times: { compute, fill, ...Object.fromEntries(machine.memory.map((m, i) => [m.name, memory[i]!])), overhead },
    precision: main.placement.format,
    peak: main.placement.peak,
    ...(main.placement.mapping === undefined ? {} : { mapping: main.placement.mapping }),
  };
}

export const range = (value: number, factor: number): Quantity => quantity(value, value / factor, value * factor);

const scaledTraffic = (t: Traffic, times: number): Traffic => ({
  read_bytes: t.read_bytes * times,
  write_bytes: t.write_bytes * times,
});

/** Energy of the arithmetic of one run of a step. */
function dynamicEnergy(machine: Machine, s: PlacedStep, product: boolean, work: Work): number {
  if (product) return s.placement.work * macEnergy(machine, s.placement.format);
  const counts = s.step.kind === 'nest' ? countNest(s.step, work.operands) : s.step.counts;
  return (Object.entries(counts) as [OpKind, number][]).reduce(
    (n, [kind, count]) => n + count * scalarEnergy(machine, kind, s.placement.format),
    0,
  );
}

function boundOf(compute: number, fill: number, memory: readonly number[], overhead: number): Bound {
  const [outer = 0, ...inner] = memory;
  const onChip = Math.max(0, ...inner);
  const slowest = Math.max(compute + fill, outer, onChip);
  if (overhead >= slowest) return 'overhead';
  if (slowest === outer && outer > compute + fill) return 'memory';
  if (slowest === onChip && onChip > compute + fill) return 'on-chip';
  return fill > compute ? 'fill' : 'compute';
}

/** A view: the result is the operand under another shape. */
const nothing = (task: Task, machine: Machine): TaskCost => ({
  unit: 'none',
  cycles: 0,
  latency_s: exactly(0),
  energy_j: exactly(0),
  energyBy: {},
  traffic: Object.fromEntries(machine.memory.map((m) => [m.name, { read_bytes: 0, write_bytes: 0 }])),
  utilisation: null,
  bound: 'overhead',
  times: {},
  precision: Object.values(task.work.operands)[0]?.format.name ?? '',
  peak: 0,
  mapping: 'a view of its operand: nothing is computed and nothing moves',
});

/** One task on the host: its price there, and the way of its operands there and back. */
function onHost(task: Task, network: Network, machine: Machine, why: string, context: PriceContext): TaskCost {
  invariant(context.onHost && machine.host && context.host, `${machine.name} has no host for "${task.name}": ${why}`);
  const [cost] = context.onHost(onlyTask(task, network)).tasks as [TaskCost];
  let moved = 0;
  for (const t of new Set(Object.values(task.tensors))) {
    const tensor = network.tensors[t]!;
    if (tensor.role !== 'weight') moved += tensor.bytes;
  }
  const link = task.times * (2 * machine.host.latency + moved / machine.host.link);
  const latency = cost.latency_s.value + link;
  const waiting = machine.power.idle * latency;
  const hostEnergy = cost.energy_j.value + context.host.power.idle * link;
  return {
    unit: 'host',
    fallback: why,
    cycles: Math.round(latency * machine.clock),
    latency_s: {
      ...cost.latency_s,
      value: latency,
      low: cost.latency_s.low + link / machine.uncertainty.time,
      high: cost.latency_s.high + link * machine.uncertainty.time,
    },
    energy_j: {
      ...cost.energy_j,
      value: hostEnergy + waiting,
      low: (hostEnergy + waiting) / machine.uncertainty.energy,
      high: (hostEnergy + waiting) * machine.uncertainty.energy,
    },
    energyBy: { host: hostEnergy, static: waiting },
    traffic: Object.fromEntries(
      machine.memory.map((m, i) => [m.name, { read_bytes: i === 0 ? moved : 0, write_bytes: 0 }]),
    ),
    utilisation: null,
    bound: link > cost.latency_s.value ? 'overhead' : cost.bound,
    times: { ...cost.times, link },
    precision: cost.precision,
    peak: cost.peak,
    mapping: `on ${context.host.name}, with ${moved} bytes over the link`,
  };
}

/** A network of one task, whose tensors are all there before it and wanted after it. */
function onlyTask(task: Task, network: Network): Network {
  const used = [...new Set(Object.values(task.tensors))];
  const tensors = used.map((t) => ({ ...network.tensors[t]!, from: -1, until: 1 }));
  const renumbered = Object.fromEntries(Object.entries(task.tensors).map(([name, t]) => [name, used.indexOf(t)]));
  return { ...network, tensors, tasks: [{ ...task, tensors: renumbered }] };
}
