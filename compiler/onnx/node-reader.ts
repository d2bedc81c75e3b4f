import type { Attrs, Graph, TensorType, ValueId } from '../ir/types.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { AttributeReader } from './attributes.ts';

/** What `read` of an OnnxForm answers. Whatever is left out is read plainly. */
export interface ReadNode {
  /** Another op than the one that declares the form. */
  readonly kind?: string;
  readonly inputs?: readonly ValueId[];
  readonly attrs?: Attrs;
  readonly bodies?: readonly Graph[];
}

/** One ONNX node as an op file sees it while bringing it into the newest form. */
export interface NodeReader {
  /** The operator's name in the file. */
  readonly type: string;
  /** The opset version of the node's domain. */
  readonly version: number;
  /**
   * True in models of the Deeploy integer dialect, which put operators of their own (RequantShift, iGELU, RMSNorm, ...) into
   * the standard domain and write some standard operators without the attributes that their opset would need.
   */
  readonly isDeeploy: boolean;
  /** Absent optional inputs are `absent`; trailing ones may be missing. */
  readonly inputs: readonly ValueId[];
  readonly outputCount: number;
  readonly attributes: AttributeReader;
  /** Type, and elements when they are known, of an input. */
  info(id: ValueId): TensorType & { readonly value?: Tensor | undefined };
  /** A new constant for the graph, such as an attribute that has become an operand. */
  constant(value: Tensor, hint: string): ValueId;
  /** A constant list of whole numbers (64-bit). */
  wholes(values: readonly number[], hint: string): ValueId;
  /** A helper op before this one, with the same origin; answers its single output. */
  emit(kind: string, inputs: readonly ValueId[], attrs?: Attrs): ValueId;
  /** The same for a helper op with `count` outputs. */
  emitAll(kind: string, inputs: readonly ValueId[], count: number, attrs?: Attrs): readonly ValueId[];
}
