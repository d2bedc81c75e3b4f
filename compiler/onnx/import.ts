import { fail, Problems, type Diagnostic, type Location } from '../../src/base/diagnostics.ts';
import { GraphBuilder } from '../ir/builder.ts';
import type { Graph, Origin } from '../ir/types.ts';
import type { OpRegistry } from '../ops/registry.ts';
import { decodeModel, toNumber, type ModelProto } from './decode.ts';
import { domainOf, LocalFunctions } from './functions.ts';
import { bindInputs, declaredInput, type ShapeOptions } from './input-shapes.ts';
import type { ImportContext } from './context.ts';
import { importNodes } from './nodes.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { warnOfNonFinite } from './sanity.ts';
import { GraphScope } from './scope.ts';
import { readSparse, readTensor, type ReadExternal } from './tensors.ts';

export interface ImportOptions extends ShapeOptions {
  /** Shown in messages. */
  readonly file?: string;
  readonly readExternal?: ReadExternal;
  /** Values of inputs, by name, where a run is about to use them: shapes may depend on them. */
  readonly values?: ReadonlyMap<string, Tensor>;
  /** The same by the place of the input in the file, as ONNX test data has it; shapes follow from the values. */
  readonly data?: ReadonlyMap<number, Tensor>;
}

/** What a model file says of itself beside its graph. */
export interface ModelInfo {
  readonly name: string;
  readonly irVersion: number;
  /** By domain; '' is the standard one. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  /** ONNX nodes of the main graph. */
  readonly nodes: number;
}

export interface ImportedModel {
  readonly graph: Graph;
  readonly info: ModelInfo;
  /** The values that were given for inputs, by name. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Warnings and notes; errors are thrown. */
  readonly diagnostics: readonly Diagnostic[];
  /** Shapes that only a run knows (NL1107): they stop an estimate, not a simulation. */
  readonly unknowns: readonly Diagnostic[];
}

/** Versions that netloom reads. Opsets above 25 are read for the operators whose meaning did not change. */
export const irVersions = { least: 3, most: 13 } as const;
export const opsetVersions = { least: 1, most: 28 } as const;

/**
 * Reads an ONNX model into a graph: one normal form per op, functions inlined, shapes known.
 * @throws NetloomError with every problem found: NL10xx (invalid), NL11xx (valid, not supported)
 */
export function importModel(bytes: Uint8Array, registry: OpRegistry, options: ImportOptions = {}): ImportedModel {
  const file = options.file ?? 'model';
  const model = decodeModel(bytes, file);
  const opsets = checkVersions(model, file);
  const problems = new Problems();
  const readExternal = options.readExternal ?? refuseExternal;
  const context: ImportContext = {
    registry,
    file,
    problems,
    readExternal,
    functions: new LocalFunctions(model, file),
    count: { nodes: 0 },
    isDeeploy: usesDeeploy(model),
    unknowns: [],
  };

  const proto = model.graph!;
  const builder = new GraphBuilder(registry, proto.name || 'graph');
  const scope = new GraphScope(builder);
  const initializers = new Set<string>();
  const define = (name: string, at: Location, read: () => ReturnType<typeof readTensor>): void => {
    if (initializers.has(name)) {
      problems.error('NL1007', {
        message: `initializer "${name}" stands twice`,
        at,
        cause: 'each value has one producer',
        fix: 'export the model again',
      });
      return;
    }
    initializers.add(name);
    const value = problems.attempt(read);
    const origin: Origin = { node: name, op: 'Initializer' };
    if (!value) return scope.markBroken(name);
    warnOfNonFinite(problems, name, value, { file });
    builder.constant(scope.define(name), value, origin);
  };
  for (const t of proto.initializer ?? [])
    define(t.name ?? '', { file, tensor: `"${t.name ?? ''}"` }, () => readTensor(t, { file }, readExternal));
  for (const t of proto.sparseInitializer ?? [])
    define(t.values?.name ?? '', { file }, () => readSparse(t, { file }, readExternal));

  const free = (proto.input ?? []).filter((i) => !initializers.has(i.name ?? ''));
  const declared = free.flatMap(
    (i) => problems.attempt(() => declaredInput(i, { file, tensor: `"${i.name ?? ''}"` })) ?? [],
  );
  const values = new Map(options.values ?? []);
  for (const [place, tensor] of options.data ?? []) {
    const name = proto.input?.[place]?.name;
    if (name) values.set(name, tensor);
  }
  const shapes = { ...Object.fromEntries([...values].map(([name, t]) => [name, t.shape])), ...options.shapes };
  const types = bindInputs(declared, { ...options, shapes }, file, problems);
  declared.forEach((d, i) => {
    const given = values.get(d.name)?.format;
    if (given && given.name !== d.format.name)
      problems.error('NL1015', {
        message: `the values of input "${d.name}" have another element type than the input`,
        at: { file, tensor: `"${d.name}" ${d.format.name}` },
        cause: `the input is ${d.format.name}, the values are ${given.name}`,
        fix: `give them as ${d.format.name}, for example with x.astype(...) in NumPy`,
      });
    if (scope.isDefined(d.name))
      problems.error('NL1007', {
        message: `input "${d.name}" stands twice`,
        at: { file },
        cause: 'each value has one producer',
        fix: 'export the model again',
      });
    else builder.input(scope.define(d.name), types[i]!, values.get(d.name));
  });
  problems.finish();

  context.functions.checkExpansion(proto.node ?? [], file);
  importNodes(context, scope, proto.node ?? [], opsets, '', 0);
  for (const output of proto.output ?? []) {
    const id = scope.find(output.name ?? '');
    if (id !== undefined) builder.output(id);
    else if (!scope.isBroken(output.name ?? '')) {
      problems.error('NL1006', {
        message: `output "${output.name ?? ''}" is not produced`,
        at: { file },
        cause: 'no node, input or initializer has this name',
        fix: 'export the model again',
      });
    }
  }
  if ((proto.output ?? []).length === 0)
    problems.error('NL1003', {
      message: `${file} has no outputs`,
      at: { file },
      cause: 'a graph without outputs computes nothing',
      fix: 'export the model again',
    });
  const diagnostics = problems.finish();
  return {
    graph: builder.build(),
    values,
    info: {
      name: proto.name || 'graph',
      irVersion: toNumber(model.irVersion),
      opsets: Object.fromEntries(opsets),
      producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
      nodes: proto.node?.length ?? 0,
    },
    diagnostics,
    unknowns: [...context.unknowns, ...builder.unknowns],
  };
}

/** Operators that only the Deeploy dialect has in the standard domain. */
const deeployOperators = new Set([
  'RequantShift',
  'iGELU',
  'iLayerNorm',
  'iRMSNorm',
  'iSoftmax',
  'iHardswish',
  'ITAMax',
  'ITAPartialMax',
  'IntegerMean',
  'IntegerDiv',
  'RMSNorm',
  'RequantizediGELU',
]);

const usesDeeploy = (model: ModelProto): boolean =>
  (model.graph?.node ?? []).some((n) => domainOf(n.domain) === '' && deeployOperators.has(n.opType ?? ''));

const refuseExternal: ReadExternal = (reference, at) =>
  fail('NL1012', {
    message: `the model keeps data in "${reference.location}", which was not given`,
    at,
    cause: 'the model was loaded from bytes alone',
    fix: 'load it by its path, or pass the external files too',
  });

/** @throws NetloomError NL1004 when IR version or opset lie outside what netloom reads; NL1105 for ai.onnx.ml */
function checkVersions(model: ModelProto, file: string): Map<string, number> {
  const ir = toNumber(model.irVersion);
  const problems = new Problems();
  const { least, most } = irVersions;
  if (ir < least || ir > most) {
    problems.error('NL1004', {
      message: `IR version ${ir} is not supported`,
      at: { file },
      cause: `netloom reads IR versions ${least} to ${most}`,
      fix: 'convert the model with onnx.version_converter, or export it with another version',
    });
  }
  const opsets = new Map<string, number>();
  for (const entry of model.opsetImport ?? []) {
    const domain = domainOf(entry.domain);
    const version = toNumber(entry.version);
    opsets.set(domain, Math.max(version, opsets.get(domain) ?? 0));
    if (domain === '' && (version < opsetVersions.least || version > opsetVersions.most)) {
      problems.error('NL1004', {
        message: `opset ${version} is not supported`,
        at: { file },
        cause: `netloom reads opsets ${opsetVersions.least} to ${opsetVersions.most} of the standard domain`,
        fix: 'convert the model with onnx.version_converter, or export it with another opset',
      });
    }
  }
  if (opsets.size === 0)
    problems.error('NL1004', {
      message: `${file} names no opset`,
      at: { file },
      cause: 'without one the meaning of its operators is not defined',
      fix: 'export the model again',
    });
  problems.finish();
  return opsets;
}
