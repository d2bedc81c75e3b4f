import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BackendCase } from '../../compiler/simulate/conformance.ts';
import { byText } from '../base/text.ts';

/** False for what is not there, such as the target of a dangling link. */
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isCase = (folder: string): boolean => existsSync(join(folder, 'model.onnx'));

/** The folders of ONNX backend cases at or below a path, in the order of their names. */
export function findCases(path: string, depth = 3): string[] {
  if (!isFolder(path)) return [];
  if (isCase(path)) return [path];
  if (depth === 0) return [];
  return readdirSync(path)
    .sort(byText)
    .flatMap((name) => (isFolder(join(path, name)) ? findCases(join(path, name), depth - 1) : []));
}

/** Reads `model.onnx` and `test_data_set_*` of a folder. */
export function readCase(folder: string): BackendCase {
  const sets = readdirSync(folder)
    .filter((n) => /^test_data_set_[0-9]+$/.test(n))
    .sort(byText);
  const numbered = (set: string, kind: 'input' | 'output'): Map<number, Uint8Array> => {
    const found = new Map<number, Uint8Array>();
    for (const name of readdirSync(join(folder, set))) {
      const match = new RegExp(`^${kind}_([0-9]{1,6})\\.pb$`).exec(name);
      if (match) found.set(Number(match[1]), readFileSync(join(folder, set, name)));
    }
    return new Map([...found].sort(([a], [b]) => a - b));
  };
  return {
    name: basename(folder),
    model: readFileSync(join(folder, 'model.onnx')),
    dataSets: sets.map((set) => ({ inputs: numbered(set, 'input'), outputs: numbered(set, 'output') })),
  };
}
