/** The core plus files: what `import 'netloom'` gives on Node. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMachine, type Overrides } from '../hw-models/schema/read.ts';
import { externalReader } from './files/external-data.ts';
import { readBytes, sha256 } from './files/read.ts';
import {
  createNetloom,
  presetNames,
  presetText,
  withHost,
  type EstimateSettings,
  type LoadOptions,
  type Lowered,
  type LowerOptions,
  type Model,
} from './netloom.ts';
import type { Hardware } from '../compiler/run/estimate.ts';
import type { Run } from '../compiler/run/schema.ts';
import type { Tensor } from '../compiler/tensor/tensor.ts';

export * from './index.ts';

/** Over the built-in ops, families and passes; `createNetloom` makes others. */
const builtin = createNetloom();

const pathOf = (source: string | URL): string => (source instanceof URL ? fileURLToPath(source) : source);

/**
 * Reads an ONNX model from a path, a file URL or bytes. External data is read from the model's own folder only.
 * @throws NetloomError with every problem found
 */
export async function loadModel(source: string | URL | Uint8Array, options: LoadOptions = {}): Promise<Model> {
  if (source instanceof Uint8Array) return builtin.loadModel(source, options);
  const path = pathOf(source);
  const bytes = readBytes(path);
  return Promise.resolve(
    builtin.loadModel(bytes, {
      file: path,
      name: basename(path),
      sha256: sha256(bytes),
      readExternal: externalReader(path),
      ...options,
    }),
  );
}

/**
 * A preset by name, or a machine file by path, with fields replaced by JSON Pointer if asked.
 * @throws NetloomError NL2101 to NL2109, NL6001
 */
export async function loadHardware(
  nameOrPath: string | URL,
  options: { readonly override?: Overrides } = {},
): Promise<Hardware> {
  const name = pathOf(nameOrPath);
  const isPreset = presetNames.includes(name) || !(name.endsWith('.json') || existsSync(name));
  const bytes = isPreset ? new TextEncoder().encode(presetText(name)) : readBytes(name, 2 ** 20);
  return Promise.resolve(
    withHost(readMachine(bytes, isPreset ? `${name}.json` : name, options.override), sha256(bytes)),
  );
}

/** Runs the passes. @throws NetloomError NL3101 */
export const lower = (model: Model, options?: LowerOptions): Lowered => builtin.lower(model, options);

/** Prices a lowered model on a machine. Pure and synchronous. @throws NetloomError NL1104, NL1107 */
export const estimate = (lowered: Lowered, hardware: Hardware, options?: EstimateSettings): Run =>
  builtin.estimate(lowered, hardware, options);

/** Runs a model in float on values for its inputs, in order. */
export const simulate = (
  model: Model | Lowered,
  inputs: readonly Tensor[],
  options: { readonly reference?: boolean } = {},
): Tensor[] => builtin.simulate(model, inputs, options);
