import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

/** A message as a test writes it down: fields of onnx.proto3 in camelCase, right or wrong. */
export type Message = Readonly<Record<string, unknown>>;

/** The bytes of a model whose graph and other fields are as given; no field is checked. */
export function modelBytes(graph: Message, model: Message = {}): Uint8Array {
  const message = {
    irVersion: 9,
    opsetImport: [{ domain: '', version: 17 }],
    graph: { name: 'g', ...graph },
    ...model,
  };
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject(message)).finish();
}

/** A declared value; a text dimension is a symbolic one, and no dims is an unknown rank. */
export const value = (name: string, dims?: readonly (number | string)[], elemType = 1): Message => ({
  name,
  type: {
    tensorType: {
      elemType,
      ...(dims ? { shape: { dim: dims.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })) } } : {}),
    },
  },
});

export const floats = (name: string, dims: readonly number[], values: readonly number[]): Message => ({
  name,
  dims,
  dataType: 1,
  floatData: values,
});
export const wholes = (name: string, values: readonly number[]): Message => ({
  name,
  dims: [values.length],
  dataType: 7,
  int64Data: values,
});

/** x -> Relu -> y */
export const relu: Message = { opType: 'Relu', name: 'r', input: ['x'], output: ['y'] };
export const io: Message = { input: [value('x', [1, 3])], output: [value('y', [1, 3])] };
