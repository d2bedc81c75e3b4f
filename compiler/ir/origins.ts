import type { Graph, Op, Origin, Removed } from './types.ts';

const keyOf = ({ node, op }: Origin): string => `${op}\0${node}`;

/** Every ONNX node that an op stands for, bodies included; nodes that a body lost earlier come with the pass that did it. */
export function* allOrigins(op: Op): Generator<{ origin: Origin; by?: string }> {
  for (const origin of op.origins) yield { origin };
  for (const body of op.bodies ?? []) {
    for (const inner of body.ops) yield* allOrigins(inner);
    yield* body.removed;
  }
}

/** Several lists as one, each origin once, in order of first mention. */
export function joinOrigins(lists: Iterable<readonly Origin[]>): Origin[] {
  const joined = new Map<string, Origin>();
  for (const list of lists)
    for (const origin of list) if (!joined.has(keyOf(origin))) joined.set(keyOf(origin), origin);
  return [...joined.values()];
}

/** Counts behind how many ops each ONNX node stands, so that the moment one stands behind none is not missed. */
export class OriginLedger {
  readonly #entries = new Map<string, { count: number; order: number; origin: Origin; by?: string }>();
  readonly #lost = new Set<string>();

  add(op: Op): void {
    for (const { origin, by } of allOrigins(op)) {
      const key = keyOf(origin);
      const entry = this.#entries.get(key);
      if (entry) entry.count++;
      else this.#entries.set(key, { count: 1, order: this.#entries.size, origin, ...(by === undefined ? {} : { by }) });
      this.#lost.delete(key);
    }
  }

  drop(op: Op): void {
    for (const { origin } of allOrigins(op)) {
      const key = keyOf(origin);
      const entry = this.#entries.get(key)!;
      if (--entry.count === 0) this.#lost.add(key);
    }
  }

  /** The nodes that stand behind no op any more, in the order in which the graph had them. */
  lost(by: string): Removed[] {
    const entries = [...this.#lost].map((key) => this.#entries.get(key)!);
    return entries.sort((a, b) => a.order - b.order).map((e) => ({ origin: e.origin, by: e.by ?? by }));
  }
}

/**
 * The law that every report rests on: each ONNX node of `before` stands behind some op of `after` or in `removed`.
 * Answers the nodes that vanished; none when the law holds.
 */
export function vanished(before: Graph, after: Graph): Origin[] {
  const kept = new Set<string>();
  for (const origin of accounted(after)) kept.add(keyOf(origin));
  return [...accounted(before)].filter((origin) => !kept.has(keyOf(origin)));
}

function* accounted(graph: Graph): Generator<Origin> {
  for (const op of graph.ops) for (const { origin } of allOrigins(op)) yield origin;
  for (const { origin } of graph.removed) yield origin;
}
