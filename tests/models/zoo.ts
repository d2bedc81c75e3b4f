import { existsSync, readFileSync } from 'node:fs';
import { decodeModel } from '../../compiler/onnx/decode.ts';
import { readDataSet, type DataSet } from '../../src/files/data-set.ts';
import type { Model, Netloom } from '../../src/netloom.ts';

const root = `${process.env.NETLOOM_SHARED ?? '../shared'}/models`;

/** True where the collection of models lies beside the checkout; tests over it are skipped elsewhere. */
export const hasZoo = existsSync(`${root}/README.md`);
export const whyNoZoo = `no collection of models at ${root}`;

/** One row of the collection's table; counts have three digits, as in "1.81 G". */
export interface ZooRow {
  readonly name: string;
  readonly parameters: string;
  readonly macs: string;
}

export const zooRows: readonly ZooRow[] = hasZoo
  ? readFileSync(`${root}/README.md`, 'utf8')
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => cells[1]?.endsWith('/model.onnx'))
      .map((cells) => ({ name: cells[1]!.split('/')[0]!, parameters: cells[9]!, macs: cells[10]! }))
  : [];

export interface ZooModel {
  readonly model: Model;
  readonly data: DataSet;
}

/** A model of the collection, with its open dimensions bound by its test data. */
export function openZooModel(netloom: Netloom, name: string): ZooModel {
  const path = `${root}/${name}/model.onnx`;
  const bytes = readFileSync(path);
  const data = readDataSet(`${root}/${name}/test_data_set_0`);
  const inputs = decodeModel(bytes, path).graph?.input ?? [];
  const shapes = Object.fromEntries(
    inputs.flatMap(({ name: input }, i) => (data.inputs.has(i) ? [[input ?? '', data.inputs.get(i)!.shape]] : [])),
  );
  return { model: netloom.loadModel(bytes, { file: path, name, shapes }), data };
}
