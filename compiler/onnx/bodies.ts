import { fail, Problems, type Location } from '../../src/base/diagnostics.ts';
import { GraphBuilder } from '../ir/builder.ts';
import { absent, type Attrs, type Graph, type TensorType } from '../ir/types.ts';
import { sameType } from '../ir/verify.ts';
import type { OpDef } from '../ops/define.ts';
import type { GraphProto } from './decode.ts';
import type { ImportContext } from './context.ts';
import { warnOfNonFinite } from './sanity.ts';
import { GraphScope } from './scope.ts';
import { readSparse, readTensor } from './tensors.ts';

export interface BodiesRequest {
  /** Where the values that the bodies capture are found. */
  readonly scope: GraphScope;
  readonly bodies: readonly GraphProto[];
  readonly target: OpDef;
  readonly attrs: Attrs;
  /** Types of the bodies' own inputs; beyond them the declared inputs must not go. */
  readonly formals: readonly TensorType[];
  /** Names of outer values that any of the bodies uses. */
  readonly captured: readonly string[];
  readonly at: Location;
  readonly importNodes: (context: ImportContext, inner: GraphScope, body: GraphProto) => void;
}

/**
 * The subgraphs of a node as closed graphs: their own inputs first, then the values that any of them captures. Where a
 * body changes the shape of a state that it carries on, it is imported again with that shape left open, until types hold.
 * Undefined when a fault, which is reported, leaves an output of a body without a maker.
 */
export function importBodies(context: ImportContext, request: BodiesRequest): Graph[] | undefined {
  const { bodies, target, attrs, at } = request;
  let formals = request.formals;
  for (;;) {
    const trial: ImportContext = { ...context, problems: new Problems(), unknowns: [] };
    const graphs = bodies.map((body, i) =>
      importBody(trial, request, body, formals, `${at.node ?? ''}/body${bodies.length > 1 ? i : ''}`),
    );
    const whole = graphs.filter((g) => g !== undefined);
    const isWhole = whole.length === bodies.length;
    const [first] = whole;
    const wider = isWhole && first ? (target.widenBody?.(formals, first, attrs) ?? formals) : formals;
    if (wider.every((type, i) => sameType(type, formals[i]!))) {
      context.problems.add(trial.problems.all);
      context.unknowns.push(...trial.unknowns);
      return isWhole ? whole : undefined;
    }
    formals = wider;
  }
}

function importBody(
  context: ImportContext,
  request: BodiesRequest,
  body: GraphProto,
  formals: readonly TensorType[],
  label: string,
): Graph | undefined {
  const { scope, at, target } = request;
  const builder = new GraphBuilder(context.registry, label);
  const inner = new GraphScope(builder);
  const initializers = new Set([
    ...(body.initializer ?? []).map((t) => t.name ?? ''),
    ...(body.sparseInitializer ?? []).map((t) => t.values?.name ?? ''),
  ]);
  // Before IR 4 initializers stood among the inputs, too.
  const declared = (body.input ?? []).filter((d) => !initializers.has(d.name ?? ''));
  if (declared.length !== formals.length) {
    fail('NL1013', {
      message: 'a body has the wrong number of inputs',
      at,
      cause: `it declares ${declared.length}; the node gives it ${formals.length}`,
      fix: 'correct the body in the model, or export it again',
    });
  }
  declared.forEach((d, i) => {
    const rank = i < target.bodyScalars ? d.type?.tensorType?.shape?.dim?.length : undefined;
    builder.input(
      inner.define(d.name ?? ''),
      rank === 0 || rank === 1 ? { ...formals[i]!, shape: new Array<number>(rank).fill(1) } : formals[i]!,
    );
  });
  defineCaptured(request, inner, ownNames(body, initializers));
  for (const t of body.initializer ?? [])
    defineConstant(context, inner, t.name ?? '', readTensor(t, at, context.readExternal), at);
  for (const t of body.sparseInitializer ?? [])
    defineConstant(context, inner, t.values?.name ?? '', readSparse(t, at, context.readExternal), at);
  request.importNodes(context, inner, body);
  let isWhole = true;
  for (const output of body.output ?? []) {
    const id = inner.find(output.name ?? '');
    if (id !== undefined) builder.output(id);
    else {
      isWhole = false;
      if (inner.isBroken(output.name ?? '') || scope.isBroken(output.name ?? '')) continue;
      fail('NL1006', {
        message: `output "${output.name ?? ''}" of a body is not produced`,
        at,
        cause: 'no node or input of the body has this name',
        fix: 'export the model again',
      });
    }
  }
  context.unknowns.push(...builder.unknowns);
  return isWhole ? builder.build() : undefined;
}

/** Names that a body gives to values of its own: they hide outer values of the same name. */
const ownNames = (body: GraphProto, initializers: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([
    ...initializers,
    ...(body.input ?? []).map((i) => i.name ?? ''),
    ...(body.node ?? []).flatMap((n) => n.output ?? []),
  ]);

/**
 * Values from outside: constants are repeated inside, so that shapes can depend on them; what is computed comes in as
 * an input, in the same order for all bodies of a node, also where a body does not use it.
 */
function defineCaptured({ scope, captured, at }: BodiesRequest, inner: GraphScope, own: ReadonlySet<string>): void {
  for (const name of captured) {
    const id = scope.find(name);
    if (id === undefined)
      fail('NL1006', {
        message: `value "${name}" is used in a body, but nothing defines it`,
        at,
        cause: 'it is no value of the body or of the graph around it',
        fix: 'export the model again',
      });
    const define = () => (own.has(name) ? inner.builder.fresh(name) : inner.define(name));
    const constant = scope.builder.constOf(id);
    if (id === absent) inner.alias(name, absent);
    else if (!constant) {
      const { value, ...type } = scope.builder.info(id);
      inner.builder.input(define(), type, value);
    } else if (!own.has(name)) inner.builder.constant(define(), constant, { node: name, op: 'Initializer' });
  }
}

/** An initializer of a body or branch. @throws NetloomError NL1007 */
export function defineConstant(
  context: ImportContext,
  inner: GraphScope,
  name: string,
  value: ReturnType<typeof readTensor>,
  at: Location,
): void {
  warnOfNonFinite(context.problems, name, value, at);
  if (inner.isDefined(name))
    fail('NL1007', {
      message: `value "${name}" is produced twice`,
      at,
      cause: 'an initializer of the body has the name of another value',
      fix: 'export the model again',
    });
  inner.builder.constant(inner.define(name), value, { node: `${at.node ?? ''}/${name}`, op: 'Initializer' });
}
