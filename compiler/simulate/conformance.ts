import { isNetloomError, type Diagnostic } from '../../src/base/diagnostics.ts';
import { codePages } from '../../src/base/codes/index.ts';
import { decodeModel, decodeTensorProto } from '../onnx/decode.ts';
import { importModel } from '../onnx/import.ts';
import { readTensor, type ReadExternal } from '../onnx/tensors.ts';
import type { OpRegistry } from '../ops/registry.ts';
import type { TensorType } from '../ir/types.ts';
import { fromNumbers, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { fastFloatKernels } from './fast/index.ts';
import { compareTensors } from './compare-tensors.ts';
import { runGraph, type FastKernels } from './run-graph.ts';

/** One ONNX backend case: a model, and serialized tensors by their number in the data set. */
export interface BackendCase {
  readonly name: string;
  readonly model: Uint8Array;
  readonly dataSets: readonly {
    readonly inputs: ReadonlyMap<number, Uint8Array>;
    readonly outputs: ReadonlyMap<number, Uint8Array>;
  }[];
  readonly readExternal?: ReadExternal;
}

export interface CaseResult {
  readonly name: string;
  /** ONNX operators of the main graph. */
  readonly ops: readonly string[];
  readonly status: 'passed' | 'failed' | 'unsupported';
  readonly reason?: string;
}

const noExternal: ReadExternal = () => {
  throw new Error('test data has no external data');
};

export const readTensorFile = (bytes: Uint8Array, file: string): Tensor =>
  readTensor(decodeTensorProto(bytes, file), { file }, noExternal);

/** Runs a case through the reference (or `kernels`), and holds the outputs to those of the case. */
export function runCase(test: BackendCase, registry: OpRegistry, kernels?: FastKernels): CaseResult {
  let ops: string[] = [];
  const result = (status: CaseResult['status'], reason?: string): CaseResult => ({
    name: test.name,
    ops,
    status,
    ...(reason ? { reason } : {}),
  });
  try {
    const proto = decodeModel(test.model, test.name);
    ops = [...new Set((proto.graph?.node ?? []).map((n) => n.opType ?? '?'))];
    const inputNames = (proto.graph?.input ?? []).map((i) => i.name ?? '');
    for (const data of test.dataSets) {
      const values = new Map(
        [...data.inputs].map(([k, bytes]) => [
          inputNames[k] ?? `#${k}`,
          readTensorFile(bytes, `${test.name} input ${k}`),
        ]),
      );
      const shapes = Object.fromEntries([...values].map(([name, t]) => [name, t.shape]));
      const { graph } = importModel(test.model, registry, {
        file: test.name,
        shapes,
        values,
        ...(test.readExternal ? { readExternal: test.readExternal } : {}),
      });
      // ONNX's light models come without inputs: their outputs are those for ones. They are whole networks, so the fast kernels may help.
      const isLight = data.inputs.size === 0 && graph.inputs.length > 0;
      const inputs = graph.inputs.map((id) => values.get(id) ?? (isLight ? onesOf(graph.types.get(id)!) : undefined));
      if (inputs.some((t) => !t))
        return result('unsupported', `no data for input "${graph.inputs[inputs.indexOf(undefined)] ?? ''}"`);
      const outputs = runGraph(
        graph,
        registry,
        inputs as Tensor[],
        kernels ? { kernels } : isLight ? { kernels: fastFloatKernels } : {},
      );
      for (const [k, bytes] of data.outputs) {
        const wanted = readTensorFile(bytes, `${test.name} output ${k}`);
        const got = outputs[k];
        const c = got && compareTensors(got, wanted);
        if (!c?.ok)
          return result(
            'failed',
            `output ${k}: ${c?.reason ?? `${c?.mismatched ?? 'all'} of ${wanted.data.length} elements differ, by at most ${c?.maxAbsError ?? '?'}`}`,
          );
      }
    }
    return result('passed');
  } catch (e) {
    if (!isNetloomError(e)) return result('failed', e instanceof Error ? (e.stack ?? e.message) : String(e));
    const first = e.diagnostics.find((d) => d.level === 'error')!;
    return result(codePages[first.code].exit === 4 ? 'unsupported' : 'failed', reasonOf(first));
  }
}

const onesOf = ({ format, shape }: TensorType): Tensor =>
  fromNumbers(format, shape, new Array<number>(sizeOf(shape)).fill(1));

const reasonOf = (d: Diagnostic): string => `${d.code}: ${d.message}${d.cause ? ` (${d.cause})` : ''}`;
