import type { Format } from '../formats/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

export type ValueId = string & { readonly __brand: 'ValueId' };
export const valueId = (name: string): ValueId => name as ValueId;

/** Stands in `inputs` or `outputs` for an optional operand that is not there. Prints as `_`. */
export const absent: ValueId = valueId('');

export type AttrValue = number | string | boolean | readonly number[] | readonly string[];
export type Attrs = Readonly<Record<string, AttrValue>>;

export interface TensorType {
  readonly format: Format;
  readonly shape: readonly number[];
  /** True when the shape rests on an assumption about data (the size of NonZero's result): never folded into constants. */
  readonly assumed?: true;
  /** True when the shape cannot be told before the run; `shape` is then empty and means nothing. */
  readonly unknown?: true;
}

/** The ONNX node behind an op. */
export interface Origin {
  readonly node: string;
  readonly op: string;
}

export interface Op {
  /** A key of the op registry: 'conv', 'threshold', ... */
  readonly kind: string;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly attrs: Attrs;
  /** Never empty: every number in a report leads home. */
  readonly origins: readonly Origin[];
  /** Graphs that the op runs (If, Loop, Scan, fused). They are closed: all they use are their own inputs. */
  readonly bodies?: readonly Graph[];
}

export interface Removed {
  readonly origin: Origin;
  readonly by: string;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly types: ReadonlyMap<ValueId, TensorType>;
  /** The elements of `const` ops. A constant read from a .loom file by its hash alone has none. */
  readonly consts: ReadonlyMap<ValueId, Tensor>;
  /** In an order that could run: definitions before uses. */
  readonly ops: readonly Op[];
  readonly removed: readonly Removed[];
}

export const emptyGraph = (name: string): Graph => ({
  name,
  inputs: [],
  outputs: [],
  types: new Map(),
  consts: new Map(),
  ops: [],
  removed: [],
});

export const isConst = (op: Op): boolean => op.kind === 'const';
