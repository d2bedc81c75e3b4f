import { absent, isConst, type Graph, type Op, type ValueId } from '../ir/types.ts';
import { isVariadic } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';

/** 64-bit integers up to this many elements are shapes, axes and the like, not weights. */
const shapeConstant = 64;

/** Constant nodes up to this many elements hold sizes, steps and the numbers of formulas, not weights. */
const formulaConstant = 8;

/**
 * Elements of the constant tensors of an imported model, those of bodies included, with the small shape constants left
 * out. What an exporter turned from an attribute into a tensor is none of them. A weight that a ConstantOfShape node makes
 * (models that carry shapes only) counts as if it stood in the file.
 */
export function countParameters(graph: Graph, registry: Pick<OpRegistry, 'of'>): number {
  // A constant that several bodies capture is one tensor.
  const counted = new Set<Tensor>();
  let total = 0;
  const open = [graph];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const op of next.ops) {
      open.push(...(op.bodies ?? []));
      if (!isConst(op)) continue;
      const value = next.consts.get(op.outputs[0]!);
      if (!value || counted.has(value) || !isWeight(op, value)) continue;
      counted.add(value);
      total += value.data.length;
    }
    total += filledWeights(next, registry);
  }
  return total;
}

function isWeight(op: Op, { format, data }: Tensor): boolean {
  if (format.name === 'i64' && data.length <= shapeConstant) return false;
  const [origin] = op.origins;
  return origin?.op === 'Initializer' || (origin?.op === 'Constant' && data.length > formulaConstant);
}

/** Elements of the results of ConstantOfShape that ops take as weights: by a name of its own, not as their data. */
function filledWeights(graph: Graph, registry: Pick<OpRegistry, 'of'>): number {
  const fills = new Set<ValueId>();
  const weights = new Set<ValueId>();
  for (const op of graph.ops) {
    if (op.kind === 'constant-of-shape') {
      const [shape, out] = [op.inputs[0]!, op.outputs[0]!];
      if (graph.consts.has(shape)) fills.add(out);
    } else if (!isConst(op)) {
      const { operands } = registry.of(op);
      op.inputs.forEach((id, i) => {
        const operand = operands[i];
        if (i > 0 && operand !== undefined && !isVariadic(operand) && id !== absent && fills.has(id)) weights.add(id);
      });
    }
  }
  let total = 0;
  for (const id of weights) {
    const { format, shape } = graph.types.get(id)!;
    const n = sizeOf(shape);
    if (format.name !== 'i64' || n > shapeConstant) total += n;
  }
  return total;
}
