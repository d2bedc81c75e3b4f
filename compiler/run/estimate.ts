import type { Family, NetworkCost, Resources } from '../../hw-models/contract.ts';
import { builtinFamilies, familyOf, price } from '../../hw-models/families/index.ts';
import type { Machine } from '../../hw-models/schema/machine.ts';
import type { LoadedMachine } from '../../hw-models/schema/read.ts';
import { diagnostic, type Diagnostic } from '../../src/base/diagnostics.ts';
import { plural } from '../../src/base/text.ts';
import { isConst, type Graph } from '../ir/types.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { plan, type Plan } from '../schedule/plan.ts';
import type { Precision } from '../schedule/precision.ts';
import { adviceFor } from './advice.ts';
import type { Run, RunLayer } from './schema.ts';
import { hostTime, verdictOf } from './verdict.ts';

/** What is known of the model file beside its graph. */
export interface ModelFacts {
  readonly name: string;
  readonly sha256: string | null;
  readonly parameters: number;
  readonly nodes: number;
}

export interface Hardware extends LoadedMachine {
  readonly sha256: string | null;
  /** The machine that runs what this one cannot. */
  readonly host?: Machine;
}

export interface EstimateOptions {
  readonly precision: Precision;
  readonly batch?: number;
  readonly trips?: Readonly<Record<string, number>>;
  /** Names of the passes that changed the graph. */
  readonly passes?: readonly string[];
  readonly families?: readonly Family[];
  /** False leaves out the advice, which prices the network several times more. */
  readonly advice?: boolean;
}

export interface Estimate {
  readonly run: Run;
  readonly diagnostics: readonly Diagnostic[];
}

/** Prices a lowered graph on a machine. Pure and synchronous. */
export function estimate(
  graph: Graph,
  registry: OpRegistry,
  facts: ModelFacts,
  hardware: Hardware,
  options: EstimateOptions,
): Estimate {
  const planned = plan(graph, registry, options);
  return estimatePlan(planned, graph, registry, facts, hardware, options);
}

/** The same for a plan that is at hand already: several machines share it. */
export function estimatePlan(
  planned: Plan,
  graph: Graph,
  registry: OpRegistry,
  facts: ModelFacts,
  hardware: Hardware,
  options: EstimateOptions,
): Estimate {
  const families = options.families ?? builtinFamilies;
  const { machine, host } = hardware;
  const cost = price(planned.network, machine, host, families);
  const family = familyOf(machine, families);
  const roofs = family.roofs(machine);
  const layers = layersOf(planned, cost);
  const base = {
    model: {
      name: facts.name,
      sha256: facts.sha256,
      parameters: facts.parameters,
      macs: layers.reduce((n, l) => n + l.macs, 0),
      nodes: facts.nodes,
    },
    machine: {
      name: machine.name,
      title: machine.title,
      family: machine.family,
      sha256: hardware.sha256,
      precisions: family.precisions(machine),
      peaks: { ...roofs.peaks },
      bandwidths: { ...roofs.bandwidths },
      clock_hz: machine.clock,
      sources: Object.fromEntries(hardware.sources),
      ...(machine.family === 'fpga' ? { available: { ...machine.fabric } satisfies Resources } : {}),
    },
    precision: options.precision.name,
    batch: planned.network.batch,
    passes: [...(options.passes ?? [])],
    objective: 'latency',
    total: totalOf(planned, cost, layers),
    verdict: '',
    layers,
    edges: planned.edges.map(([a, b]): [number, number] => [a, b]),
    removed: removedNodes(graph, layers),
    memory: cost.memory.map((m) => ({ ...m, spills: m.spills.map((s) => ({ ...s })) })),
    advice: [],
    assumptions: [precisionAssumption(options.precision), ...cost.assumptions],
  } satisfies Run;
  const run: Run = { ...base, verdict: verdictOf(base) };
  const advice = options.advice === false ? [] : adviceFor(run, { graph, registry, hardware, options, families });
  return { run: { ...run, advice }, diagnostics: [...planned.diagnostics, ...hardware.diagnostics, ...fitNotes(run)] };
}

/** ONNX nodes that left no task: taken away by a pass, or folded into a constant. */
function removedNodes(graph: Graph, layers: readonly RunLayer[]): Run['removed'] {
  const seen = new Set(layers.flatMap((l) => l.onnx_nodes));
  const found: Run['removed'] = [];
  const note = (node: string, by: string): void => {
    if (seen.has(node)) return;
    seen.add(node);
    found.push({ onnx_node: node, by });
  };
  const visit = (g: Graph): void => {
    for (const r of g.removed) if (r.origin.op !== 'Initializer') note(r.origin.node, r.by);
    for (const op of g.ops) {
      const by = op.bodies?.length ? 'its body is listed op by op' : 'fold-constants: it became a constant';
      if (isConst(op) || op.bodies?.length)
        for (const o of op.origins)
          if (o.op !== 'Initializer') note(o.node, o.op === 'Constant' ? 'a constant of the model' : by);
      for (const body of op.bodies ?? []) visit(body);
    }
  };
  visit(graph);
  return found;
}

function precisionAssumption(p: Precision): string {
  if (!p.activations || !p.weights) return 'Numbers have the formats of the model.';
  return p.weights.kind === 'float' && p.weights.name === p.activations.name
    ? `Float tensors are stored as ${p.weights.name}; sums are kept in 32 bits.`
    : `Float weights are priced as ${p.weights.name} and float activations as ${p.activations.name}; sums are kept in 32 bits and brought back by one multiplication, rounding and clipping an element. What the precision does to accuracy is not part of this estimate.`;
}

function layersOf(planned: Plan, cost: NetworkCost): RunLayer[] {
  return planned.layers.map((layer, i): RunLayer => {
    const c = cost.tasks[i]!;
    return {
      name: layer.name,
      onnx_nodes: [...layer.onnxNodes],
      op: layer.op,
      kind: planned.network.tasks[i]!.kind,
      loops: { ...layer.loops },
      output_shape: [...(layer.outputs[0] ?? [])],
      parameters: layer.parameters,
      macs: layer.macs,
      precision: c.precision,
      unit: c.unit,
      ...(c.fallback === undefined ? {} : { fallback: c.fallback }),
      cycles: c.cycles,
      latency_s: c.latency_s,
      energy_j: c.energy_j,
      energy_by: { ...c.energyBy },
      traffic: Object.fromEntries(Object.entries(c.traffic).map(([m, t]) => [m, { ...t }])),
      times: { ...c.times },
      utilisation: c.utilisation,
      peak_per_s: c.peak,
      bound: c.bound,
      ...(c.mapping === undefined ? {} : { mapping: c.mapping }),
    };
  });
}

function totalOf(planned: Plan, cost: NetworkCost, layers: readonly RunLayer[]): Run['total'] {
  const { tensors } = planned.network;
  const energyBy: Record<string, number> = {};
  for (const l of layers)
    for (const [name, joules] of Object.entries(l.energy_by)) energyBy[name] = (energyBy[name] ?? 0) + joules;
  return {
    latency_s: cost.latency_s,
    interval_s: cost.interval_s,
    energy_j: cost.energy_j,
    overlap_s: cost.overlap_s,
    ...(cost.area_mm2 ? { area_mm2: cost.area_mm2 } : {}),
    ...(cost.resources ? { resources: { ...cost.resources } } : {}),
    utilisation: cost.utilisation,
    bound: cost.bound,
    weight_bytes: tensors.reduce((n, t) => (t.role === 'weight' ? n + t.bytes : n), 0),
    peak_activation_bytes: peakActivations(planned),
    fits: cost.fits,
    ...(cost.misfit === undefined ? {} : { misfit: cost.misfit }),
    energy_by: energyBy,
  };
}

/** Largest sum of activations that are alive during one task. */
function peakActivations({ network }: Plan): number {
  const change = new Float64Array(network.tasks.length + 2);
  for (const t of network.tensors) {
    if (t.role === 'weight') continue;
    change[Math.max(0, t.from)]! += t.bytes;
    change[Math.min(network.tasks.length, Math.max(t.until, t.from)) + 1]! -= t.bytes;
  }
  let live = 0;
  return change.reduce((peak, c) => Math.max(peak, (live += c)), 0);
}

function fitNotes(run: Run): Diagnostic[] {
  const notes: Diagnostic[] = [];
  const host = run.layers.filter((l) => l.fallback !== undefined);
  if (host.length > 0) {
    const time = hostTime(run);
    const kinds = [...new Set(host.map((l) => l.op))].slice(0, 6).join(', ');
    notes.push(
      diagnostic('note', 'NL4101', {
        message: `${plural(host.length, 'layer')} of ${run.layers.length} (${kinds}) run on the host of ${run.machine.name}, in whole or in part`,
        at: host.slice(0, 3).map((l) => ({ node: l.name, op: l.op })),
        cause: [...new Set(host.map((l) => l.fallback ?? ''))].slice(0, 3).join(' '),
        fix: `${Math.round((100 * time) / Math.max(run.total.latency_s.value, 1e-30))} % of the time is spent there; another --precision or machine may avoid it`,
      }),
    );
  }
  if (!run.total.fits)
    notes.push(
      diagnostic('warning', 'NL4102', {
        message: `the network does not fit ${run.machine.name}`,
        cause: run.total.misfit ?? '',
        fix: 'use fewer bits, a smaller network or batch, or a larger machine; the figures are as if it fitted',
      }),
    );
  for (const m of run.memory) {
    if (m.spills.length > 0)
      notes.push(
        diagnostic('note', 'NL4104', {
          message: `${plural(m.spills.length, 'tensor')} do not fit in ${m.name} of ${run.machine.name}`,
          at: m.spills.slice(0, 3).map((s) => ({ tensor: `"${s.tensor}" ${s.bytes} bytes` })),
          cause: `it holds ${m.capacity_bytes} bytes`,
          fix: 'their traffic is in the figures',
        }),
      );
  }
  return notes;
}
