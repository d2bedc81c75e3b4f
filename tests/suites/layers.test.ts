import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

/** STYLE.md: imports point one way. A layer may import itself and those before it. */
const layers: readonly (readonly [name: string, holds: (file: string) => boolean])[] = [
  ['src/base', (f) => f.startsWith('src/base/')],
  ['hw-models', (f) => f.startsWith('hw-models/')],
  ['compiler', (f) => f.startsWith('compiler/')],
  ['reports', (f) => f.startsWith('reports/')],
  ['src/index', (f) => /^src\/(index|netloom|schemas|compare)\.ts$/.test(f) || f.startsWith('src/explain/')],
  ['src/files, src/node', (f) => f.startsWith('src/files/') || f === 'src/node.ts'],
  ['src/commands, src/page', (f) => f.startsWith('src/commands/') || f.startsWith('src/page/') || f === 'src/main.ts'],
];

/** The core runs in browsers too: no Node modules below the shell. */
const shell = (f: string): boolean => layerOf(f) >= 5;

const root = process.cwd();
const files = ['src', 'hw-models', 'compiler', 'reports']
  .flatMap((folder) => sources(join(root, folder)))
  .map((f) => relative(root, f));

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return path.endsWith('reports/html/client') ? [] : sources(path);
    return name.endsWith('.ts') && !name.endsWith('.as.ts') ? [path] : [];
  });
}

const layerOf = (file: string): number => layers.findIndex(([, holds]) => holds(file));

interface Import {
  readonly target: string;
  /** Types vanish when the code runs: they may not make a cycle, but they must respect the layers. */
  readonly isType: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found: Import[] = [];
  for (const m of text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm))
    found.push({ target: m[2]!, isType: m[1] !== undefined });
  for (const m of text.matchAll(/\bimport\('([^']+)'\)/g)) found.push({ target: m[1]!, isType: true });
  return found;
}

const resolved = (from: string, target: string): string => normalize(join(dirname(from), target));

test('every source file belongs to a layer', () => {
  expect(files.filter((f) => layerOf(f) < 0)).toEqual([]);
});

test('imports point one way', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((i) => i.target.startsWith('.'))
      .map((i) => resolved(file, i.target))
      .filter((target) => layerOf(target) > layerOf(file))
      .map((target) => `${file} (${layers[layerOf(file)]![0]}) imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('the core imports nothing of Node', () => {
  const wrong = files
    .filter((f) => !shell(f))
    .flatMap((file) =>
      importsOf(file)
        .filter((i) => i.target.startsWith('node:'))
        .map((i) => `${file} imports ${i.target}`),
    );
  expect(wrong).toEqual([]);
});

test('a machine never sees a graph, and an op never sees a machine', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .map((i) => resolved(file, i.target))
      .filter(
        (t) =>
          (file.startsWith('hw-models/') && t.startsWith('compiler/')) ||
          (file.startsWith('compiler/ops/') && /^hw-models\/(?!work\/)/.test(t)),
      )
      .map((t) => `${file} imports ${t}`),
  );
  expect(wrong).toEqual([]);
});

test('no cycles between files', () => {
  const graph = new Map(
    files.map((f) => [
      f,
      importsOf(f)
        .filter((i) => !i.isType && i.target.startsWith('.'))
        .map((i) => resolved(f, i.target)),
    ]),
  );
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});
