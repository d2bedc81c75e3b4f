import type { Family } from '../hw-models/contract.ts';
import { builtinFamilies } from '../hw-models/families/index.ts';
import { machineTexts } from '../hw-models/machines.gen.ts';
import { readMachine, type LoadedMachine, type Overrides } from '../hw-models/schema/read.ts';
import type { Graph } from '../compiler/ir/types.ts';
import type { Pass } from '../compiler/ir/rewrite.ts';
import { importModel, type ImportOptions, type ModelInfo } from '../compiler/onnx/import.ts';
import { builtinOps } from '../compiler/ops/index.ts';
import type { OpDef } from '../compiler/ops/define.ts';
import { OpRegistry } from '../compiler/ops/registry.ts';
import { estimatePipeline } from '../compiler/passes/pipeline.ts';
import { runPasses, type PassRun } from '../compiler/passes/run-passes.ts';
import { countParameters } from '../compiler/run/parameters.ts';
import { estimatePlan, type Estimate, type Hardware } from '../compiler/run/estimate.ts';
import type { Run } from '../compiler/run/schema.ts';
import { plan, type Plan } from '../compiler/schedule/plan.ts';
import { parsePrecision, type Precision } from '../compiler/schedule/precision.ts';
import { fastFloatKernels } from '../compiler/simulate/fast/index.ts';
import { runGraph, type RunOptions } from '../compiler/simulate/run-graph.ts';
import type { Tensor } from '../compiler/tensor/tensor.ts';
import { fail, type Diagnostic } from './base/diagnostics.ts';
import { closest } from './base/suggest.ts';

/** A model that has been read and checked. Immutable. */
export interface Model {
  readonly name: string;
  /** Of the file's bytes; null when the caller did not say. */
  readonly sha256: string | null;
  readonly graph: Graph;
  readonly info: ModelInfo;
  /** Values that were given for inputs, by name. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Elements of the weights, small shape constants left out. */
  readonly parameters: number;
  /** Warnings and notes of the import. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface LoadOptions extends ImportOptions {
  /** Shown in reports; the graph's own name when absent. */
  readonly name?: string;
  readonly sha256?: string;
}

/** A model after the passes, with the formats it will be priced in. Immutable; keeps the ONNX origins. */
export interface Lowered {
  readonly model: Model;
  readonly graph: Graph;
  readonly precision: Precision;
  /** Names of the passes that changed the graph, in order. */
  readonly passes: readonly string[];
}

export interface LowerOptions {
  /** `native` (as the model has it) when absent. */
  readonly precision?: string;
  readonly onPass?: (run: PassRun) => void;
  readonly clock?: () => number;
}

export interface EstimateSettings {
  /** Inputs at once, of which the shapes of the model already speak. */
  readonly batch?: number;
  readonly trips?: Readonly<Record<string, number>>;
  /** False leaves out the advice and the repeated pricing behind it. */
  readonly advice?: boolean;
}

export interface HardwareOptions {
  /** Values to put in place of what the file says, by JSON Pointer. */
  readonly override?: Overrides;
  readonly sha256?: string;
}

/** The whole of netloom over one set of ops, families and passes. There is no global registry. */
export interface Netloom {
  readonly registry: OpRegistry;
  readonly passes: readonly Pass[];
  readonly families: readonly Family[];
  /**
   * Reads an ONNX model from its bytes.
   * @throws NetloomError with every problem found (NL10xx: invalid, NL11xx: not supported)
   */
  loadModel(bytes: Uint8Array, options?: LoadOptions): Model;
  /**
   * A preset by name, or a machine file by its JSON text.
   * @throws NetloomError NL2101 to NL2109
   */
  loadHardware(nameOrJson: string, options?: HardwareOptions): Hardware;
  /** Runs the passes. @throws NetloomError NL3101 */
  lower(model: Model, options?: LowerOptions): Lowered;
  /**
   * Prices a lowered model on a machine. Pure and synchronous: safe in a worker.
   * @throws NetloomError NL1104, NL1107 with every node whose cost cannot be told
   */
  estimate(lowered: Lowered, hardware: Hardware, options?: EstimateSettings): Run;
  /** The same with the warnings and notes beside the run. */
  estimateWithNotes(lowered: Lowered, hardware: Hardware, options?: EstimateSettings): Estimate;
  /** Runs the model in float on values for its inputs, in order; through the fast kernels unless `reference` is set. */
  simulate(
    model: Model | Lowered,
    inputs: readonly Tensor[],
    options?: RunOptions & { readonly reference?: boolean },
  ): Tensor[];
}

export interface NetloomParts {
  readonly ops?: readonly OpDef[];
  readonly families?: readonly Family[];
  readonly passes?: readonly Pass[];
}

export const presetNames: readonly string[] = Object.keys(machineTexts);

/** The text of a preset's machine file. @throws NetloomError NL2107 */
export function presetText(name: string): string {
  const text = Object.hasOwn(machineTexts, name) ? machineTexts[name] : undefined;
  if (text !== undefined) return text;
  const near = closest(name, presetNames);
  return fail('NL2107', {
    message: `there is no machine "${name.slice(0, 80)}"`,
    cause: 'it is neither a preset nor a machine file',
    fix: near ? `did you mean "${near}"?` : 'netloom hw list shows the presets',
  });
}

export function createNetloom(parts: NetloomParts = {}): Netloom {
  const registry = new OpRegistry(parts.ops ?? builtinOps);
  const families = parts.families ?? builtinFamilies;
  const passes = parts.passes ?? estimatePipeline;
  // Plans are shared between the machines that price one lowered model.
  const plans = new WeakMap<Lowered, Map<string, Plan>>();
  const planOf = (lowered: Lowered, options: EstimateSettings): Plan => {
    const key = JSON.stringify([options.batch ?? 1, options.trips ?? {}]);
    const known = plans.get(lowered) ?? new Map<string, Plan>();
    plans.set(lowered, known);
    const found =
      known.get(key) ??
      plan(lowered.graph, registry, {
        precision: lowered.precision,
        ...(options.batch === undefined ? {} : { batch: options.batch }),
        ...(options.trips ? { trips: options.trips } : {}),
      });
    known.set(key, found);
    return found;
  };
  const estimateWithNotes: Netloom['estimateWithNotes'] = (lowered, hardware, options = {}) => {
    const { model } = lowered;
    const facts = { name: model.name, sha256: model.sha256, parameters: model.parameters, nodes: model.info.nodes };
    return estimatePlan(planOf(lowered, options), lowered.graph, registry, facts, hardware, {
      precision: lowered.precision,
      passes: lowered.passes,
      families,
      ...options,
    });
  };
  return {
    registry,
    passes,
    families,
    loadModel(bytes, options = {}) {
      const imported = importModel(bytes, registry, options);
      return {
        name: options.name ?? imported.info.name,
        sha256: options.sha256 ?? null,
        graph: imported.graph,
        info: imported.info,
        values: imported.values,
        parameters: countParameters(imported.graph, registry),
        diagnostics: [...imported.diagnostics, ...imported.unknowns.map((d): Diagnostic => ({ ...d, level: 'note' }))],
      };
    },
    loadHardware: (nameOrJson, options = {}) => {
      const isJson = nameOrJson.trimStart().startsWith('{');
      const loaded = isJson
        ? readMachine(nameOrJson, 'machine.json', options.override)
        : readMachine(presetText(nameOrJson), `${nameOrJson}.json`, options.override);
      return withHost(loaded, options.sha256 ?? null);
    },
    lower(model, options = {}) {
      const precision = parsePrecision(options.precision ?? 'native');
      const changed: string[] = [];
      const graph = runPasses(model.graph, passes, registry, {
        ...(options.clock ? { clock: options.clock } : {}),
        onPass: (run) => {
          if (run.changed) changed.push(run.pass.name);
          options.onPass?.(run);
        },
      });
      return { model, graph, precision, passes: changed };
    },
    estimate: (lowered, hardware, options) => estimateWithNotes(lowered, hardware, options).run,
    estimateWithNotes,
    simulate: (model, inputs, { reference, ...options } = {}) =>
      runGraph(model.graph, registry, inputs, reference ? options : { kernels: fastFloatKernels, ...options }),
  };
}

/** A machine with the host that it names. @throws NetloomError NL2107 when there is no such preset */
export function withHost(loaded: LoadedMachine, sha256: string | null): Hardware {
  const host = loaded.machine.host
    ? readMachine(presetText(loaded.machine.host.machine), `${loaded.machine.host.machine}.json`).machine
    : undefined;
  return { ...loaded, sha256, ...(host ? { host } : {}) };
}
