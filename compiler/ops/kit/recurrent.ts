import { index } from '../../../hw-models/work/build.ts';
import type { Access, Index } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import type { TensorType } from '../../ir/types.ts';
import type { NodeReader, ReadNode } from '../../onnx/node-reader.ts';
import { showShape } from '../../tensor/shape.ts';
import { choice, flag, floats, optionalFloat, strings } from '../attrs.ts';
import { activationsOf, type Activation } from './activations.ts';

/** Attributes that RNN, GRU and LSTM share. */
export const recurrentAttrs = {
  direction: choice('order in which the steps are taken', ['forward', 'reverse', 'bidirectional'], 'forward'),
  activations: strings('names of the functions, direction by direction; the usual ones when empty', []),
  activationAlpha: floats('parameters of the functions that take one', []),
  activationBeta: floats('second parameters of the functions that take two', []),
  clip: optionalFloat('sums of gates are kept in [-clip, clip] before a function is applied'),
  batchFirst: flag('batch is the first axis of x, states and results (layout 1)', false),
};

export interface RecurrentAttrs {
  readonly direction: string;
  readonly activations: readonly string[];
  readonly activationAlpha: readonly number[];
  readonly activationBeta: readonly number[];
  readonly clip?: number;
  readonly batchFirst: boolean;
}

export const recurrentAttrNames = [
  'direction',
  'activations',
  'activation_alpha',
  'activation_beta',
  'clip',
  'hidden_size',
  'layout',
];

/** The shared attributes of an ONNX node; `hidden_size` follows from the weights and is only held against them. */
export function readRecurrent(node: NodeReader): ReadNode & { attrs: NonNullable<ReadNode['attrs']> } {
  const { attributes: a } = node;
  const hidden = a.int('hidden_size');
  const recurrence = node.inputs[2] === undefined ? undefined : node.info(node.inputs[2]);
  if (hidden !== undefined && recurrence && !recurrence.unknown && recurrence.shape[2] !== hidden) {
    fail('NL1014', {
      message: 'hidden_size does not fit the weights',
      cause: `hidden_size is ${hidden}, R has shape ${showShape(recurrence.shape)}`,
      fix: 'correct the model',
    });
  }
  const clip = a.float('clip');
  return {
    attrs: {
      direction: a.string('direction') ?? 'forward',
      activations: a.strings('activations') ?? [],
      activationAlpha: a.floats('activation_alpha') ?? [],
      activationBeta: a.floats('activation_beta') ?? [],
      ...(clip === undefined ? {} : { clip }),
      batchFirst: (a.int('layout') ?? 0) !== 0,
    },
  };
}

export interface RecurrentSizes {
  readonly time: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly directions: number;
  readonly batchFirst: boolean;
}

export interface RecurrentOperands<T extends TensorType> {
  readonly x: T;
  readonly w: T;
  readonly r: T;
  readonly bias?: T | undefined;
  readonly sequenceLens?: T | undefined;
  readonly initialHidden?: T | undefined;
  readonly initialCell?: T | undefined;
  readonly peepholes?: T | undefined;
}

/**
 * Sizes of a cell with `gates` gates.
 * @throws NetloomError NL1014 when operands do not fit together
 */
export function recurrentSizes(
  o: RecurrentOperands<TensorType>,
  { direction, batchFirst }: RecurrentAttrs,
  gates: number,
): RecurrentSizes {
  const wrong = (cause: string): never =>
    fail('NL1014', {
      message: 'the operands of a recurrent cell do not fit',
      cause,
      fix: 'correct the model, or give the right input shape with --shape',
    });
  if (o.x.shape.length !== 3) wrong(`x has ${o.x.shape.length} axes; it needs time, batch and inputs`);
  const [time, batch] = batchFirst ? [o.x.shape[1]!, o.x.shape[0]!] : [o.x.shape[0]!, o.x.shape[1]!];
  const directions = direction === 'bidirectional' ? 2 : 1;
  const s: RecurrentSizes = { time, batch, inputs: o.x.shape[2]!, hidden: o.r.shape[2] ?? 0, directions, batchFirst };
  const state = batchFirst ? [batch, directions, s.hidden] : [directions, batch, s.hidden];
  const expected: [keyof typeof o, readonly number[]][] = [
    ['w', [directions, gates * s.hidden, s.inputs]],
    ['r', [directions, gates * s.hidden, s.hidden]],
    ['bias', [directions, 2 * gates * s.hidden]],
    ['sequenceLens', [batch]],
    ['initialHidden', state],
    ['initialCell', state],
    ['peepholes', [directions, 3 * s.hidden]],
  ];
  for (const [name, shape] of expected) {
    const own = o[name]?.shape;
    if (own && (own.length !== shape.length || own.some((d, i) => d !== shape[i])))
      wrong(`${name} has shape ${showShape(own)}, ${showShape(shape)} is needed`);
  }
  return s;
}

/** Types of all hidden states [time, directions, batch, hidden] and of a final one [directions, batch, hidden]. */
export function recurrentTypes(x: TensorType, s: RecurrentSizes): { all: TensorType; last: TensorType } {
  const { time, batch, hidden, directions } = s;
  return {
    all: {
      format: x.format,
      shape: s.batchFirst ? [batch, time, directions, hidden] : [time, directions, batch, hidden],
    },
    last: { format: x.format, shape: s.batchFirst ? [batch, directions, hidden] : [directions, batch, hidden] },
  };
}

/**
 * The functions of each direction, with `usual` where none are named. The clip limits the sums of gates; the third
 * function (LSTM's of the cell state) sees its input as it is, as in ONNX Runtime and OpenVINO.
 */
export function cellActivations(
  attrs: RecurrentAttrs,
  directions: number,
  each: number,
  usual: readonly string[],
): Activation[][] {
  const names =
    attrs.activations.length > 0 ? attrs.activations : Array.from({ length: directions }, () => usual).flat();
  const all = activationsOf(
    {
      activations: names,
      alphas: attrs.activationAlpha,
      betas: attrs.activationBeta,
      clip: attrs.clip,
      each,
      clipped: 2,
    },
    each * directions,
  );
  return Array.from({ length: directions }, (_, d) => all.slice(d * each, (d + 1) * each));
}

export const isReversed = (attrs: RecurrentAttrs, direction: number): boolean =>
  attrs.direction === 'reverse' || direction === 1;

/** Accesses of a cell in one direction, in loops `t`, `b` and `k` (a hidden unit) or `i` (an input). */
export class CellAccess {
  readonly #s: RecurrentSizes;
  readonly #direction: number;
  readonly #time: Index;

  constructor(s: RecurrentSizes, direction: number, reversed: boolean, hasLengths: boolean) {
    this.#s = s;
    this.#direction = direction;
    // Backwards, a short sequence starts at its own last element; steps past its start fall outside and do not happen.
    this.#time = !reversed
      ? index('t')
      : hasLengths
        ? {
            offset: -1,
            terms: [
              { read: 'sequenceLens', at: [index('b')], by: 1 },
              { loop: 't', by: -1 },
            ],
          }
        : index(['t', -1, s.time - 1]);
  }

  /** x at this step. */
  get x(): Access {
    return {
      operand: 'x',
      at: this.#s.batchFirst ? [index('b'), this.#time, index('i')] : [this.#time, index('b'), index('i')],
    };
  }

  /** The result of this step. */
  get y(): Access {
    const d = index(this.#direction);
    return {
      operand: 'out',
      at: this.#s.batchFirst ? [index('b'), this.#time, d, index('k')] : [this.#time, d, index('b'), index('k')],
    };
  }

  /** A state: the initial one, the running one or the last one. */
  state(operand: string, unit = 'k'): Access {
    const d = index(this.#direction);
    return { operand, at: this.#s.batchFirst ? [index('b'), d, index(unit)] : [d, index('b'), index(unit)] };
  }

  /** Row `loop` of a weight, from `offset` on. */
  row(operand: string, loop: string, offset: number, column?: string): Access {
    return {
      operand,
      at: [index(this.#direction), index([loop, 1, offset]), ...(column === undefined ? [] : [index(column)])],
    };
  }
}
