import type { NodeReader } from '../../onnx/node-reader.ts';
import { scalarOf } from '../../tensor/tensor.ts';

/** A number that exporters of integer networks write as a one-element tensor, as a float or as an integer. */
export function numberAttribute(node: NodeReader, name: string): number | undefined {
  const { attributes: a } = node;
  if (!a.has(name)) return undefined;
  return a.type(name) === 'TENSOR' ? scalarOf(a.tensor(name)!) : a.float(name);
}
