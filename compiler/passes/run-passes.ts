import { InternalError, invariant } from '../../src/base/diagnostics.ts';
import { vanished } from '../ir/origins.ts';
import { printGraph } from '../ir/print.ts';
import type { Fact, Pass } from '../ir/rewrite.ts';
import type { Graph } from '../ir/types.ts';
import { verifyGraph } from '../ir/verify.ts';
import type { OpRegistry } from '../ops/registry.ts';

/** One pass as it ran. */
export interface PassRun {
  /** 1 for the first pass; the graph as it came in is number 0. */
  readonly index: number;
  readonly pass: Pass;
  readonly before: Graph;
  readonly after: Graph;
  /** False when the pass had nothing to do; `after` is then the very graph `before`. */
  readonly changed: boolean;
  /** 0 without a clock. */
  readonly milliseconds: number;
}

export interface PassOptions {
  /** Sees each pass after it ran, also those that changed nothing. */
  readonly onPass?: (run: PassRun) => void;
  /** What already holds of the graph. */
  readonly facts?: readonly Fact[];
  /** Milliseconds, for `--time-passes`: the core has no clock of its own. */
  readonly clock?: () => number;
}

/**
 * Runs passes one after another. After each one that changed something the graph is verified, and every ONNX node is
 * accounted for.
 * @throws InternalError that names the pass: for a broken graph, a node that vanished, or a need that nothing gave
 */
export function runPasses(
  graph: Graph,
  passes: readonly Pass[],
  registry: OpRegistry,
  options: PassOptions = {},
): Graph {
  const clock = options.clock ?? (() => 0);
  const facts = new Set<Fact>(options.facts ?? ['shapes']);
  let current = graph;
  passes.forEach((pass, i) => {
    for (const need of pass.needs)
      invariant(facts.has(need), `pass ${pass.name} needs "${need}", which no pass before it gives`);
    const start = clock();
    const after = pass.run(current, registry);
    const changed = after !== current;
    if (changed) checkStep(current, after, pass, registry);
    options.onPass?.({ index: i + 1, pass, before: current, after, changed, milliseconds: clock() - start });
    for (const fact of pass.gives) facts.add(fact);
    current = after;
  });
  return current;
}

function checkStep(before: Graph, after: Graph, pass: Pass, registry: OpRegistry): void {
  verifyGraph(after, registry, pass.name);
  const [lost] = vanished(before, after);
  if (lost)
    throw new InternalError(
      `after ${pass.name}: node "${lost.node}" (${lost.op}) stands behind no op and is not in removed`,
    );
}

/** A text file of `--dump-after`. */
export interface Dump {
  readonly name: string;
  readonly text: string;
}

/** The graph as text, named by its place in the order: `01-fold-bn.loom`. */
export const dumpOf = (index: number, name: string, graph: Graph): Dump => ({
  name: `${String(index).padStart(2, '0')}-${name}.loom`,
  text: printGraph(graph),
});

/**
 * Collects `00-import.loom` and one file for each pass that changed something, or for one pass only, as `onPass` sees
 * them.
 */
export function dumpCollector(
  which: string,
  imported: Graph,
): { readonly dumps: Dump[]; readonly onPass: (run: PassRun) => void } {
  const dumps: Dump[] = which === 'all' || which === 'import' ? [dumpOf(0, 'import', imported)] : [];
  return {
    dumps,
    onPass: ({ index, pass, after, changed }) => {
      if (which === 'all' ? changed : which === pass.name) dumps.push(dumpOf(index, pass.name, after));
    },
  };
}
