import onnxProto from 'onnx-proto';
import type { onnx as Onnx } from 'onnx-proto';
import { fail } from '../../src/base/diagnostics.ts';
import { scanWire, type NewerField } from './wire.ts';

const { onnx } = onnxProto;

/** Nodes and functions with the fields that came after onnx-proto's generated code. */
export type NodeProto = Onnx.INodeProto & { overload?: string };
export type FunctionProto = Onnx.IFunctionProto & { overload?: string; attributeProto?: Onnx.IAttributeProto[] };
export type GraphProto = Onnx.IGraphProto;
export type ModelProto = Onnx.IModelProto;
export type TensorProto = Onnx.ITensorProto;
export type AttributeProto = Onnx.IAttributeProto;
export type ValueInfoProto = Onnx.IValueInfoProto;
export type SparseTensorProto = Onnx.ISparseTensorProto;
export type TypeProto = Onnx.ITypeProto;

/** protobufjs gives 64-bit integers as Long or number. Exact up to 2^53. */
export const toNumber = (x: number | Long | null | undefined): number =>
  x === null || x === undefined ? 0 : Number(x);

export const toBigInt = (x: number | Long): bigint =>
  typeof x === 'number' ? BigInt(x) : (BigInt(x.high) << 32n) | BigInt(x.low >>> 0);

/**
 * ONNX bytes as messages, with the wire format checked first.
 * @throws NetloomError NL1001 (not protobuf), NL1002 (too deep), NL1003 (no graph, no IR version)
 */
export function decodeModel(bytes: Uint8Array, file: string): ModelProto {
  const newer = scanWire(bytes, file);
  const model = decode(() => onnx.ModelProto.decode(bytes), file);
  for (const f of newer) attach(model, f);
  if (!model.graph || toNumber(model.irVersion) === 0) {
    fail('NL1003', {
      message: `${file} holds no model`,
      at: { file },
      cause:
        bytes.length === 0
          ? 'the file is empty'
          : `it is valid protobuf, but has no ${model.graph ? 'IR version' : 'graph'}`,
      fix: 'give an ONNX model (a file that onnx.save wrote)',
    });
  }
  return model;
}

/** One serialized TensorProto, as in a test data set. */
export function decodeTensorProto(bytes: Uint8Array, file: string): TensorProto {
  scanWire(bytes, file, 'Tensor');
  return decode(() => onnx.TensorProto.decode(bytes), file);
}

function decode<T>(run: () => T, file: string): T {
  try {
    return run();
  } catch (e) {
    return fail('NL1001', {
      message: `${file} is not a readable ONNX file`,
      at: { file },
      cause: e instanceof Error ? e.message : String(e),
      fix: 'export the model again',
    });
  }
}

/** Puts a newer field on the decoded message it belongs to. Fields that netloom does not use are left out. */
function attach(model: ModelProto, newer: NewerField): void {
  if (newer.name !== 'overload' && newer.name !== 'attributeProto') return;
  let owner: unknown = model;
  for (const [field, index] of newer.path) {
    owner = (owner as Record<string, unknown>)[field];
    if (index !== undefined) owner = (owner as unknown[])[index];
    if (owner === undefined || owner === null) return; // a later copy of a single message replaced this one
  }
  if (newer.name === 'overload') (owner as NodeProto).overload = new TextDecoder().decode(newer.bytes);
  else ((owner as FunctionProto).attributeProto ??= []).push(onnx.AttributeProto.decode(newer.bytes));
}
