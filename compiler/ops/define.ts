import type { Work } from '../../hw-models/work/types.ts';
import type { AttrValue, Attrs, Graph, Op, TensorType, ValueId } from '../ir/types.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import type { AttrSpec, AttrSpecs, AttrsOf } from './attrs.ts';
import type { OpRegistry } from './registry.ts';

/** What `infer` and `work` know of an operand: its type, and its elements when they are constant. */
export interface OperandInfo extends TensorType {
  readonly value?: Tensor | undefined;
}

/** Operand declarations: `x` is needed, `x?` may be absent, `xs...` takes any number and comes last. */
export type Bound<Names extends readonly string[], V> = {
  readonly [K in Names[number] as K extends `${string}?` | `${string}...` ? never : K]: V;
} & {
  readonly [K in Names[number] as K extends `${infer N}?` ? N : never]?: V | undefined;
} & {
  readonly [K in Names[number] as K extends `${infer N}...` ? N : never]: readonly V[];
};

export interface InferContext {
  /** Which outputs the graph uses; the length is the number of declared outputs of this op. */
  readonly wanted: readonly boolean[];
  readonly bodies: readonly Graph[];
  /** The ops of bodies are found here; only ops that look into their bodies need it. */
  readonly registry?: Pick<OpRegistry, 'of'>;
}

export interface EvaluateContext extends InferContext {
  /** Runs one of the bodies. */
  readonly run: (body: Graph, inputs: readonly Tensor[]) => Tensor[];
}

export interface WorkContext extends InferContext {
  /** Types of the outputs, in order. */
  readonly out: readonly TensorType[];
}

/** An ONNX operator that becomes this op. */
export interface OnnxForm {
  readonly type: string;
  /** '' (the standard domain) when absent. Several spellings are several entries. */
  readonly domains?: readonly string[];
  /** First opset of the domain in which the operator exists; 1 when absent. */
  readonly since?: number;
  /** Last opset in which it exists (operators that were withdrawn). */
  readonly until?: number;
  /** ONNX attribute names of any version that `read` handles or that change nothing. */
  readonly attrs?: readonly string[];
  /** Attributes that hold graphs, in the order in which the op keeps them; as in the file when absent. */
  readonly bodies?: readonly string[];
  /**
   * Brings a node of any opset version into the newest form. What it returns replaces the plain reading, in which
   * inputs are operands in order and attributes keep their names in camelCase.
   */
  readonly read?: (node: NodeReader) => ReadNode;
}

/** A worked case: operands and expected outputs as text (see example.ts), attributes as values. */
export interface Example {
  readonly [operand: string]: string | readonly string[] | undefined | Attrs;
  readonly attrs?: Attrs;
}

export interface OpSpec<In extends readonly string[], Specs extends AttrSpecs> {
  readonly doc: string;
  readonly onnx?: OnnxForm | readonly OnnxForm[];
  readonly operands: In;
  /** ['out'] when absent; `?` and `...` as for operands. */
  readonly outputs?: readonly string[];
  readonly attrs?: Specs;
  readonly infer: (
    operands: Bound<In, OperandInfo>,
    attrs: AttrsOf<Specs>,
    context: InferContext,
  ) => TensorType | readonly TensorType[];
  readonly evaluate: (
    values: Bound<In, Tensor>,
    attrs: AttrsOf<Specs>,
    context: EvaluateContext,
  ) => Tensor | readonly Tensor[];
  /** Undefined for ops whose bodies are priced op by op. */
  readonly work: ((operands: Bound<In, OperandInfo>, attrs: AttrsOf<Specs>, context: WorkContext) => Work) | undefined;
  readonly examples: readonly Example[];
  /** Why equal inputs may give different outputs (random ops): such ops are never folded. */
  readonly impure?: string;
  /** The single output where types alone decide it (Shape, Size). */
  readonly fromTypes?: (operands: Bound<In, OperandInfo>, attrs: AttrsOf<Specs>) => Tensor | undefined;
  /** Types of the leading inputs of a body (Loop, Scan); values captured from outside follow them. */
  readonly bodyInputs?: (operands: Bound<In, OperandInfo>, attrs: AttrsOf<Specs>) => readonly TensorType[];
  /** How many leading inputs of a body hold one element, as a scalar or a list of one: the body's declaration tells. */
  readonly bodyScalars?: number;
  /** Types of the leading inputs of a body again, now that it is known what the body makes of them (Loop, Scan). */
  readonly widenBody?: (inputs: readonly TensorType[], body: Graph, attrs: AttrsOf<Specs>) => readonly TensorType[];
  /** True when bodies tell the types of the outputs: an unknown operand then does not make all of them unknown. */
  readonly bodiesTellTypes?: boolean;
  /** True when the output is a view of the first operand (Reshape and its like): no bytes move. */
  readonly isView?: boolean;
}

/** An op with its types erased: what the registry holds. */
export interface OpDef {
  readonly kind: string;
  readonly doc: string;
  readonly onnx: readonly OnnxForm[];
  readonly operands: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs: Readonly<Record<string, AttrSpec<AttrValue>>>;
  readonly examples: readonly Example[];
  readonly impure?: string;
  readonly isPriced: boolean;
  readonly isView: boolean;
  readonly bodyScalars: number;
  readonly bodiesTellTypes: boolean;
  widenBody?(inputs: readonly TensorType[], body: Graph, attrs: Attrs): readonly TensorType[];
  fromTypes?(inputs: readonly (OperandInfo | undefined)[], attrs: Attrs): Tensor | undefined;
  bodyInputs?(inputs: readonly (OperandInfo | undefined)[], attrs: Attrs): readonly TensorType[];
  infer(inputs: readonly (OperandInfo | undefined)[], attrs: Attrs, context: InferContext): readonly TensorType[];
  evaluate(inputs: readonly (Tensor | undefined)[], attrs: Attrs, context: EvaluateContext): readonly Tensor[];
  work(inputs: readonly (OperandInfo | undefined)[], attrs: Attrs, context: WorkContext): Work;
}

export interface TypedOpDef<Specs extends AttrSpecs> extends OpDef {
  is(op: Op): boolean;
  /** The attributes of an op of this kind, with defaults filled in. */
  attrsOf(op: Op): AttrsOf<Specs>;
}

/** `x?` and `xs...` without their marks. */
export const bareName = (declared: string): string => declared.replace(/\?$|\.\.\.$/, '');
export const isOptional = (declared: string): boolean => declared.endsWith('?');
export const isVariadic = (declared: string): boolean => declared.endsWith('...');

function bind<V>(declared: readonly string[], values: readonly (V | undefined)[]): Record<string, V | readonly V[]> {
  const bound: Record<string, V | readonly V[]> = {};
  declared.forEach((name, i) => {
    if (isVariadic(name)) bound[bareName(name)] = values.slice(i).filter((v) => v !== undefined);
    else if (values[i] !== undefined) bound[bareName(name)] = values[i];
  });
  return bound;
}

const asList = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as readonly T[]) : [x as T]);

export function withDefaults<Specs extends AttrSpecs>(specs: Specs, attrs: Attrs): AttrsOf<Specs> {
  const filled: Record<string, AttrValue> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const given = attrs[name] ?? spec.default;
    if (given !== undefined) filled[name] = given;
  }
  return filled as AttrsOf<Specs>;
}

/** Declares an op: the one place that says what it means, what it gives, and what it costs. */
export function defineOp<const In extends readonly string[], Specs extends AttrSpecs = Record<never, never>>(
  kind: string,
  spec: OpSpec<In, Specs>,
): TypedOpDef<Specs> {
  const specs = spec.attrs ?? ({} as Specs);
  const attrsOf = (attrs: Attrs): AttrsOf<Specs> => withDefaults(specs, attrs);
  type In_<V> = Bound<In, V>;
  return {
    kind,
    doc: spec.doc,
    onnx: spec.onnx === undefined ? [] : asList(spec.onnx),
    operands: spec.operands,
    outputs: spec.outputs ?? ['out'],
    attrs: specs,
    examples: spec.examples,
    ...(spec.impure === undefined ? {} : { impure: spec.impure }),
    isPriced: spec.work !== undefined,
    isView: spec.isView ?? false,
    bodyScalars: spec.bodyScalars ?? 0,
    bodiesTellTypes: spec.bodiesTellTypes ?? false,
    ...(spec.widenBody ? { widenBody: (inputs, body, attrs) => spec.widenBody!(inputs, body, attrsOf(attrs)) } : {}),
    ...(spec.fromTypes
      ? {
          fromTypes: (inputs, attrs) =>
            spec.fromTypes!(bind(spec.operands, inputs) as In_<OperandInfo>, attrsOf(attrs)),
        }
      : {}),
    ...(spec.bodyInputs
      ? {
          bodyInputs: (inputs, attrs) =>
            spec.bodyInputs!(bind(spec.operands, inputs) as In_<OperandInfo>, attrsOf(attrs)),
        }
      : {}),
    infer: (inputs, attrs, context) =>
      asList(spec.infer(bind(spec.operands, inputs) as In_<OperandInfo>, attrsOf(attrs), context)),
    evaluate: (inputs, attrs, context) =>
      asList(spec.evaluate(bind(spec.operands, inputs) as In_<Tensor>, attrsOf(attrs), context)),
    work: (inputs, attrs, context) => {
      if (!spec.work) return { operands: {}, steps: [] };
      return spec.work(bind(spec.operands, inputs) as In_<OperandInfo>, attrsOf(attrs), context);
    },
    is: (op) => op.kind === kind,
    attrsOf: (op) => attrsOf(op.attrs),
  };
}

/** Names that a work gives to the operands of an op: `xs...` becomes xs0, xs1, ... */
export function operandNames(declared: readonly string[], ids: readonly ValueId[]): Map<string, ValueId> {
  const names = new Map<string, ValueId>();
  declared.forEach((name, i) => {
    if (isVariadic(name)) ids.slice(i).forEach((id, k) => id && names.set(`${bareName(name)}${k}`, id));
    else if (ids[i]) names.set(bareName(name), ids[i]);
  });
  return names;
}
