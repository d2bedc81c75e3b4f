import { fail, isNetloomError, NetloomError, type Diagnostic, type Location } from '../../src/base/diagnostics.ts';
import { f32 } from '../formats/index.ts';
import { isOptional, isVariadic, type OpDef, type OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { isCountable, showShape } from '../tensor/shape.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { absent, type Op, type TensorType, type ValueId } from './types.ts';

/** Results of at most this many elements are worked out while a graph is built, since shapes may depend on them. */
const knownLimit = 65_536;

/** What an op gives, by output position; nothing is said of outputs that are absent. */
export interface Settled {
  readonly types: readonly (TensorType | undefined)[];
  /** Small values that follow from constants and shapes. */
  readonly values: readonly (Tensor | undefined)[];
  /** Why shapes cannot be told before the run. */
  readonly unknowns: readonly Diagnostic[];
}

/**
 * Types of the outputs of an op, and their values where these are small and follow from known operands.
 * @throws NetloomError NL1013 (operand count) and what `infer` throws, each with the place `at`
 */
export function settle(registry: OpRegistry, op: Op, info: (id: ValueId) => OperandInfo, at: Location = {}): Settled {
  const def = registry.of(op);
  checkCounts(def, op, at);
  const infos = op.inputs.map((id) => (id === absent ? undefined : info(id)));
  const context = { wanted: wantedOutputs(def, op), bodies: op.bodies ?? [], registry };
  const unknowns: Diagnostic[] = [];
  const run = (): readonly TensorType[] => def.infer(infos, op.attrs, context);
  const types =
    infos.some((i) => i?.unknown) && !def.bodiesTellTypes ? undefined : tryInfer(at, op, infos, unknowns, run);
  for (const type of types ?? []) checkSize(type, op, at);
  const assumed = infos.some((i) => i?.assumed);
  const settled = op.outputs.map((id, i): TensorType | undefined => {
    if (id === absent) return undefined;
    if (!types) return { format: infos.find((x) => x)?.format ?? f32, shape: [], unknown: true };
    const type = types[i];
    return type && assumed && !type.assumed ? { ...type, assumed: true } : type;
  });
  const values = types && !types.some((t) => t.unknown) ? learn(def, op, infos, types) : [];
  return { types: settled, values, unknowns };
}

/** @throws NetloomError NL1002 for sizes that cannot be counted exactly (ROBUSTNESS.md section 2) */
function checkSize({ shape }: TensorType, op: Op, at: Location): void {
  if (isCountable(shape)) return;
  fail('NL1002', {
    message: `the result of ${op.kind} has more than 2^53 - 1 elements`,
    at,
    cause: `its shape is ${showShape(shape)}`,
    fix: 'correct the sizes in the model, or the shapes given for its inputs',
  });
}

export function wantedOutputs(def: OpDef, op: Pick<Op, 'outputs'>): boolean[] {
  const n = Math.max(op.outputs.length, def.outputs.some(isVariadic) ? 0 : def.outputs.length);
  return Array.from({ length: n }, (_, i) => op.outputs[i] !== undefined && op.outputs[i] !== absent);
}

/** Types of the outputs, or undefined when they depend on values that only a run knows. */
function tryInfer(
  at: Location,
  op: Op,
  infos: readonly (TensorType | undefined)[],
  unknowns: Diagnostic[],
  run: () => readonly TensorType[],
): readonly TensorType[] | undefined {
  try {
    return located(at, op, infos, run);
  } catch (e) {
    if (!isNetloomError(e) || !e.diagnostics.every((d) => d.code === 'NL1107')) throw e;
    unknowns.push(...e.diagnostics);
    return undefined;
  }
}

/** The values of an op whose inputs are all known, when they are small. */
function learn(
  def: OpDef,
  op: Op,
  infos: readonly (OperandInfo | undefined)[],
  types: readonly TensorType[],
): readonly (Tensor | undefined)[] {
  if (def.impure || op.bodies?.length || types.reduce((n, t) => n + sizeOf(t.shape), 0) > knownLimit) return [];
  const fromTypes = def.fromTypes?.(infos, op.attrs);
  if (fromTypes) return [fromTypes];
  if (infos.some((i) => i && !i.value)) return [];
  return def.evaluate(
    infos.map((i) => i?.value),
    op.attrs,
    { wanted: wantedOutputs(def, op), bodies: [], run: () => [] },
  );
}

/** @throws NetloomError NL1013 when an operand is missing or there are too many */
function checkCounts(def: OpDef, op: Op, at: Location): void {
  const check = (what: 'input' | 'output', declared: readonly string[], given: readonly ValueId[]): void => {
    const needed = declared.filter((d) => !isOptional(d) && !isVariadic(d)).length;
    const open = declared.some(isVariadic);
    // Of inputs that take any number none can be left out: which place is whose would not be told.
    const variadic = declared.findIndex(isVariadic);
    const gap = what === 'input' && variadic >= 0 ? given.indexOf(absent, variadic) : -1;
    const first = declared.findIndex((d, i) => !isOptional(d) && !isVariadic(d) && !given[i]);
    const missing = what === 'input' ? Math.max(first, gap) : -1;
    if (missing < 0 && (open || given.length <= declared.length)) return;
    fail('NL1013', {
      message: `${op.kind} has the wrong number of ${what}s`,
      at,
      cause:
        missing >= 0
          ? `${what} ${missing} ("${declared[Math.min(missing, declared.length - 1)]}") is missing`
          : `it has ${given.length}; at most ${declared.length} are allowed, ${needed} are needed`,
      fix: 'correct the node in the model, or export it again',
    });
  };
  check('input', def.operands, op.inputs);
  check('output', def.outputs, op.outputs);
}

/** Runs a shape rule, and gives what it throws the place of the node and the types of its operands. */
function located<T>(at: Location, op: Op, infos: readonly (TensorType | undefined)[], run: () => T): T {
  try {
    return run();
  } catch (e) {
    if (!isNetloomError(e)) throw e;
    const tensors = infos.flatMap((t, i): Location[] =>
      t ? [{ tensor: `"${op.inputs[i]}" ${t.format.name}${showShape(t.shape)}` }] : [],
    );
    throw new NetloomError(
      e.diagnostics.map((d): Diagnostic =>
        d.locations.length > 0 ? d : { ...d, locations: [at, ...tensors.slice(0, 4)] },
      ),
    );
  }
}
