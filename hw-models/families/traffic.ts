import type { Memory } from '../schema/common.ts';
import type { Machine } from '../schema/machine.ts';
import type { Traffic } from '../contract.ts';
import { asContraction } from '../work/contraction.ts';
import { bytesOf, elementsOf, footprint, loopsIn } from '../work/count.ts';
import type { Access, Nest, Operand, Procedure, Work } from '../work/types.ts';
import type { Placement } from './engine.ts';
import { capacityOf } from './residency.ts';
import { productTraffic } from './tiling.ts';

/** One step of a work with how it runs and how often. */
export interface PlacedStep {
  readonly step: Nest | Procedure;
  readonly placement: Placement;
  readonly times: number;
}

const roleIn = (operand: Operand): 'input' | 'weight' | 'output' =>
  operand.role === 'weight' || operand.role === 'table' ? 'weight' : operand.role === 'output' ? 'output' : 'input';

const working = (m: Memory): number => capacityOf(m) / (m.doubleBuffered ? 2 : 1);

/** Memories that an operand passes on its way from `home` to the units: those that may hold it. */
function pathOf(machine: Machine, operand: Operand, home: number): number[] {
  const role = roleIn(operand);
  const path: number[] = [home];
  machine.memory.forEach((m, i) => {
    if (
      i > home &&
      (m.holds === undefined || m.holds.includes(role) || (operand.role === 'scratch' && m.holds.includes('output')))
    )
      path.push(i);
  });
  return path;
}

/**
 * Whether a scratch value is used element by element as it is made, so that only a tile of it is alive at a time: every
 * step reaches it in its plain order, and none takes it as a factor of a product.
 */
function passesThrough(name: string, steps: readonly PlacedStep[], work: Work): boolean {
  const elements = elementsOf(work.operands[name]!.shape);
  // Each element is met once while the loops of the access run: no window slides over it, nothing is looked up.
  const isPlain = (a: Access, nest: Nest): boolean => {
    if (a.at.some((i) => i.terms.some((t) => !('loop' in t) || 'table' in t))) return false;
    const used = loopsIn(a);
    return nest.loops.reduce((n, l) => (used.has(l.name) ? n * l.size : n), 1) === elements;
  };
  return steps.every(({ step }) => {
    if (step.kind === 'procedure') return !(name in step.reads) && !(name in step.writes);
    const reads = step.reads.filter((r) => r.operand === name);
    if (reads.length > 0 && asContraction(step, work.operands)) return false;
    return [...reads, ...(step.write.operand === name ? [step.write] : [])].every((a) => isPlain(a, step));
  });
}

/** Where a value that lives inside a work is kept: the innermost memory that has room for it. */
function scratchHome(machine: Machine, bytes: number): number {
  for (let i = machine.memory.length - 1; i > 0; i--) {
    const m = machine.memory[i]!;
    if (m.kind !== 'registers' && (m.holds === undefined || m.holds.includes('output')) && bytes <= working(m) / 2)
      return i;
  }
  return 0;
}

interface Flow {
  read: number;
  write: number;
}

/**
 * Bytes read from and written to each memory by one run of a work.
 * @param homes memory index of each operand that is a tensor of the network
 */
export function trafficOf(
  machine: Machine,
  work: Work,
  steps: readonly PlacedStep[],
  homes: ReadonlyMap<string, number>,
): Traffic[] {
  const flows: Flow[] = machine.memory.map(() => ({ read: 0, write: 0 }));
  const total = Object.values(work.operands).reduce((n, o) => n + bytesOf(o), 0);
  const homeOf = (name: string): number => {
    const operand = work.operands[name]!;
    const known = homes.get(name);
    if (known !== undefined) return known;
    const innermost = machine.memory.length - 1;
    return operand.role === 'table' || passesThrough(name, steps, work)
      ? innermost
      : scratchHome(machine, bytesOf(operand));
  };
  const paths = new Map(Object.entries(work.operands).map(([name, o]) => [name, pathOf(machine, o, homeOf(name))]));
  // Seconds that a byte of an operand takes on its way into a memory; nothing when it lives there or further in.
  const costInto = (name: string, inner: number): number => {
    const source = paths.get(name)!.findLast((level) => level < inner);
    return source === undefined ? 0 : 1 / machine.memory[source]!.bandwidth;
  };
  for (const [name, operand] of Object.entries(work.operands)) {
    const uses = steps.flatMap((s) => usesOf(name, s, work, costInto));
    if (uses.length === 0) continue;
    const path = paths.get(name)!;
    const bytes = bytesOf(operand);
    path.forEach((level, k) => {
      const inner = path[k + 1];
      const need =
        inner === undefined ? demandAtUnit(uses) : demandAt(uses, bytes, total, inner, working(machine.memory[inner]!));
      if (need.read > 0) {
        flows[level]!.read += need.read;
        if (inner !== undefined) flows[inner]!.write += need.read;
      }
      if (need.write > 0) {
        flows[level]!.write += need.write;
        if (inner !== undefined) flows[inner]!.read += need.write;
      }
    });
  }
  return flows.map(({ read, write }) => ({ read_bytes: Math.round(read), write_bytes: Math.round(write) }));
}

/** One way in which a step touches an operand. */
interface Use {
  readonly times: number;
  /** Distinct bytes that one run touches. */
  readonly touched: number;
  /** Bytes that the unit asks of its nearest memory in one run. */
  readonly atUnit: number;
  readonly isWrite: boolean;
  /** Bytes of one run that pass into a memory (by index) of which `capacity` bytes are free for them. */
  readonly through: (inner: number, capacity: number) => number;
}

function usesOf(
  name: string,
  placed: PlacedStep,
  work: Work,
  costInto: (name: string, inner: number) => number,
): Use[] {
  const { step, times, placement } = placed;
  const operand = work.operands[name]!;
  const width = operand.format.bits / 8;
  if (step.kind === 'procedure') {
    return (
      [
        ['reads', false],
        ['writes', true],
      ] as const
    ).flatMap(([key, isWrite]) => {
      const touched = (step[key][name] ?? 0) * width;
      return touched > 0
        ? [{ times, touched: Math.min(touched, bytesOf(operand)), atUnit: touched, isWrite, through: () => touched }]
        : [];
    });
  }
  const contraction = asContraction(step, work.operands);
  const touchedBy = (access: Access): number =>
    footprint(step, access, work.operands[access.operand]!) * (work.operands[access.operand]!.format.bits / 8);
  const use = (access: Access, isWrite: boolean, role: 'streamed' | 'stationary' | 'result'): Use => {
    const touched = touchedBy(access);
    if (!contraction) return { times, touched, atUnit: touched, isWrite, through: () => touched };
    const { batch, rows, columns, sums } = contraction;
    const one = (inner: number, capacity: number): number =>
      batch *
      productTraffic(
        {
          streamed: touchedBy(contraction.streamed) / batch,
          stationary: touchedBy(contraction.stationary) / batch,
          result: touchedBy(step.write) / batch,
          rows,
          columns,
          sums,
        },
        capacity,
        {
          streamed: costInto(contraction.streamed.operand, inner),
          stationary: costInto(contraction.stationary.operand, inner),
          result: costInto(step.write.operand, inner),
        },
      )[role];
    return {
      times,
      touched,
      atUnit: placement.demand ? placement.demand[role] * width : touched,
      isWrite,
      through: one,
    };
  };
  const found: Use[] = [];
  step.reads.forEach((access) => {
    if (access.operand === name)
      found.push(use(access, false, contraction?.stationary === access ? 'stationary' : 'streamed'));
  });
  if (step.write.operand === name) found.push(use(step.write, true, 'result'));
  return found;
}

/** What the units ask of the last memory on the way: every use counts. */
function demandAtUnit(uses: readonly Use[]): Flow {
  const sum = (isWrite: boolean): number =>
    uses.reduce((n, u) => (u.isWrite === isWrite ? n + u.atUnit * u.times : n), 0);
  return { read: sum(false), write: sum(true) };
}

/** What passes into a memory of `capacity`: once when it stays there between uses, else once per use. */
function demandAt(uses: readonly Use[], bytes: number, total: number, inner: number, capacity: number): Flow {
  const stays = total <= capacity || bytes <= capacity / 4;
  const flow = (isWrite: boolean): number => {
    const own = uses.filter((u) => u.isWrite === isWrite);
    if (own.length === 0) return 0;
    const touched = Math.min(
      bytes,
      own.reduce((n, u) => n + u.touched * u.times, 0),
    );
    return stays ? touched : own.reduce((n, u) => n + u.through(inner, capacity) * u.times, 0);
  };
  // A result is written out once, however often partial sums came and went inside.
  const write = flow(true);
  return { read: flow(false), write: Math.min(write, Math.max(bytes, 0)) };
}
