import { fail, invariant, isNetloomError, NetloomError } from '../../src/base/diagnostics.ts';
import { wantedOutputs } from '../ir/builder.ts';
import { absent, isConst, type Graph, type Op, type ValueId } from '../ir/types.ts';
import type { EvaluateContext } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { showShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A faster way to compute some ops: the results, or undefined to leave the op to its reference. */
export type FastKernels = (op: Op, inputs: readonly (Tensor | undefined)[]) => readonly Tensor[] | undefined;

export interface RunOptions {
  readonly kernels?: FastKernels;
  /** Sees each op's results as they are made (dumps, statistics). */
  readonly observe?: (op: Op, outputs: readonly Tensor[]) => void;
  /** Called between ops; throw to stop. */
  readonly tick?: (done: number, total: number) => void;
}

/**
 * Runs a graph on values of its inputs, in order, and answers its outputs. Values are let go after their last use.
 * @throws NetloomError NL1106/NL1014/... with the node, where an op cannot be computed on what it got
 */
export function runGraph(
  graph: Graph,
  registry: OpRegistry,
  inputs: readonly Tensor[],
  options: RunOptions = {},
): Tensor[] {
  invariant(
    inputs.length === graph.inputs.length,
    `${graph.name}: ${inputs.length} values for ${graph.inputs.length} inputs`,
  );
  const values = new Map<ValueId, Tensor>();
  graph.inputs.forEach((id, i) => values.set(id, inputs[i]!));
  const uses = countUses(graph);
  const release = (id: ValueId): void => {
    const left = uses.get(id)! - 1;
    uses.set(id, left);
    if (left === 0) values.delete(id);
  };
  graph.ops.forEach((op, i) => {
    options.tick?.(i, graph.ops.length);
    const results = runOp(graph, op, registry, values, options);
    op.outputs.forEach((id, k) => {
      if (id !== absent && results[k] && (uses.get(id) ?? 0) > 0) values.set(id, results[k]);
    });
    options.observe?.(op, results);
    for (const id of op.inputs) if (id !== absent) release(id);
  });
  return graph.outputs.map((id) => {
    const value = values.get(id);
    invariant(value, `${graph.name}: output ${id} was not computed`);
    return value;
  });
}

function countUses(graph: Graph): Map<ValueId, number> {
  const uses = new Map<ValueId, number>();
  const use = (id: ValueId): void => void uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const op of graph.ops) for (const id of op.inputs) if (id !== absent) use(id);
  for (const id of graph.outputs) use(id);
  return uses;
}

function runOp(
  graph: Graph,
  op: Op,
  registry: OpRegistry,
  values: ReadonlyMap<ValueId, Tensor>,
  options: RunOptions,
): readonly Tensor[] {
  if (isConst(op)) {
    const id = op.outputs[0]!;
    return [graph.consts.get(id) ?? missingConstant(op)];
  }
  const def = registry.of(op);
  const operands = op.inputs.map((id) => (id === absent ? undefined : values.get(id)));
  const context: EvaluateContext = {
    wanted: wantedOutputs(def, op),
    bodies: op.bodies ?? [],
    run: (body, bodyInputs) =>
      runGraph(body, registry, bodyInputs, options.kernels ? { kernels: options.kernels } : {}),
  };
  try {
    return options.kernels?.(op, operands) ?? def.evaluate(operands, op.attrs, context);
  } catch (e) {
    if (!isNetloomError(e)) throw e;
    const origin = op.origins[0]!;
    const tensors = operands.flatMap((t, i) =>
      t ? [{ tensor: `"${op.inputs[i]}" ${t.format.name}${showShape(t.shape)}` }] : [],
    );
    throw new NetloomError(
      e.diagnostics.map((d) =>
        d.locations.length > 0
          ? d
          : { ...d, locations: [{ node: origin.node, op: origin.op }, ...tensors.slice(0, 4)] },
      ),
    );
  }
}

const missingConstant = (op: Op): never =>
  fail('NL1106', {
    message: `the elements of constant "${op.outputs[0] ?? ''}" are not at hand`,
    cause: 'the graph was read from a .loom file that names it by its hash only',
    fix: 'keep the weights folder beside the .loom file, or start from the ONNX model',
  });
