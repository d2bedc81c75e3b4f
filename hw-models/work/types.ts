/**
 * Work: what a machine is asked (DESIGN.md section 5). A list of loop nests over operands with explicit
 * accesses and an explicit scalar expression per point. It can be run, and then gives what `evaluate` gives;
 * families count and price the very same description.
 */

/** What of a number format matters to a machine. */
export interface NumberFormat {
  readonly name: string;
  readonly kind: 'float' | 'int' | 'bool' | 'bipolar' | 'ternary' | 'complex' | 'text';
  readonly bits: number;
  readonly signed: boolean;
}

/**
 * input: an activation from elsewhere; weight: constant from the model; output: result;
 * scratch: lives inside this work only; table: constant made by the op itself (twiddles, resize taps).
 */
export type Role = 'input' | 'weight' | 'output' | 'scratch' | 'table';

export interface Operand {
  readonly role: Role;
  readonly format: NumberFormat;
  readonly shape: readonly number[];
  /** Share of elements that are not zero, in (0, 1]; 1 when absent. */
  readonly density?: number;
  /** The elements of a table, row by row. */
  readonly data?: ArrayLike<number>;
}

export interface Loop {
  readonly name: string;
  readonly size: number;
}

/** One summand of an index along one axis. */
export type Term =
  /** `by` times the loop's value */
  | { readonly loop: string; readonly by: number }
  /** the entry of a table at the loop's value (resize, reflected padding) */
  | { readonly loop: string; readonly table: ArrayLike<number> }
  /** `by` times a value read from an operand (gather); `wrap` adds that size when it is negative */
  | { readonly read: string; readonly at: readonly Index[]; readonly by: number; readonly wrap?: number };

/** A position along one axis: offset plus the sum of its terms. */
export interface Index {
  readonly offset: number;
  readonly terms: readonly Term[];
}

export interface Access {
  readonly operand: string;
  /** One index per axis of the operand. */
  readonly at: readonly Index[];
  /**
   * What a position outside the operand means: by default the point is not executed (zero padding of a sum,
   * ignored padding of a maximum); a number is read in its place.
   */
  readonly outside?: number;
}

export type ScalarOp = (typeof scalarOps)[number];

/** The scalar operations that points are made of. Boolean results are 0 and 1. */
export const scalarOps = [
  ...['add', 'sub', 'mul', 'div', 'neg', 'abs', 'min', 'max', 'sign'],
  ...['lt', 'le', 'gt', 'ge', 'eq', 'ne', 'and', 'or', 'xor', 'not', 'select', 'isnan', 'isinf'],
  ...['floor', 'ceil', 'round', 'trunc', 'mod', 'fmod'],
  ...['bitand', 'bitor', 'bitxor', 'bitnot', 'shiftleft', 'shiftright'],
  ...['exp', 'log', 'sqrt', 'pow', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan'],
  ...['sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'erf'],
  // floor(log2 |x|): the exponent field of a float (0 for 0).
  'exponent',
  // The nearest number of a narrower float: where an op says in which precision a step is computed. Costs nothing by itself.
  ...['tof32', 'tof16', 'tobf16'],
] as const;

/** What one point computes, over the values of `reads`. */
export type Scalar =
  | { readonly read: number }
  | { readonly value: number }
  /** the value of a loop variable */
  | { readonly loop: string }
  | { readonly op: ScalarOp; readonly of: readonly Scalar[] };

/** How the points that fall on one output element come together. */
export type Combine = 'set' | 'add' | 'mul' | 'max' | 'min' | 'or' | 'and' | 'xor';

/**
 * A perfect loop nest. The order of `loops` is only the order in which the reference runs them: a machine may
 * reorder and tile all of them, except that a nest which reads its own output is `sequential` in the loops named.
 */
export interface Nest {
  readonly kind: 'nest';
  readonly loops: readonly Loop[];
  readonly reads: readonly Access[];
  readonly write: Access;
  readonly combine: Combine;
  /** 'fresh': elements start from the identity of `combine`; 'kept': from what an earlier step wrote. */
  readonly start: 'fresh' | 'kept';
  readonly compute: Scalar;
  readonly sequential?: readonly string[];
  /** Brings finished sums back to the format they are stored in: arrays do this where results leave them. */
  readonly writeBack?: true;
}

/** Steps that repeat one after another, as time steps of a recurrent cell; the loop's value may index accesses. */
export interface Repeat {
  readonly kind: 'repeat';
  readonly loop: Loop;
  readonly body: readonly Step[];
}

/** What kinds of scalar work a machine distinguishes. */
export const opKinds = ['mac', 'xnor', 'mul', 'add', 'compare', 'logic', 'exp', 'div', 'move'] as const;
export type OpKind = (typeof opKinds)[number];
export type OpCounts = Partial<Record<OpKind, number>>;

/**
 * Work whose accesses depend on the data in a way no loop nest tells (sorting, suppression, search). It states its
 * counts; `why` says how they come about. Ops that use it are listed in the op laws with the reason.
 */
export interface Procedure {
  readonly kind: 'procedure';
  readonly why: string;
  readonly counts: OpCounts;
  readonly reads: Readonly<Record<string, number>>;
  readonly writes: Readonly<Record<string, number>>;
}

export type Step = Nest | Repeat | Procedure;

export interface Work {
  readonly operands: Readonly<Record<string, Operand>>;
  readonly steps: readonly Step[];
}
