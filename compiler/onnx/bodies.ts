import { fail, type Location } from '../../src/base/diagnostics.ts';
import { GraphBuilder } from '../ir/builder.ts';
import type { Graph, TensorType } from '../ir/types.ts';
import type { GraphProto } from './decode.ts';
import type { ImportContext } from './nodes.ts';
import { GraphScope } from './scope.ts';
import { readTensor } from './tensors.ts';

export interface BodyRequest {
  /** Where the values that the body captures are found. */
  readonly scope: GraphScope;
  readonly body: GraphProto;
  readonly label: string;
  /** Types of the body's own inputs; beyond them the declared inputs must not go. */
  readonly formals: readonly TensorType[];
  /** Names of outer values that the body, or its sibling, uses. */
  readonly captured: readonly string[];
  readonly at: Location;
  readonly importNodes: (inner: GraphScope) => void;
}

/**
 * A subgraph as a closed graph: its own inputs first, then the values it captures. Captured constants are repeated
 * inside, so that shapes can depend on them.
 */
export function importBody(context: ImportContext, request: BodyRequest): Graph {
  const { scope, body, formals, at } = request;
  const builder = new GraphBuilder(context.registry, request.label);
  const inner = new GraphScope(builder);
  const declared = body.input ?? [];
  if (declared.length !== formals.length) {
    fail('NL1013', {
      message: 'a body has the wrong number of inputs',
      at,
      cause: `it declares ${declared.length}; the node gives it ${formals.length}`,
      fix: 'correct the body in the model, or export it again',
    });
  }
  declared.forEach((d, i) => builder.input(inner.define(d.name ?? ''), formals[i]!));
  for (const name of request.captured) {
    if (inner.isDefined(name)) continue;
    const id = scope.find(name)!;
    const constant = scope.builder.constOf(id);
    if (constant) builder.constant(inner.define(name), constant, { node: name, op: 'Initializer' });
    else {
      const { value, ...type } = scope.builder.info(id);
      builder.input(inner.define(name), type, value);
    }
  }
  for (const t of body.initializer ?? []) {
    const name = t.name ?? '';
    if (inner.isDefined(name)) fail('NL1007', { message: `value "${name}" is produced twice`, at, cause: 'an initializer of the body has the name of another value', fix: 'export the model again' });
    builder.constant(inner.define(name), readTensor(t, at, context.readExternal), { node: `${at.node ?? ''}/${name}`, op: 'Initializer' });
  }
  request.importNodes(inner);
  for (const output of body.output ?? []) {
    const id = inner.find(output.name ?? '');
    if (id !== undefined) builder.output(id);
    else if (!inner.isBroken(output.name ?? '')) {
      fail('NL1006', { message: `output "${output.name ?? ''}" of a body is not produced`, at, cause: 'no node or input of the body has this name', fix: 'export the model again' });
    }
  }
  context.unknowns.push(...builder.unknowns);
  return builder.build();
}
