import { Type, type Static } from '@sinclair/typebox';
import { macsOf } from '../../hw-models/work/count.ts';
import { workOf } from '../ir/work-of.ts';
import { absent, isConst, type Graph, type Op } from '../ir/types.ts';
import type { OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { envelope } from './schema.ts';

const strict = { additionalProperties: false } as const;
const shape = Type.Union([Type.Array(Type.Integer({ minimum: 0 })), Type.Null()], {
  description: 'null where only a run knows it',
});

export const InspectLayer = Type.Object(
  {
    name: Type.String(),
    op: Type.String({ description: 'ONNX operator' }),
    kind: Type.String({ description: 'netloom op' }),
    onnx_nodes: Type.Array(Type.String()),
    inputs: Type.Array(shape),
    outputs: Type.Array(shape),
    formats: Type.Array(Type.String(), { description: 'number formats of the outputs' }),
    parameters: Type.Integer({ minimum: 0, description: 'elements of its constants' }),
    macs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description: 'null where shapes are not known' }),
    depth: Type.Integer({ minimum: 0, description: '0 in the main graph, 1 in a body of it, ...' }),
  },
  strict,
);
export type InspectLayer = Static<typeof InspectLayer>;

const support = Type.Object(
  {
    machine: Type.String(),
    layers: Type.Array(
      Type.Object({ name: Type.String(), unit: Type.String(), why: Type.Optional(Type.String()) }, strict),
    ),
  },
  strict,
);

export const InspectData = Type.Object(
  {
    model: Type.Object(
      {
        name: Type.String(),
        sha256: Type.Union([Type.String(), Type.Null()]),
        ir_version: Type.Integer(),
        opsets: Type.Record(Type.String(), Type.Integer()),
        producer: Type.String(),
        nodes: Type.Integer({ minimum: 0 }),
        parameters: Type.Integer({ minimum: 0 }),
        weight_bytes: Type.Integer({ minimum: 0 }),
        macs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
        inputs: Type.Array(Type.Object({ name: Type.String(), format: Type.String(), shape }, strict)),
        outputs: Type.Array(Type.Object({ name: Type.String(), format: Type.String(), shape }, strict)),
      },
      strict,
    ),
    layers: Type.Array(InspectLayer),
    support: Type.Optional(Type.Array(support)),
  },
  strict,
);
export type InspectData = Static<typeof InspectData>;
export const InspectDocument = envelope('netloom/inspect@1', InspectData);

/**
 * One layer for every op of an imported graph, bodies included to a depth. MACs follow the usual convention: those of
 * bodies are not counted in the total.
 */
export function inspectLayers(graph: Graph, registry: OpRegistry, mostDepth = Infinity): InspectLayer[] {
  const layers: InspectLayer[] = [];
  const open: { graph: Graph; depth: number }[] = [{ graph, depth: 0 }];
  while (open.length > 0) {
    const { graph: g, depth } = open.shift()!;
    for (const op of g.ops) {
      if (isConst(op)) continue;
      layers.push(layerOf(g, op, registry, depth));
      if (depth < mostDepth && op.kind !== 'fused')
        for (const body of op.bodies ?? []) open.push({ graph: body, depth: depth + 1 });
    }
  }
  return layers;
}

function layerOf(graph: Graph, op: Op, registry: OpRegistry, depth: number): InspectLayer {
  const infos = op.inputs.map((id): OperandInfo | undefined => {
    if (id === absent) return undefined;
    const value = graph.consts.get(id);
    return value ? { ...graph.types.get(id)!, value } : graph.types.get(id)!;
  });
  const out = op.outputs.map((id) => (id === absent ? undefined : graph.types.get(id)!));
  const unknown = [...infos, ...out].some((t) => t?.unknown);
  const work = unknown
    ? undefined
    : workOf(op, registry, (id) => ({
        ...graph.types.get(id)!,
        ...(graph.consts.has(id) ? { value: graph.consts.get(id)! } : {}),
      }));
  const head = op.origins[0]!;
  return {
    name: head.node,
    op: head.op,
    kind: op.kind,
    onnx_nodes: [...new Set(op.origins.map((o) => o.node))],
    inputs: infos.flatMap((t) => (t && !t.value ? [t.unknown ? null : [...t.shape]] : [])),
    outputs: out.flatMap((t) => (t ? [t.unknown ? null : [...t.shape]] : [])),
    formats: out.flatMap((t) => (t ? [t.format.name] : [])),
    parameters: infos.reduce((n, t) => n + (t?.value ? t.value.data.length : 0), 0),
    macs: work ? macsOf(work) : null,
    depth,
  };
}
