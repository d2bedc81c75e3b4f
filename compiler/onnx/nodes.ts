import {
  diagnostic,
  fail,
  isNetloomError,
  isOutOfMemory,
  type Diagnostic,
  type Location,
} from '../../src/base/diagnostics.ts';
import { closest } from '../../src/base/suggest.ts';
import { i64 } from '../formats/index.ts';
import { absent, type Origin, type ValueId } from '../ir/types.ts';
import { isVariadic, type OpDef } from '../ops/define.ts';
import { fromNumbers, scalarOf } from '../tensor/tensor.ts';
import { AttributeReader } from './attributes.ts';
import { defineConstant, importBodies } from './bodies.ts';
import type { FunctionProto, GraphProto, NodeProto } from './decode.ts';
import { boundNodes, domainOf, nestingLimit, nodeLimit } from './functions.ts';
import type { NodeReader, ReadNode } from './node-reader.ts';
import { captures, inOrder, nameOfNode, nodeLocation, subgraphsOf } from './order.ts';
import { outOfScope } from './out-of-scope.ts';
import { checkOperands } from './sanity.ts';
import { importConstant } from './constant-node.ts';
import type { ImportContext, Opsets } from './context.ts';
import { checkAttributeNames, checkAttrs, plainAttrs } from './node-attributes.ts';
import { GraphScope } from './scope.ts';
import { readSparse, readTensor } from './tensors.ts';

/** Imports the nodes of a graph, function body or branch into a scope, in an order that can run. */
export function importNodes(
  context: ImportContext,
  scope: GraphScope,
  nodes: readonly NodeProto[],
  opsets: Opsets,
  prefix: string,
  depth: number,
): void {
  if (depth > nestingLimit) {
    fail('NL1002', {
      message: `functions or subgraphs nest deeper than ${nestingLimit} levels`,
      at: { file: context.file, node: prefix.replace(/\/$/, '') },
      cause: 'exporters write a few levels; a function that calls itself nests without end',
      fix: 'export the model without nested functions',
    });
  }
  const order = inOrder(
    nodes,
    (name) => scope.isDefined(name),
    () => scope.names,
    context.file,
    context.problems,
  );
  for (const { node, index } of order) {
    context.problems.stopWhenMany();
    if (++context.count.nodes > nodeLimit) {
      fail('NL1002', {
        message: `the model has more than ${nodeLimit} nodes`,
        at: { file: context.file },
        cause: 'functions are counted as often as they are called',
        fix: 'split the model',
      });
    }
    const at = {
      ...nodeLocation(context.file, node, index),
      ...(prefix ? { node: `${prefix}${nameOfNode(node, index)}` } : {}),
    };
    const isBroken =
      [...(node.input ?? []), ...captures(node)].some(
        (name) => name !== '' && (scope.isBroken(name) || !scope.isDefined(name)),
      ) || namesTwice(node.output ?? []); // which is reported already
    try {
      importNode(context, scope, node, opsets, at, isBroken, depth);
    } catch (e) {
      if ((!isNetloomError(e) && !isOutOfMemory(e)) || context.problems.isFull) throw e;
      const found = isNetloomError(e) ? e.diagnostics : [tooLarge(node)];
      context.problems.add(found.map((d) => (d.locations.length > 0 ? d : { ...d, locations: [at] })));
      for (const output of node.output ?? []) if (output !== '') scope.markBroken(output);
    }
    for (const output of node.output ?? []) if (output !== '' && !scope.isDefined(output)) scope.markBroken(output);
  }
}

function namesTwice(names: readonly string[]): boolean {
  const present = names.filter((name) => name !== '');
  return new Set(present).size < present.length;
}

const tooLarge = (node: NodeProto): Diagnostic =>
  diagnostic('error', 'NL1002', {
    message: `${node.opType ?? 'a node'} needs more memory than there is`,
    cause: 'a size in the model is beyond what a machine holds',
    fix: 'correct the sizes in the model, or the shapes given for its inputs',
  });

function importNode(
  context: ImportContext,
  scope: GraphScope,
  node: NodeProto,
  opsets: Opsets,
  at: Location,
  isBroken: boolean,
  depth: number,
): void {
  const domain = domainOf(node.domain);
  const type = node.opType ?? '';
  const local = context.functions.find(node);
  if (local) {
    if (!isBroken) inlineFunction(context, scope, node, local, opsets, at, depth);
    return;
  }
  const version = opsets.get(domain) ?? (domain === '' ? noStandardOpset(type, at) : 1);
  if (domain === '' && type === 'Constant') return importConstant(context, scope, node, at);
  const found = context.registry.forOnnx(domain, type, version);
  if (!found) return unsupported(context, domain, type, version, at);
  if (isBroken) return;
  if (domain === '' && type === 'If' && inlineBranch(context, scope, node, opsets, at, depth)) return;
  const { def, form } = found;

  const { builder } = scope;
  const origin: Origin = { node: at.node!, op: type };
  const attributes = new AttributeReader(node.attribute ?? [], at, context.readExternal);
  checkAttributeNames(attributes, def, form, type, at);
  const inputs = (node.input ?? []).map((name) => (name === '' ? absent : scope.find(name)!));
  const helper = (hint: string): ValueId => builder.fresh(`${at.node}/${hint}` as ValueId);
  const reader: NodeReader = {
    type,
    version,
    isDeeploy: context.isDeeploy,
    inputs,
    outputCount: node.output?.length ?? 0,
    attributes,
    info: (id) => (present(id) === absent ? tooFewInputs(type, inputs.length, at) : builder.info(id)),
    constant: (value, hint) => builder.constant(helper(hint), value, origin),
    wholes: (values, hint) => builder.constant(helper(hint), fromNumbers(i64, [values.length], values), origin),
    emit: (kind, ids, attrs) =>
      builder.op({ kind, inputs: ids.map(present), outputs: [helper(kind)], attrs: attrs ?? {}, origins: [origin] }, at)
        .outputs[0]!,
    emitAll: (kind, ids, count, attrs) =>
      builder.op(
        {
          kind,
          inputs: ids.map(present),
          outputs: Array.from({ length: count }, (_, i) => helper(`${kind}${i}`)),
          attrs: attrs ?? {},
          origins: [origin],
        },
        at,
      ).outputs,
  };
  const read: ReadNode = form.read?.(reader) ?? {};
  const target = read.kind === undefined ? def : context.registry.of({ kind: read.kind });
  const attrs = read.attrs ?? plainAttrs(target, attributes, at);
  checkAttrs(target, attrs, at);
  const base = trimmed((read.inputs ?? inputs).map(present));
  const bodies = form.bodies ? form.bodies.flatMap((name) => attributes.graph(name) ?? []) : subgraphsOf(node);
  const captured = bodies.length > 0 ? captures(node) : [];
  const formals =
    target.bodyInputs?.(
      base.map((id) => (id === absent ? undefined : builder.info(id))),
      attrs,
    ) ?? [];
  const bodyGraphs = importBodies(context, {
    ...{ scope, bodies, target, attrs, formals, captured, at },
    importNodes: (trial, inner, body) => importNodes(trial, inner, body.node ?? [], opsets, `${at.node}/`, depth + 1),
  });
  if (!bodyGraphs) return;
  // Constants are repeated inside the bodies; what is computed outside comes in as further operands.
  const computed = captured.map((name) => scope.find(name)!).filter((id) => id !== absent && !builder.constOf(id));
  const operands = computed.length > 0 ? [...filled(base, target), ...computed] : base;
  const outputs = trimmed((node.output ?? []).map((name) => (name === '' ? absent : scope.define(name))));
  const op = builder.op(
    {
      kind: target.kind,
      inputs: operands,
      outputs,
      attrs,
      origins: [origin],
      ...(bodyGraphs.length > 0 ? { bodies: bodyGraphs } : {}),
    },
    at,
  );
  noteAssumed(context, builder.type.bind(builder), op.inputs, op.outputs, type, at);
  const infos = op.inputs.map((id) => (id === absent ? undefined : builder.info(id)));
  checkOperands(context.problems, target, infos, op.inputs, at);
}

/** A reader may ask for an input that a faulty node does not have. */
const present = (id: ValueId | undefined): ValueId => id ?? absent;

const tooFewInputs = (type: string, given: number, at: Location): never =>
  fail('NL1013', {
    message: `${type} has the wrong number of inputs`,
    at,
    cause: `it has ${given}, and one that it needs is missing`,
    fix: 'correct the node in the model, or export it again',
  });

const noStandardOpset = (type: string, at: Location): never =>
  fail('NL1004', {
    message: `no opset is named for ${type}`,
    at,
    cause: 'the meaning of a standard operator is fixed by the opset of its model or function, which names none',
    fix: 'add the standard domain to opset_import, or export the model again',
  });

/** Without the absent operands at the end. */
function trimmed(ids: readonly ValueId[]): readonly ValueId[] {
  let end = ids.length;
  while (end > 0 && ids[end - 1] === absent) end--;
  return ids.slice(0, end);
}

/** With absent operands up to the declared ones of its own, after which those of any number follow. */
function filled(ids: readonly ValueId[], def: OpDef): readonly ValueId[] {
  const own = def.operands.filter((declared) => !isVariadic(declared)).length;
  return [...ids, ...new Array<ValueId>(Math.max(0, own - ids.length)).fill(absent)];
}

function noteAssumed(
  context: ImportContext,
  typeOf: (id: ValueId) => { assumed?: true },
  inputs: readonly ValueId[],
  outputs: readonly ValueId[],
  type: string,
  at: Location,
): void {
  const starts =
    outputs.some((id) => id !== absent && typeOf(id).assumed) &&
    !inputs.some((id) => id !== absent && typeOf(id).assumed);
  if (!starts) return;
  context.problems.note('NL1103', {
    message: `the size of what ${type} gives depends on the data`,
    at,
    cause: 'costs are worked out for the largest size it can have; a run uses the true one',
    fix: 'nothing to do; `simulate` with data shows the true shapes',
  });
}

function unsupported(context: ImportContext, domain: string, type: string, version: number, at: Location): void {
  const { problems, registry } = context;
  const refused = outOfScope(domain, type);
  if (refused) {
    problems.error('NL1105', {
      message: `operator ${domain === '' ? '' : `${domain}::`}${type} is out of scope`,
      at,
      cause: refused.reason,
      fix: refused.fix,
    });
    return;
  }
  const types = registry.onnxTypes(domain);
  const elsewhere = types.includes(type);
  // A search through all names is worth it only for the problems that are shown.
  const near = elsewhere || problems.all.length >= 20 ? undefined : closest(type, types);
  problems.error('NL1101', {
    message: `operator ${domain === '' ? '' : `${domain}::`}${type || '(without a name)'} is not supported`,
    at,
    cause: elsewhere
      ? `it exists in other opsets, but not in opset ${version}, which the model uses`
      : 'netloom knows no operator of this name in this domain',
    fix: near
      ? `did you mean "${near}"?`
      : 'docs/reference/ops.md lists what is supported; a local function of that name would be inlined',
  });
}

/** A call of a local function becomes its nodes, under the name of the call. */
function inlineFunction(
  context: ImportContext,
  scope: GraphScope,
  call: NodeProto,
  f: FunctionProto,
  opsetsOfCaller: Opsets,
  at: Location,
  depth: number,
): void {
  const prefix = `${at.node}/`;
  const inner = new GraphScope(scope.builder, prefix, undefined, scope.namesFor(call.output ?? [], f.output ?? []));
  const given = call.input ?? [];
  if (given.length > (f.input?.length ?? 0)) {
    fail('NL1013', {
      message: `function ${f.name ?? ''} is called with too many inputs`,
      at,
      cause: `${given.length} are given; it takes ${f.input?.length ?? 0}`,
      fix: 'export the model again',
    });
  }
  f.input?.forEach((name, i) => inner.alias(name, given[i] ? scope.find(given[i])! : absent));
  const own = (f.opsetImport ?? []).map((o): [string, number] => [domainOf(o.domain), Number(o.version ?? 1)]);
  const opsets = new Map([...opsetsOfCaller, ...own]);
  importNodes(context, inner, boundNodes(f, call, at), opsets, prefix, depth + 1);
  exportNames(scope, inner, call.output ?? [], f.output ?? [], at);
}

/** Whether an If has a condition that is known now; if so, the branch it takes stands in its place. */
function inlineBranch(
  context: ImportContext,
  scope: GraphScope,
  node: NodeProto,
  opsets: Opsets,
  at: Location,
  depth: number,
): boolean {
  const condition = scope.find(node.input?.[0] ?? '');
  const info = condition === undefined ? undefined : scope.builder.info(condition);
  if (!info?.value || info.assumed || info.value.data.length !== 1) return false;
  const attributes = new AttributeReader(node.attribute ?? [], at, context.readExternal);
  const branch: GraphProto | undefined = attributes.graph(scalarOf(info.value) ? 'then_branch' : 'else_branch');
  if (!branch) return false;
  const prefix = `${at.node}/`;
  const results = (branch.output ?? []).map((o) => o.name ?? '');
  const inner = new GraphScope(scope.builder, prefix, scope, scope.namesFor(node.output ?? [], results));
  for (const t of branch.initializer ?? [])
    defineConstant(context, inner, t.name ?? '', readTensor(t, at, context.readExternal), at);
  for (const t of branch.sparseInitializer ?? [])
    defineConstant(context, inner, t.values?.name ?? '', readSparse(t, at, context.readExternal), at);
  importNodes(context, inner, branch.node ?? [], opsets, prefix, depth + 1);
  scope.builder.remove({ node: at.node!, op: 'If' }, 'import: the condition is constant');
  exportNames(scope, inner, node.output ?? [], results, at);
  return true;
}

/**
 * Gives the results of an inlined scope their names outside.
 * @throws NetloomError NL1006 for a result that nothing makes, NL1013 when there are too few
 */
function exportNames(
  scope: GraphScope,
  inner: GraphScope,
  outer: readonly string[],
  results: readonly string[],
  at: Location,
): void {
  if (outer.length > results.length) {
    fail('NL1013', {
      message: 'a function or branch gives too few results',
      at,
      cause: `${outer.length} are wanted; it gives ${results.length}`,
      fix: 'export the model again',
    });
  }
  outer.forEach((name, i) => {
    const result = results[i]!;
    const id = inner.find(result);
    if (name === '') return;
    if (id !== undefined) scope.alias(name, id);
    else if (!inner.isBroken(result)) {
      fail('NL1006', {
        message: `result "${result}" of a function or branch is not produced`,
        at,
        cause: 'no node or input in it has this name',
        fix: 'export the model again',
      });
    }
  });
}
