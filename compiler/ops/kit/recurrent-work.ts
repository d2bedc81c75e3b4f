import { at, call, index, loops, loopValue, macs, nest, read, repeat, value } from '../../../hw-models/work/build.ts';
import type { Access, Operand, Scalar, Step } from '../../../hw-models/work/types.ts';
import type { TensorType } from '../../ir/types.ts';
import type { OperandInfo } from '../define.ts';
import { operandOf } from './elementwise.ts';
import {
  CellAccess,
  isReversed,
  type RecurrentAttrs,
  type RecurrentOperands,
  type RecurrentSizes,
} from './recurrent.ts';

/** Operands of a cell's work: what is given, the results in use, and scratch for the rest. */
export function recurrentOperands(
  o: RecurrentOperands<OperandInfo>,
  s: RecurrentSizes,
  gates: number,
  out: readonly TensorType[],
  wanted: readonly boolean[],
  states: readonly string[],
): Record<string, Operand> {
  const given = Object.entries<OperandInfo | undefined>({ ...o }).flatMap(([name, info]) =>
    info ? [[name, operandOf(info)] as const] : [],
  );
  const { format } = o.x;
  return {
    ...Object.fromEntries(given),
    gates: operandOf({ format, shape: [s.time, s.batch, gates * s.hidden] }, 'scratch'),
    ...Object.fromEntries(
      states.map((name, i) => [name, operandOf(out[i + 1]!, wanted[i + 1] ? 'output' : 'scratch')]),
    ),
    ...(wanted[0] ? { out: operandOf(out[0]!, 'output') } : {}),
  };
}

export interface CellPlan {
  readonly operands: RecurrentOperands<OperandInfo>;
  readonly sizes: RecurrentSizes;
  readonly attrs: RecurrentAttrs;
  readonly gates: number;
  /** Rows whose recurrent bias is added before the steps; the others add it themselves. */
  readonly biasedRows: number;
  readonly wantsAll: boolean;
  /** Names of the state operands: hidden, and for LSTM cell. */
  readonly states: readonly string[];
  readonly step: (cell: CellNests) => readonly Step[];
}

/** Short forms for the nests of one step of one direction. */
export interface CellNests {
  readonly direction: number;
  readonly access: CellAccess;
  /** Loops over batch and hidden units. */
  readonly units: ReturnType<typeof loops>;
  /** The sums of gate `g`. */
  readonly gate: (g: number) => Access;
  /** gates += R * source, for `rows` rows from `first` on. */
  readonly recur: (first: number, rows: number, source: Access) => Step;
  /** Sets a state to a new value, where the sequence still runs. */
  readonly update: (state: string, reads: readonly Access[], compute: Scalar) => Step;
}

/**
 * The steps of a cell: the products with the inputs of all time steps as one matrix product, then per time step the
 * product with the hidden state and what `step` gives.
 */
export function recurrentSteps(plan: CellPlan): Step[] {
  const { sizes, wantsAll, operands } = plan;
  const clear = nest({
    loops: loops({ t: sizes.time, b: sizes.batch, d: sizes.directions, k: sizes.hidden }),
    write: clearAccess(sizes),
    compute: value(0),
  });
  const directions = Array.from({ length: sizes.directions }, (_, d) => directionSteps(plan, d)).flat();
  return wantsAll && operands.sequenceLens ? [clear, ...directions] : directions;
}

const clearAccess = (s: RecurrentSizes): Access =>
  s.batchFirst ? at('out', 'b', 't', 'd', 'k') : at('out', 't', 'd', 'b', 'k');

function directionSteps(plan: CellPlan, d: number): Step[] {
  const { operands: o, sizes: s, gates } = plan;
  const access = new CellAccess(s, d, isReversed(plan.attrs, d), o.sequenceLens !== undefined);
  const all = loops({ t: s.time, b: s.batch, n: gates * s.hidden });
  const write = at('gates', 't', 'b', 'n');
  const steps: Step[] = [];
  if (o.bias) steps.push(...biasSteps(plan, access));
  steps.push(
    macs({
      loops: [...all, ...loops({ i: s.inputs })],
      reads: [access.x, access.row('w', 'n', 0, 'i')],
      write,
      start: o.bias ? 'kept' : 'fresh',
    }),
  );
  const units = loops({ b: s.batch, k: s.hidden });
  const initial: readonly (string | undefined)[] = [o.initialHidden && 'initialHidden', o.initialCell && 'initialCell'];
  plan.states.forEach((state, i) => {
    const from = initial[i];
    steps.push(
      nest({
        loops: units,
        reads: from ? [access.state(from)] : [],
        write: access.state(state),
        compute: from ? read(0) : value(0),
      }),
    );
  });
  const cell = nestsOf(plan, access, d, units);
  const emit = nest({
    loops: units,
    reads: [access.state('hidden'), ...lengthOf(plan)],
    write: access.y,
    compute: running(plan, 1, read(0), value(0)),
  });
  return [...steps, repeat('t', s.time, [...plan.step(cell), ...(plan.wantsAll ? [emit] : [])])];
}

function biasSteps({ sizes: s, gates, biasedRows }: CellPlan, access: CellAccess): Step[] {
  const rows = gates * s.hidden;
  const part = (first: number, count: number, both: boolean): Step[] =>
    count === 0
      ? []
      : [
          nest({
            loops: loops({ t: s.time, b: s.batch, n: count }),
            reads: [access.row('bias', 'n', first), ...(both ? [access.row('bias', 'n', rows + first)] : [])],
            write: at('gates', 't', 'b', ['n', 1, first]),
            compute: both ? call('add', read(0), read(1)) : read(0),
          }),
        ];
  return [...part(0, biasedRows, true), ...part(biasedRows, rows - biasedRows, false)];
}

const lengthOf = ({ operands }: CellPlan): Access[] => (operands.sequenceLens ? [at('sequenceLens', 'b')] : []);

/** `then` while the sequence runs (its length is read `n`), else `otherwise`. */
const running = ({ operands }: CellPlan, n: number, then: Scalar, otherwise: Scalar): Scalar =>
  operands.sequenceLens ? call('select', call('lt', loopValue('t'), read(n)), then, otherwise) : then;

function nestsOf(plan: CellPlan, access: CellAccess, direction: number, units: ReturnType<typeof loops>): CellNests {
  const h = plan.sizes.hidden;
  return {
    direction,
    access,
    units,
    gate: (g) => at('gates', 't', 'b', ['k', 1, g * h]),
    recur: (first, rows, source) =>
      macs({
        loops: loops({ b: plan.sizes.batch, n: rows, j: h }),
        reads: [source, access.row('r', 'n', first, 'j')],
        write: { operand: 'gates', at: [index('t'), index('b'), index(['n', 1, first])] },
        start: 'kept',
      }),
    update: (state, reads, compute) =>
      nest({
        loops: units,
        reads: [...reads, access.state(state), ...lengthOf(plan)],
        write: access.state(state),
        compute: running(plan, reads.length + 1, compute, read(reads.length)),
      }),
  };
}
