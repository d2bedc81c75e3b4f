import { isConst, type Graph, type ValueId } from '../../compiler/ir/types.ts';
import { build, sizeOf, type Tensor } from '../../compiler/tensor/tensor.ts';
import { isNetloomError } from '../../src/base/diagnostics.ts';
import type { Hardware } from '../../compiler/run/estimate.ts';
import type { Netloom } from '../../src/netloom.ts';

/** Small enough to be run in a test: no value of it holds more than this. */
const smallValue = 20_000;

function isSmall(graph: Graph): boolean {
  let total = 0;
  for (const type of graph.types.values()) {
    if (type.unknown) return false;
    total += sizeOf(type.shape);
  }
  // Loops may run as often as a constant says.
  return total <= smallValue && graph.ops.every((op) => isConst(op) || (op.bodies ?? []).length === 0);
}

export interface Tried {
  /** How far it came. */
  readonly stage: 'refused' | 'loaded' | 'priced' | 'ran';
  readonly milliseconds: number;
}

/**
 * Reads, lowers, prices and, where it is small, runs what may be a broken model.
 * @throws whatever is thrown that is no NetloomError: a fault
 */
export function tryOut(netloom: Netloom, machine: Hardware, bytes: Uint8Array): Tried {
  const start = performance.now();
  const done = (stage: Tried['stage']): Tried => ({ stage, milliseconds: performance.now() - start });
  let stage: Tried['stage'] = 'refused';
  try {
    const model = netloom.loadModel(bytes);
    stage = 'loaded';
    const small = isSmall(model.graph);
    let macs = Infinity;
    try {
      macs = netloom.estimate(netloom.lower(model, { precision: 'int8' }), machine, { advice: false }).model.macs;
      stage = 'priced';
    } catch (e) {
      if (!isNetloomError(e)) throw e;
    }
    if (small && macs <= 1e6) {
      netloom.simulate(
        model,
        model.graph.inputs.map((id): Tensor => inputOf(model.graph, id)),
      );
      stage = 'ran';
    }
    return done(stage);
  } catch (e) {
    if (!isNetloomError(e)) throw e;
    return done(stage);
  }
}

function inputOf(graph: Graph, id: string): Tensor {
  const { format, shape } = graph.types.get(id as ValueId)!;
  if (format.storage === 'text') return { format, shape, data: new Array<string>(sizeOf(shape)).fill('x') };
  return build(format, shape, (i) => (format.kind === 'bool' ? i % 2 : (i % 5) - 1));
}
