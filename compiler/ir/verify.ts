import { InternalError, isNetloomError } from '../../src/base/diagnostics.ts';
import type { AttrSpec } from '../ops/attrs.ts';
import type { OpDef, OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { GraphBuilder } from './builder.ts';
import { typeText, valueText } from './print.ts';
import { absent, isConst, type AttrValue, type Graph, type Op, type TensorType, type ValueId } from './types.ts';

/** Called with what is wrong, and the op at which it shows; it must throw. */
export type OnFault = (message: string, op?: Op) => never;

/**
 * Holds a graph to what all parts of netloom rely on: one definition per value, before its uses; types as inferred
 * again; operand counts and attributes as declared; constants with their elements or their hash; closed bodies;
 * origins on every op. Linear in the number of ops.
 * @throws InternalError that names the pass (`after`) and the op
 */
export function verifyGraph(graph: Graph, registry: OpRegistry, after = 'import'): void {
  factsOf(graph, registry, (message, op) => {
    const where = op
      ? ` at ${op.kind} ${op.outputs.map(valueText).join(', ')} from ${op.origins.map((o) => o.node).join(', ') || 'nowhere'}`
      : '';
    throw new InternalError(`after ${after}: graph "${graph.name}"${where}: ${message}`);
  });
}

const facts = new WeakMap<Graph, GraphBuilder>();

/** What is known of the values of a graph that holds to the rules. A graph never changes, so it is checked once. */
export function factsOf(graph: Graph, registry: OpRegistry, onFault: OnFault): GraphBuilder {
  const known = facts.get(graph);
  if (known?.registry === registry) return known;
  const checked = checkGraph(graph, registry, onFault);
  facts.set(graph, checked);
  return checked;
}

/** The checks of `verifyGraph` with faults of the caller's kind. Answers all that is known of each value. */
export function checkGraph(
  graph: Graph,
  registry: OpRegistry,
  onFault: OnFault,
  known: readonly (Tensor | undefined)[] = [],
): GraphBuilder {
  const builder = new GraphBuilder(registry, graph.name);
  const defined = (id: ValueId, op?: Op): void => {
    if (id !== absent && !builder.has(id)) onFault(`${valueText(id)} is used before it is defined`, op);
  };
  graph.inputs.forEach((id, i) => {
    checkNew(builder, id, onFault);
    builder.input(id, graph.types.get(id) ?? onFault(`input ${valueText(id)} has no type`), known[i]);
  });
  let constants = 0;
  for (const op of graph.ops) {
    const def = registry.find(op.kind) ?? onFault(`no op "${op.kind}" is registered`, op);
    if (op.origins.length === 0) onFault('it has no origin', op);
    op.inputs.forEach((id) => defined(id, op));
    op.outputs.forEach((id) => id !== absent && checkNew(builder, id, onFault, op));
    if (new Set(op.outputs.filter((id) => id !== absent)).size < op.outputs.filter((id) => id !== absent).length)
      onFault('it defines a value twice', op);
    if (isConst(op)) {
      builder.adopt(op, constType(graph, op, onFault), graph.consts.get(op.outputs[0]!));
      if (graph.consts.has(op.outputs[0]!)) constants++;
      continue;
    }
    checkAttrs(def, op, onFault);
    const infos = op.inputs.map((id) => (id === absent ? undefined : builder.info(id)));
    op.bodies?.forEach((body) =>
      checkGraph(
        body,
        registry,
        (message) => onFault(`body ${body.name}: ${message}`, op),
        bodyKnown(def, op, body, infos),
      ),
    );
    try {
      builder.op(op);
    } catch (e) {
      if (!isNetloomError(e)) throw e;
      const [first] = e.diagnostics;
      onFault(`${first!.message}${first!.cause ? ` (${first!.cause})` : ''}`, op);
    }
    for (const id of op.outputs) if (id !== absent) checkType(id, graph.types.get(id), builder.type(id), op, onFault);
  }
  graph.outputs.forEach((id) => (id === absent ? onFault('an output is absent') : defined(id)));
  for (const id of graph.types.keys())
    if (!builder.has(id)) onFault(`${valueText(id)} has a type, but nothing defines it`);
  if (constants !== graph.consts.size)
    onFault(`${graph.consts.size} constants have elements; ${constants} of them are ops`);
  return builder;
}

/**
 * Values of a body's inputs that are known outside. The leading inputs (iteration number, state, slices) change from
 * turn to turn and are not; the values captured from outside follow them, and are the last operands of the op.
 */
export function bodyKnown(
  def: OpDef,
  op: Op,
  body: Graph,
  infos: readonly (OperandInfo | undefined)[],
): (Tensor | undefined)[] {
  const formals = def.bodyInputs?.(infos, op.attrs).length ?? 0;
  const lead = infos.length - body.inputs.length;
  return body.inputs.map((_, i) => (i < formals ? undefined : infos[i + lead]?.value));
}

function checkNew(builder: GraphBuilder, id: ValueId, onFault: OnFault, op?: Op): void {
  if (id === absent) onFault('an input has no name', op);
  if (builder.has(id)) onFault(`${valueText(id)} is defined twice`, op);
}

function constType(graph: Graph, op: Op, onFault: OnFault): TensorType {
  const [id] = op.outputs;
  if (id === undefined || id === absent || op.outputs.length !== 1 || op.inputs.length > 0)
    return onFault('a const has one output and no inputs', op);
  const type = graph.types.get(id) ?? onFault(`${valueText(id)} has no type`, op);
  const value = graph.consts.get(id);
  if (value) checkType(id, type, { format: value.format, shape: value.shape }, op, onFault);
  else if (typeof op.attrs.sha256 !== 'string') onFault('its elements are missing, and no hash names them', op);
  return type;
}

export function sameType(a: TensorType, b: TensorType): boolean {
  if (a.format.name !== b.format.name || a.unknown !== b.unknown || a.assumed !== b.assumed) return false;
  return a.unknown === true || (a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape[i]));
}

function checkType(id: ValueId, stated: TensorType | undefined, inferred: TensorType, op: Op, onFault: OnFault): void {
  if (!stated) onFault(`${valueText(id)} has no type`, op);
  else if (!sameType(stated, inferred))
    onFault(`${valueText(id)} is said to be ${typeText(stated)}, but it is ${typeText(inferred)}`, op);
}

/** What is wrong with the attributes of an op, if anything. */
function checkAttrs(def: OpDef, op: Op, onFault: OnFault): void {
  for (const [name, value] of Object.entries(op.attrs)) {
    const spec =
      def.attrs[name] ??
      onFault(`it has no attribute "${name}"; there are ${Object.keys(def.attrs).join(', ') || 'none'}`, op);
    if (!fits(spec, value))
      onFault(`attribute "${name}" should be ${spec.choices ? `one of ${spec.choices.join(', ')}` : spec.kind}`, op);
  }
  for (const [name, spec] of Object.entries(def.attrs)) {
    if (op.attrs[name] === undefined && spec.default === undefined && !spec.optional)
      onFault(`attribute "${name}" is missing`, op);
  }
}

function fits(spec: AttrSpec<AttrValue>, value: AttrValue): boolean {
  const every = (type: 'number' | 'string'): boolean => Array.isArray(value) && value.every((x) => typeof x === type);
  switch (spec.kind) {
    case 'int':
    case 'float':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string' && (!spec.choices || spec.choices.includes(value));
    case 'ints':
    case 'floats':
      return every('number');
    case 'strings':
      return every('string');
  }
}
