import { Type, type Static } from '@sinclair/typebox';
import { macsOf } from '../../hw-models/work/count.ts';
import { settle } from '../ir/infer.ts';
import { workOf } from '../ir/work-of.ts';
import { absent, isConst, type Graph, type Op, type ValueId } from '../ir/types.ts';
import type { OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import type { Tensor } from '../tensor/tensor.ts';
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
  for (let next = open.shift(); next; next = open.shift()) {
    const { depth } = next;
    const known = new Map(next.graph.consts);
    for (const op of next.graph.ops) {
      if (isConst(op)) continue;
      layers.push(layerOf(next.graph, known, op, registry, depth));
      if (depth < mostDepth && op.kind !== 'fused')
        for (const body of op.bodies ?? []) open.push({ graph: body, depth: depth + 1 });
    }
  }
  return layers;
}

/** `known` holds the values that follow from constants and shapes so far, and takes in those of this op. */
function layerOf(graph: Graph, known: Map<ValueId, Tensor>, op: Op, registry: OpRegistry, depth: number): InspectLayer {
  const infoOf = (id: ValueId): OperandInfo => {
    const value = known.get(id);
    return value ? { ...graph.types.get(id)!, value } : graph.types.get(id)!;
  };
  const infos = op.inputs.map((id) => (id === absent ? undefined : infoOf(id)));
  const constants = op.inputs.flatMap((id) => graph.consts.get(id) ?? []);
  const out = op.outputs.map((id) => (id === absent ? undefined : graph.types.get(id)!));
  const unknown = [...infos, ...out].some((t) => t?.unknown);
  const work = unknown ? undefined : workOf(op, registry, infoOf, out);
  settle(registry, op, infoOf).values.forEach((value, i) => {
    if (value && op.outputs[i]) known.set(op.outputs[i], value);
  });
  const head = op.origins[0]!;
  return {
    name: head.node,
    op: head.op,
    kind: op.kind,
    onnx_nodes: [...new Set(op.origins.map((o) => o.node))],
    inputs: op.inputs.flatMap((id, i) =>
      infos[i] && !graph.consts.has(id) ? [infos[i].unknown ? null : [...infos[i].shape]] : [],
    ),
    outputs: out.flatMap((t) => (t ? [t.unknown ? null : [...t.shape]] : [])),
    formats: out.flatMap((t) => (t ? [t.format.name] : [])),
    parameters: constants.reduce((n, value) => n + value.data.length, 0),
    macs: work ? macsOf(work) : null,
    depth,
  };
}
