import type { MemoryUse, Network, NetworkTensor } from '../contract.ts';
import type { Memory } from '../schema/common.ts';
import type { Machine } from '../schema/machine.ts';
import { RangeMax } from './range-max.ts';

/** In which memory (index, outermost first) each tensor of a network lives between tasks. */
export interface Residency {
  readonly home: readonly number[];
  readonly memory: readonly MemoryUse[];
  /** Set when something fits in no memory at all. */
  readonly misfit?: string;
  /** True when the weights stay in an inner memory from one input to the next. */
  readonly keepsWeights: boolean;
}

export const capacityOf = (m: Memory): number => m.size * (m.instances ?? 1);

const holds = (m: Memory, role: 'input' | 'weight' | 'output'): boolean =>
  m.holds === undefined || m.holds.includes(role);
const holdsActivations = (m: Memory): boolean => holds(m, 'input') && holds(m, 'output');

/** Share of a cache that one network's tensors can be expected to keep; a scratchpad is managed and gives all of itself. */
const usable = (m: Memory): number => (m.kind === 'cache' ? 0.8 : 1) * capacityOf(m);

const span = (t: NetworkTensor, tasks: number): [number, number] => [
  Math.max(0, t.from),
  Math.min(tasks - 1, Math.max(t.until, t.from)),
];

/**
 * Places tensors: weights in the outermost memory that may hold them, or in an inner one that keeps them when all of
 * them fit; activations in the innermost shared memory that has room for them as long as they live, else further out.
 * First come, first served in the order of the tasks.
 */
export function placeTensors(network: Network, machine: Machine): Residency {
  const { tensors, tasks } = network;
  const memory = machine.memory;
  const home = new Array<number>(tensors.length).fill(0);
  const live = memory.map(() => new RangeMax(Math.max(1, tasks.length)));
  const spills: { tensor: string; bytes: number }[][] = memory.map(() => []);

  const weights = tensors.flatMap((t, i) => (t.role === 'weight' ? [i] : []));
  const weightBytes = weights.reduce((n, i) => n + tensors[i]!.bytes, 0);
  const keeper = memory.findLastIndex(
    (m, i) => i > 0 && m.keepsWeights === true && holds(m, 'weight') && weightBytes <= usable(m),
  );
  const outer = memory.findIndex((m) => holds(m, 'weight'));
  const weightHome = keeper > 0 ? keeper : Math.max(0, outer);
  for (const i of weights) home[i] = weightHome;
  if (weightBytes > 0) live[weightHome]!.add(0, Math.max(0, tasks.length - 1), weightBytes);

  // Private memories (several instances) hold tiles, not tensors; the shared ones inward of DRAM hold activations.
  const shared = memory.flatMap((m, i) =>
    holdsActivations(m) && m.kind !== 'registers' && m.kind !== 'flash' && (m.instances ?? 1) === 1 ? [i] : [],
  );
  const wanted = shared.at(-1) ?? memory.findLastIndex(holdsActivations);
  let misfit: string | undefined;
  if (weightBytes > capacityOf(memory[weightHome]!))
    misfit = `the weights need ${weightBytes} bytes; ${memory[weightHome]!.name} has ${capacityOf(memory[weightHome]!)}`;
  tensors.forEach((t, i) => {
    if (t.role === 'weight' || t.bytes === 0) return;
    const [from, until] = span(t, tasks.length);
    const place = [...shared].reverse().find((m) => live[m]!.max(from, until) + t.bytes <= usable(memory[m]!));
    const chosen = place ?? shared[0] ?? 0;
    if (place === undefined)
      misfit ??= `"${t.name}" (${t.bytes} bytes) does not fit beside what is alive at that time in ${memory[chosen]!.name} (${capacityOf(memory[chosen]!)} bytes), the largest memory for activations`;
    home[i] = chosen;
    live[chosen]!.add(from, until, t.bytes);
    if (wanted >= 0 && chosen !== wanted) spills[wanted]!.push({ tensor: t.name, bytes: t.bytes });
  });

  const uses = memory.map((m, i): MemoryUse => {
    const { value, at } = live[i]!.peak();
    const task = tasks[at];
    return {
      name: m.name,
      capacity_bytes: capacityOf(m),
      peak_bytes: value,
      ...(task && value > 0 ? { peak_at: task.name } : {}),
      spills: spills[i]!,
    };
  });
  return { home, memory: uses, keepsWeights: keeper > 0, ...(misfit === undefined ? {} : { misfit }) };
}
