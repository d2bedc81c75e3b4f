import type { AsicMachine, TpuMachine } from '../schema/machine.ts';
import type { Contraction } from '../work/contraction.ts';
import type { OpCounts, OpKind, Operand } from '../work/types.ts';
import type { Placement } from './engine.ts';
import { holds } from './formats.ts';
import { simpleOps } from './scalars.ts';

type WithVector = TpuMachine | AsicMachine;

const takes = (machine: WithVector, format: Operand['format']): boolean =>
  machine.vector.formats === undefined ||
  format.kind === 'bool' ||
  machine.vector.formats.some((f) => holds(f, format));

const does = (machine: WithVector, kinds: readonly OpKind[]): boolean =>
  machine.vector.operations === undefined || kinds.every((k) => machine.vector.operations!.includes(k));

/** Element-wise work on the vector unit; undefined when it has no such operation or format. */
export function vectorScalars(machine: WithVector, counts: OpCounts, format: Operand['format']): Placement | undefined {
  const kinds = (Object.keys(counts) as OpKind[]).filter((k) => (counts[k] ?? 0) > 0 && k !== 'move');
  if (!takes(machine, format) || !does(machine, kinds)) return undefined;
  const work = simpleOps(counts, machine.vector.special);
  const peak = machine.vector.perCycle * machine.clock;
  return { unit: 'vector', format: format.name, work, peak, seconds: work / peak, fill: 0, instructions: 0 };
}

/** A sum of products on the vector unit, if it can: a multiplication and an addition for each. */
export function vectorProduct(
  machine: WithVector,
  c: Contraction,
  operands: Readonly<Record<string, Operand>>,
): Placement[] {
  const format = operands[c.streamed.operand]!.format;
  if (
    !takes(machine, format) ||
    !takes(machine, operands[c.stationary.operand]!.format) ||
    !does(machine, ['mul', 'add'])
  )
    return [];
  const work = c.batch * c.rows * c.columns * c.sums;
  const peak = machine.vector.perCycle * machine.clock;
  return [
    {
      unit: 'vector',
      format: format.name,
      work,
      peak,
      seconds: (2 * work) / peak,
      fill: 0,
      instructions: 0,
      mapping: 'products one by one on the vector unit',
    },
  ];
}
