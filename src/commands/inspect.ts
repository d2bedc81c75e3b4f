import { forDot } from '../base/text.ts';
import { fail } from '../base/diagnostics.ts';
import { closest } from '../base/suggest.ts';
import { show } from '../base/units.ts';
import { bytesOf } from '../../hw-models/work/count.ts';
import { price } from '../../hw-models/families/index.ts';
import { inspectLayers, type InspectData, type InspectLayer } from '../../compiler/run/inspect.ts';
import { plan } from '../../compiler/schedule/plan.ts';
import { parsePrecision } from '../../compiler/schedule/precision.ts';
import { isConst, type Graph, type ValueId } from '../../compiler/ir/types.ts';
import { column, spareColumn, type Cell, type Table } from '../../reports/table.ts';
import { shapeText } from '../../reports/layers.ts';
import { renderTable, style, wrap } from '../../reports/render/terminal.ts';
import { renderCsv, renderMarkdown } from '../../reports/render/text-formats.ts';
import type { Model } from '../netloom.ts';
import { defineCommand, save } from './kit/define.ts';
import { netloom, openMachines, openModel } from './kit/load.ts';
import { usage, type Session } from './kit/session.ts';

export const define = defineCommand({
  schema: 'netloom/inspect@1',
  description: 'Lists the layers of a model with shapes, parameters and MACs, and what a machine can run of it.',
  arguments: [['<model>', 'ONNX file, or - for standard input']],
  flags: [
    ['--depth <n>', 'levels of bodies of Loop, Scan and If to list; all when absent'],
    ['--layer <glob>', 'only layers whose name matches; * stands for any text'],
    ['--graph <form>', 'print the graph as dot or json instead'],
  ],
  examples: [
    'netloom inspect model.onnx',
    'netloom inspect model.onnx --on edge-tpu --precision int8',
    'netloom inspect model.onnx --layer "*/conv*" --json',
  ],
  run: (session, [path], flags) => {
    const { settings } = session;
    const model = openModel(session, path!);
    const depth = flags.depth === undefined ? Infinity : Number(flags.depth);
    if (Number.isNaN(depth) || depth < 0)
      throw usage(`--depth is "${String(flags.depth)}"`, 'it takes a whole number', '--depth 1');
    if (flags.graph !== undefined) return printGraph(session, model, String(flags.graph));
    const matches = glob(typeof flags.layer === 'string' ? flags.layer : '*');
    const all = inspectLayers(model.graph, netloom.registry, depth);
    const layers = all.filter((l) => matches(l.name));
    if (layers.length === 0 && all.length > 0) noMatch(String(flags.layer), all);
    const data: InspectData = { model: facts(model, all), layers };
    const machines = openMachines(session, settings.on);
    if (machines.length > 0)
      data.support = machines.map((hardware) => ({
        machine: hardware.machine.name,
        layers: supportOf(model, hardware, settings.precision),
      }));
    save(session, data);
    if (settings.format === 'json') session.printJson(data);
    else {
      const table = layerTable(data);
      if (settings.format === 'csv') session.print(renderCsv(table));
      else if (settings.format === 'md') session.print(renderMarkdown(table));
      else session.print(`${heading(data, session)}\n${renderTable(table, session.terminal)}`);
    }
    session.showDiagnostics();
    return session.exitCode();
  },
});

/** @throws NetloomError NL7005 */
function noMatch(pattern: string, all: readonly InspectLayer[]): never {
  const names = all.map((l) => l.name);
  const near = closest(pattern, names);
  return fail('NL7005', {
    message: `no layer matches "${pattern.slice(0, 120)}"`,
    cause: `the model has ${names.length} layers, and * in a pattern stands for any text`,
    fix: near ? `did you mean "${near}"?` : `some of them: ${names.slice(0, 5).join(', ')}`,
  });
}

/** `*` stands for any text; everything else for itself. Linear in the name. */
export function glob(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*');
  return (name) => {
    if (parts.length === 1) return name === pattern;
    if (!name.startsWith(parts[0]!)) return false;
    let at = parts[0]!.length;
    for (const part of parts.slice(1, -1)) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    const last = parts.at(-1)!;
    return name.length - last.length >= at && name.endsWith(last);
  };
}

function facts(model: Model, layers: readonly InspectLayer[]): InspectData['model'] {
  const { graph, info } = model;
  const main = layers.filter((l) => l.depth === 0);
  const tensor = (id: ValueId): InspectData['model']['inputs'][number] => {
    const t = graph.types.get(id)!;
    return { name: id, format: t.format.name, shape: t.unknown ? null : [...t.shape] };
  };
  let weightBytes = 0;
  for (const op of graph.ops) if (isConst(op)) weightBytes += bytesOf(graph.types.get(op.outputs[0]!)!);
  return {
    name: model.name,
    sha256: model.sha256,
    ir_version: info.irVersion,
    opsets: Object.fromEntries(
      Object.entries(info.opsets).map(([domain, v]) => [domain === '' ? 'ai.onnx' : domain, v]),
    ),
    producer: info.producer,
    nodes: info.nodes,
    parameters: model.parameters,
    weight_bytes: weightBytes,
    macs: main.some((l) => l.macs === null) ? null : main.reduce((n, l) => n + l.macs!, 0),
    inputs: graph.inputs.map(tensor),
    outputs: graph.outputs.map(tensor),
  };
}

function supportOf(
  model: Model,
  hardware: ReturnType<typeof openMachines>[number],
  precision: string,
): { name: string; unit: string; why?: string }[] {
  const { network } = plan(model.graph, netloom.registry, { precision: parsePrecision(precision) });
  const cost = price(network, hardware.machine, hardware.host);
  return network.tasks.map((t, i) => {
    const { unit, fallback } = cost.tasks[i]!;
    return { name: t.name, unit, ...(fallback === undefined ? {} : { why: fallback }) };
  });
}

function layerTable(data: InspectData): Table {
  const support = (data.support ?? []).map((s) => ({
    machine: s.machine,
    units: new Map(s.layers.map((l) => [l.name, l.unit])),
  }));
  return {
    name: 'layers',
    title: data.model.name,
    columns: [
      ...[
        column('Layer', 'layer', 'name'),
        column('Op', 'op', 'text'),
        spareColumn(2, 'Output', 'output', 'text'),
        spareColumn(1, 'Format', 'format', 'text'),
        column('Params', 'parameters', 'count'),
        column('MACs', 'macs', 'count'),
      ],
      ...support.map((s) => column(s.machine, `on_${s.machine}`, 'text')),
    ],
    rows: data.layers.map((l): Cell[] => [
      `${'  '.repeat(l.depth)}${l.name}`,
      l.op,
      l.outputs.map((s) => (s === null ? '?' : shapeText(s))).join(' '),
      l.formats[0] ?? '',
      l.parameters,
      l.macs,
      ...support.map((s) => s.units.get(l.name) ?? '-'),
    ]),
  };
}

function heading(data: InspectData, session: Session): string {
  const { model: m } = data;
  const paint = style(session.terminal);
  const line = (text: string): string => wrap(text, session.terminal.width ?? Infinity, '       ');
  const show1 = (t: InspectData['model']['inputs'][number]): string =>
    `${t.name} ${t.format}[${t.shape?.join(',') ?? '?'}]`;
  return [
    `${paint.bold(m.name)}  IR ${m.ir_version}, opset ${Object.entries(m.opsets)
      .map(([d, v]) => (d === 'ai.onnx' ? String(v) : `${d} ${v}`))
      .join(', ')}${m.producer ? `, by ${m.producer}` : ''}`,
    `  ${line(`${show.whole(m.nodes)} nodes, ${show.count(m.parameters)} parameters (${show.bytes(m.weight_bytes)} of constants), ${m.macs === null ? 'MACs unknown: some shapes depend on data' : `${show.count(m.macs)} MAC (1 MAC = 2 operations)`}`)}`,
    `  in:  ${line(m.inputs.map(show1).join('; '))}`,
    `  out: ${line(m.outputs.map(show1).join('; '))}`,
    '',
  ].join('\n');
}

function printGraph(session: Session, model: Model, form: string): number {
  const { graph } = model;
  if (form === 'dot') session.print(dotOf(graph));
  else if (form === 'json') {
    session.schema = 'netloom/graph@1';
    session.printJson({
      nodes: graph.ops
        .filter((o) => !isConst(o))
        .map((o) => ({ name: o.origins[0]!.node, op: o.origins[0]!.op, inputs: o.inputs, outputs: o.outputs })),
    });
  } else
    throw usage(`--graph is "${form.slice(0, 40)}"`, 'it takes dot or json', '--graph dot | dot -Tsvg > graph.svg');
  return 0;
}

function dotOf(graph: Graph): string {
  const makers = new Map<ValueId, number>();
  const lines = ['digraph model {', '  rankdir=TB;', '  node [shape=box, fontname="sans-serif"];'];
  graph.inputs.forEach((id, i) => lines.push(`  in${i} [label=${forDot(id)}, shape=ellipse];`));
  graph.ops.forEach((op, i) => {
    if (isConst(op)) return;
    lines.push(`  n${i} [label=${forDot(`${op.origins[0]!.op}: ${op.origins[0]!.node}`)}];`);
    for (const id of new Set(op.inputs)) {
      const input = graph.inputs.indexOf(id);
      if (makers.has(id)) lines.push(`  n${makers.get(id)!} -> n${i};`);
      else if (input >= 0) lines.push(`  in${input} -> n${i};`);
    }
    for (const id of op.outputs) makers.set(id, i);
  });
  return `${[...lines, '}'].join('\n')}\n`;
}
