import type { Run, RunLayer } from '../compiler/run/schema.ts';
import { column, spareColumn, type Cell, type Table } from './table.ts';

export const shapeText = (shape: readonly number[]): string => (shape.length > 0 ? shape.join('x') : '1');

export const bytesOfLayer = (l: RunLayer): number => {
  const [outer] = Object.values(l.traffic);
  return outer ? outer.read_bytes + outer.write_bytes : 0;
};

/** Layers by falling time; `top` of them, or all. Views cost nothing and are left out unless all are asked for. */
export function layersTable(run: Run, top: number | 'all'): Table {
  const total = run.total.latency_s.value + run.total.overlap_s;
  const order = [...run.layers.keys()].sort(
    (a, b) => run.layers[b]!.latency_s.value - run.layers[a]!.latency_s.value || a - b,
  );
  const shown = top === 'all' ? [...run.layers.keys()] : order.slice(0, top);
  const rows = shown.map((i): Cell[] => {
    const l = run.layers[i]!;
    return [
      l.name,
      l.op,
      shapeText(l.output_shape),
      l.macs,
      bytesOfLayer(l),
      l.latency_s.value,
      total > 0 ? l.latency_s.value / total : null,
      l.unit === 'host' ? 'host' : l.unit === 'none' ? 'view' : l.bound,
      l.energy_j.value,
    ];
  });
  const rest = run.layers.length - shown.length;
  return {
    name: 'layers',
    title: 'Layers',
    columns: [
      column('Layer', 'layer', 'name'),
      spareColumn(2, 'Op', 'op', 'name'),
      spareColumn(1, 'Output', 'output', 'text'),
      column('MACs', 'macs', 'count'),
      column('Bytes', 'bytes', 'bytes'),
      column('Time', 'latency_s', 'seconds'),
      column('Share', 'share', 'share'),
      column('Bound', 'bound', 'text'),
      column('Energy', 'energy_j', 'joules'),
    ],
    rows,
    ...(rest > 0 ? { notes: [`(${rest} more: --top all)`] } : {}),
  };
}

/** Every layer in the order of the schedule with everything that is known of it: what CSV and Markdown carry. */
export function layersInFull(run: Run): Table {
  const memories = Object.keys(run.machine.bandwidths);
  const components = Object.keys(run.total.energy_by);
  return {
    name: 'layers',
    title: `${run.model.name} on ${run.machine.name}, ${run.precision}, batch ${run.batch}`,
    columns: [
      ...[
        column('Layer', 'layer', 'name'),
        column('Op', 'op', 'text'),
        column('Output', 'output', 'text'),
        column('Precision', 'precision', 'text'),
        column('Unit', 'unit', 'text'),
      ],
      ...[
        column('MACs', 'macs', 'whole'),
        column('Parameters', 'parameters', 'whole'),
        column('Cycles', 'cycles', 'whole'),
        column('Time', 'latency_s', 'seconds'),
        column('Time low', 'latency_low_s', 'seconds'),
        column('Time high', 'latency_high_s', 'seconds'),
      ],
      ...[
        column('Utilisation', 'utilisation', 'share'),
        column('Bound', 'bound', 'text'),
        column('Energy', 'energy_j', 'joules'),
      ],
      ...components.map((c) => column(`${c} energy`, `${c}_j`, 'joules')),
      ...memories.flatMap((m) => [
        column(`${m} read`, `${m}_read_bytes`, 'bytes'),
        column(`${m} write`, `${m}_write_bytes`, 'bytes'),
      ]),
      column('ONNX nodes', 'onnx_nodes', 'text'),
    ],
    rows: run.layers.map((l): Cell[] => [
      ...[
        l.name,
        l.op,
        shapeText(l.output_shape),
        l.precision,
        l.unit,
        l.macs,
        l.parameters,
        l.cycles,
        l.latency_s.value,
        l.latency_s.low,
        l.latency_s.high,
        l.utilisation,
        l.bound,
        l.energy_j.value,
      ],
      ...components.map((c) => l.energy_by[c] ?? 0),
      ...memories.flatMap((m) => [l.traffic[m]?.read_bytes ?? 0, l.traffic[m]?.write_bytes ?? 0]),
      l.onnx_nodes.join(' '),
    ]),
  };
}
