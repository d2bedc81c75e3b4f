import { fail, type Location, type Problems } from '../../src/base/diagnostics.ts';
import { closest } from '../../src/base/suggest.ts';
import type { GraphProto, NodeProto } from './decode.ts';

/** How a node is named in messages and reports: its own name, or operator and index. */
export const nameOfNode = (node: NodeProto, index: number): string => node.name || `${node.opType || 'node'}#${index}`;

export const nodeLocation = (file: string, node: NodeProto, index: number): Location => ({
  file,
  node: nameOfNode(node, index),
  op: `${node.opType || '?'}, #${index}`,
});

/** Names used inside the subgraphs of a node that the subgraphs do not define themselves. */
export function captures(node: NodeProto): string[] {
  const free = new Set<string>();
  // A work list, not recursion; names of the graphs around are found by the chain of levels, never copied.
  const open: { graph: GraphProto; outer: Level | undefined }[] = subgraphsOf(node).map((graph) => ({
    graph,
    outer: undefined,
  }));
  for (let entry = open.pop(); entry; entry = open.pop()) {
    const { graph } = entry;
    const level: Level = { names: new Set(), outer: entry.outer };
    for (const v of graph.input ?? []) level.names.add(v.name ?? '');
    for (const t of graph.initializer ?? []) level.names.add(t.name ?? '');
    for (const t of graph.sparseInitializer ?? []) level.names.add(t.values?.name ?? '');
    for (const n of graph.node ?? []) for (const o of n.output ?? []) level.names.add(o);
    for (const n of graph.node ?? []) {
      for (const i of n.input ?? []) if (i !== '' && !isVisible(level, i)) free.add(i);
      for (const g of subgraphsOf(n)) open.push({ graph: g, outer: level });
    }
    for (const o of graph.output ?? []) if (!isVisible(level, o.name ?? '')) free.add(o.name ?? '');
  }
  return [...free];
}

interface Level {
  readonly names: Set<string>;
  readonly outer: Level | undefined;
}

function isVisible(level: Level, name: string): boolean {
  for (let l: Level | undefined = level; l; l = l.outer) if (l.names.has(name)) return true;
  return false;
}

export function subgraphsOf(node: NodeProto): GraphProto[] {
  return (node.attribute ?? []).flatMap((a) => [...(a.g ? [a.g] : []), ...(a.graphs ?? [])]);
}

/** Everything a node reads, subgraphs included. */
const usesOf = (node: NodeProto): string[] => [...(node.input ?? []).filter((i) => i !== ''), ...captures(node)];

export interface OrderedNode {
  readonly node: NodeProto;
  readonly index: number;
}

/**
 * The nodes in an order that can run, kept as in the file where that already can. Names that nothing defines and
 * names that two nodes define are reported.
 * @throws NetloomError NL1008 when nodes wait for each other in a circle
 */
export function inOrder(
  nodes: readonly NodeProto[],
  isDefined: (name: string) => boolean,
  definedNames: () => Iterable<string>,
  file: string,
  problems: Problems,
): OrderedNode[] {
  const producer = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.output ?? []) {
      if (output === '') continue;
      if (producer.has(output) || isDefined(output)) {
        const first = producer.get(output);
        problems.error('NL1007', {
          message: `value "${output}" is produced twice`,
          at: nodeLocation(file, node, index),
          cause:
            first === undefined
              ? 'an input or initializer has this name already'
              : `node "${nameOfNode(nodes[first]!, first)}" produces it too`,
          fix: 'each value has one producer; correct the model or export it again',
        });
      } else producer.set(output, index);
    }
  });

  const waiting = new Array<number>(nodes.length).fill(0);
  const users = new Map<number, number[]>();
  nodes.forEach((node, index) => {
    problems.stopWhenMany();
    for (const name of new Set(usesOf(node))) {
      const from = producer.get(name);
      if (from !== undefined) {
        waiting[index]!++;
        const list = users.get(from);
        if (list) list.push(index);
        else users.set(from, [index]);
      } else if (!isDefined(name)) {
        // A search through all names is worth it only for the problems that are shown.
        const near =
          problems.all.length < 20
            ? closest(name, [...producer.keys(), ...definedNames()].slice(0, 20_000))
            : undefined;
        problems.error('NL1006', {
          message: `value "${name}" is used, but nothing defines it`,
          at: nodeLocation(file, node, index),
          cause: 'it is neither an input, an initializer, nor the output of a node that can be seen from here',
          fix: near ? `did you mean "${near}"?` : 'export the model again',
        });
      }
    }
  });

  // Always the earliest node that can run: a file that is in order stays as it is.
  const order: OrderedNode[] = [];
  const ready = new MinHeap();
  waiting.forEach((n, index) => n === 0 && ready.push(index));
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    order.push({ node: nodes[index]!, index });
    for (const user of users.get(index) ?? []) if (--waiting[user]! === 0) ready.push(user);
  }
  if (order.length < nodes.length) {
    const stuck = waiting.flatMap((n, index) => (n > 0 ? [index] : []));
    fail('NL1008', {
      message: 'nodes depend on each other in a circle',
      at: stuck.slice(0, 4).map((i) => nodeLocation(file, nodes[i]!, i)),
      cause: `${stuck.length} nodes wait for a value that only comes after them`,
      fix: 'a graph cannot run in a circle: export the model again, with loops as Loop or Scan',
    });
  }
  return order;
}

/** A binary heap of small whole numbers. */
class MinHeap {
  readonly #items: number[] = [];

  push(x: number): void {
    const items = this.#items;
    let i = items.push(x) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (items[up]! <= x) break;
      items[i] = items[up]!;
      i = up;
    }
    items[i] = x;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && items[down + 1]! < items[down]!) down++;
      if (items[down]! >= last) break;
      items[i] = items[down]!;
      i = down;
    }
    items[i] = last;
    return top;
  }
}
