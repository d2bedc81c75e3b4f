import { invariant } from '../../src/base/diagnostics.ts';
import { absent, type Op, type ValueId } from './types.ts';

/**
 * The ops with definitions before uses, each as near to its given place as that allows. No recursion: chains may be
 * as long as the graph.
 * @throws InternalError when ops wait for each other in a circle
 */
export function inRunOrder(ops: readonly Op[]): readonly Op[] {
  const producers = new Map<ValueId, Op>();
  for (const op of ops) for (const id of op.outputs) if (id !== absent) producers.set(id, op);
  const ordered: Op[] = [];
  const state = new Map<Op, 'open' | 'done'>();
  for (const root of ops) {
    if (state.has(root)) continue;
    state.set(root, 'open');
    const stack = [{ op: root, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const id = top.op.inputs[top.next++];
      if (id === undefined) {
        state.set(top.op, 'done');
        ordered.push(top.op);
        stack.pop();
        continue;
      }
      const needed = producers.get(id);
      if (!needed || state.get(needed) === 'done') continue;
      invariant(!state.has(needed), `value "${id}" depends on itself`);
      state.set(needed, 'open');
      stack.push({ op: needed, next: 0 });
    }
  }
  return ordered;
}
