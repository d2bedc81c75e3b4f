import type { RunLayer } from '../../compiler/run/schema.ts';
import { shapeText } from '../layers.ts';
import { mainRoof } from './roof.ts';
import type { View } from './view.ts';

/** What the drawings of the report need of a run; the browser unpacks it. Times in seconds, energy in joules. */
export interface RunData {
  readonly model: string;
  readonly machine: string;
  readonly precision: string;
  readonly batch: number;
  readonly peaks: Readonly<Record<string, number>>;
  readonly memories: readonly string[];
  readonly bandwidths: readonly number[];
  /** The precision whose roof the ridge belongs to. */
  readonly mainPrecision: string;
  readonly parts: readonly string[];
  readonly components: readonly string[];
  readonly edges: readonly (readonly [number, number])[];
  readonly layers: Packed;
}

/** Rows of one shape with their keys named once. */
export interface Packed {
  readonly keys: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface LayerData {
  readonly name: string;
  readonly op: string;
  readonly kind: string;
  readonly output: string;
  readonly precision: string;
  readonly unit: string;
  readonly bound: string;
  readonly macs: number;
  readonly parameters: number;
  readonly cycles: number;
  readonly time: number;
  readonly timeRange: readonly [number, number];
  readonly energy: number;
  readonly energyRange: readonly [number, number];
  readonly utilisation: number | null;
  readonly peak: number;
  /** Parallel to `parts` of the run. */
  readonly parts: readonly number[];
  /** Parallel to `components`. */
  readonly energyBy: readonly number[];
  /** Bytes read and written, parallel to `memories`. */
  readonly traffic: readonly (readonly [number, number])[];
  /** What competes for the time, by cause. */
  readonly times: Readonly<Record<string, number>>;
  readonly loops: Readonly<Record<string, number>>;
  readonly mapping: string;
  readonly fallback: string;
  /** The ONNX nodes it covers, when there are more than the one it is named after. */
  readonly nodes: readonly string[];
}

export function packRun(view: View): RunData {
  const { run } = view;
  const memories = Object.keys(run.machine.bandwidths);
  const layers = run.layers.map((l, i) => layerData(l, memories, view.parts.byLayer[i]!, view.energy.byLayer[i]!));
  return {
    model: run.model.name,
    machine: run.machine.name,
    precision: run.precision,
    batch: run.batch,
    peaks: run.machine.peaks,
    memories,
    bandwidths: Object.values(run.machine.bandwidths),
    mainPrecision: mainRoof(run)?.precision ?? '',
    parts: view.parts.names,
    components: view.energy.names,
    edges: run.edges,
    layers: pack(layers),
  };
}

/** Nine digits are enough to draw and to read, and keep the file small. */
const rounded = (x: number): number => (Number.isInteger(x) ? x : Number(x.toPrecision(9)));

const layerData = (
  l: RunLayer,
  memories: readonly string[],
  parts: readonly number[],
  energyBy: readonly number[],
): LayerData => ({
  name: l.name,
  op: l.op,
  kind: l.kind,
  output: shapeText(l.output_shape),
  precision: l.precision,
  unit: l.unit,
  bound: l.bound,
  macs: l.macs,
  parameters: l.parameters,
  cycles: l.cycles,
  time: rounded(l.latency_s.value),
  timeRange: [rounded(l.latency_s.low), rounded(l.latency_s.high)],
  energy: rounded(l.energy_j.value),
  energyRange: [rounded(l.energy_j.low), rounded(l.energy_j.high)],
  utilisation: l.utilisation === null ? null : rounded(l.utilisation),
  peak: rounded(l.peak_per_s),
  parts: parts.map(rounded),
  energyBy: energyBy.map(rounded),
  traffic: memories.map((m) => [l.traffic[m]?.read_bytes ?? 0, l.traffic[m]?.write_bytes ?? 0]),
  times: Object.fromEntries(Object.entries(l.times).map(([k, v]) => [k, rounded(v)])),
  loops: l.loops,
  mapping: l.mapping ?? '',
  fallback: l.fallback ?? '',
  nodes: l.onnx_nodes.length === 1 && l.onnx_nodes[0] === l.name ? [] : l.onnx_nodes,
});

const pack = (layers: readonly LayerData[]): Packed => {
  const keys = Object.keys(layers[0] ?? {}) as (keyof LayerData)[];
  return { keys, rows: layers.map((l) => keys.map((k) => l[k])) };
};

/** The inverse of packing: one object a layer. */
export const unpackLayers = ({ keys, rows }: Packed): LayerData[] =>
  rows.map((row) => Object.fromEntries(keys.map((key, i) => [key, row[i]])) as unknown as LayerData);
