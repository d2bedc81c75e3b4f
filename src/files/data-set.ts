import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readTensorFile } from '../../compiler/simulate/conformance.ts';
import type { Tensor } from '../../compiler/tensor/tensor.ts';
import { byText } from '../base/text.ts';
import { fail } from '../base/diagnostics.ts';
import { readBytes } from './read.ts';

/** Tensors of an ONNX test data folder by their number. */
export interface DataSet {
  readonly inputs: ReadonlyMap<number, Tensor>;
  readonly outputs: ReadonlyMap<number, Tensor>;
}

/** Reads `input_K.pb` and `output_K.pb` of a folder. @throws NetloomError NL6001 */
export function readDataSet(folder: string): DataSet {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    fail('NL6001', {
      message: `"${folder}" cannot be read`,
      at: { file: folder },
      cause: 'no folder has this name',
      fix: 'name a test_data_set_* folder with input_0.pb, output_0.pb, ...',
    });
  }
  const read = (kind: string): Map<number, Tensor> => {
    const found: [number, Tensor][] = [];
    for (const name of readdirSync(folder).sort(byText)) {
      const match = new RegExp(`^${kind}_([0-9]{1,6})\\.pb$`).exec(name);
      if (match) found.push([Number(match[1]), readTensorFile(readBytes(join(folder, name)), join(folder, name))]);
    }
    return new Map(found.sort(([a], [b]) => a - b));
  };
  return { inputs: read('input'), outputs: read('output') };
}
