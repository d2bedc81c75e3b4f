/** Small models with one fault each, and what importing them says. */
import { isNetloomError, type Diagnostic } from '../../src/base/diagnostics.ts';
import { createNetloom, type LoadOptions, type Model } from '../../src/netloom.ts';
import { floats, io, modelBytes, value, type Message } from '../models/raw-model.ts';

export const netloom = createNetloom();
export const load = (bytes: Uint8Array, options: LoadOptions = {}): Model =>
  netloom.loadModel(bytes, { file: 'm.onnx', ...options });

export function faults(bytes: Uint8Array, options?: LoadOptions): readonly Diagnostic[] {
  try {
    return load(bytes, options).diagnostics;
  } catch (e) {
    if (isNetloomError(e)) return e.diagnostics;
    throw e;
  }
}

export const ints = (name: string, list: readonly number[]): Message => ({ name, type: 7, ints: list });
export const withWeight = (w: Message, model: Message = {}): Uint8Array =>
  modelBytes(
    { ...io, initializer: [w], node: [{ opType: 'Add', name: 'a', input: ['x', 'w'], output: ['y'] }] },
    model,
  );
export const withNode = (
  node: Message,
  initializer: readonly Message[] = [],
  input: readonly Message[] = [value('x', [1, 3])],
): Uint8Array => modelBytes({ input, output: [value('y', [1])], initializer, node: [node] });
export const image = [value('x', [1, 3, 8, 8])];
export const conv = (attribute: readonly Message[], dims = [3, 3, 1, 1]): Uint8Array =>
  withNode(
    { opType: 'Conv', name: 'c', input: ['x', 'w'], output: ['y'], attribute },
    [floats('w', dims, new Array(dims.reduce((a, b) => a * b)).fill(1))],
    image,
  );
export const pool = (attribute: readonly Message[]): Uint8Array =>
  withNode({ opType: 'MaxPool', name: 'p', input: ['x'], output: ['y'], attribute }, [], image);
export const leaky = (attribute: readonly Message[]): Uint8Array =>
  withNode({ opType: 'LeakyRelu', name: 'l', input: ['x'], output: ['y'], attribute });
export const local = {
  opsetImport: [
    { domain: '', version: 17 },
    { domain: 'l', version: 1 },
  ],
};
export const call = (f: Message, node: Message = {}): Uint8Array =>
  modelBytes(
    { ...io, node: [{ opType: 'f', name: 'call', domain: 'l', input: ['x'], output: ['y'], ...node }] },
    { ...local, functions: [{ domain: 'l', name: 'f', input: ['a'], output: ['b'], ...local, ...f }] },
  );
export const branch = (name: string, output: string, node: readonly Message[] = []): Message => ({
  name,
  type: 5,
  g: { name, node, output: [{ name: output }] },
});
export const ifNode = (attribute: readonly Message[]): Message => ({
  opType: 'If',
  name: 'i',
  input: ['c'],
  output: ['y'],
  attribute,
});
export const truth: Message = { name: 'c', dims: [], dataType: 9, int32Data: [1] };
export const quantise = (scale: number): Uint8Array =>
  withNode({ opType: 'QuantizeLinear', name: 'q', input: ['x', 's'], output: ['y'] }, [floats('s', [], [scale])]);
