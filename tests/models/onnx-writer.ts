import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

type AttributeValue = number | string | readonly number[];

const attribute = (name: string, value: AttributeValue): object => {
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value };
  return { name, type: 7, ints: [...value] };
};

const float = 1;
const int64 = 7;

/** Writes small ONNX models for examples, tests and benchmarks: nodes in order, float weights, one opset. */
export class OnnxWriter {
  readonly #name: string;
  readonly #nodes: object[] = [];
  readonly #initializers: object[] = [];
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** A float input; a text dimension is a symbolic one. */
  input(name: string, dims: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, dims));
    return name;
  }

  /** A float output of the graph. */
  output(name: string, dims: readonly (number | string)[]): void {
    this.#outputs.push(valueInfo(name, dims));
  }

  weight(name: string, dims: readonly number[], values: Float32Array): string {
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#initializers.push({ name, dims: [...dims], dataType: float, rawData });
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    const rawData = new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer);
    this.#initializers.push({ name, dims: [values.length], dataType: int64, rawData });
    return name;
  }

  /** Adds a node and gives the name of its (only) output: that of the node with `_out`. */
  node(
    opType: string,
    name: string,
    input: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const output = `${name}_out`;
    const list = Object.entries(attributes).map(([key, value]) => attribute(key, value));
    this.#nodes.push({ opType, name, input: [...input], output: [output], attribute: list });
    return output;
  }

  bytes(opset = 17): Uint8Array {
    const model = onnx.ModelProto.fromObject({
      irVersion: 8,
      producerName: 'netloom',
      opsetImport: [{ domain: '', version: opset }],
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    });
    return onnx.ModelProto.encode(model).finish();
  }
}

const valueInfo = (name: string, dims: readonly (number | string)[]): object => {
  const dim = dims.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d }));
  return { name, type: { tensorType: { elemType: float, shape: { dim } } } };
};
