import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import type { Pass } from '../../compiler/ir/rewrite.ts';
import type { OpDef } from '../../compiler/ops/define.ts';
import { exampleTensor } from '../../compiler/ops/example.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { readMachine } from '../../hw-models/schema/read.ts';
import { NewError, planNew, type Change, type Wish } from '../../scripts/new-files.ts';

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
const plan = (wish: Wish): Change[] => planNew(wish, read);
const folder = mkdtempSync(join('node_modules', '.netloom-new-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loads a file of the plan as if it stood in its place: its imports lead to the project's own modules. */
async function load<T>({ path, text }: Change): Promise<T> {
  const placed = text.replace(
    /from '(\.[^']+)'/g,
    (_, target: string) => `from '${pathToFileURL(resolve(dirname(path), target)).href}'`,
  );
  const file = join(folder, path.replace(/\W/g, '-') + '.ts');
  writeFileSync(file, placed);
  const module = (await import(pathToFileURL(file).href)) as Record<string, T>;
  return Object.values(module)[0]!;
}

/** Lines that a registry gains. */
const added = ({ path, text }: Change): string[] => {
  const before = new Set(read(path)!.split('\n'));
  return text.split('\n').filter((line) => !before.has(line));
};

describe('npm run new', () => {
  test('op: a file that holds, and its line', async () => {
    const [file, list] = plan({ kind: 'op', name: 'SoftClipHDR', list: 'linear' }) as [Change, Change];
    expect(file.path).toBe('compiler/ops/soft-clip-hdr.ts');
    expect(added(list)).toEqual(["import { softClipHdr } from '../soft-clip-hdr.ts';", '  softClipHdr,']);
    const op = await load<OpDef>(file);
    new OpRegistry([...builtinOps, op]);
    for (const { x, out } of op.examples as { x: string; out: string }[]) {
      const context = { wanted: [true], bodies: [], run: () => [] };
      expect(op.evaluate([exampleTensor(x)], {}, context)[0]).toEqual(exampleTensor(out));
    }
  });

  test('op: every list can be added to', () => {
    for (const name of readdirSync('compiler/ops/lists')) {
      expect(added(plan({ kind: 'op', name: 'NewOne', list: name.replace(/\.ts$/, '') })[1]!)).toHaveLength(2);
    }
  });

  test('pass: a file, its line, and two golden cases that hold', async () => {
    const [file, pipeline, ...golden] = plan({ kind: 'pass', name: 'turn-around' }) as [Change, Change, ...Change[]];
    expect(added(pipeline)).toEqual(["import { turnAround } from './turn-around.ts';", '  turnAround,']);
    expect(pipeline.text.indexOf('  turnAround,')).toBeLessThan(pipeline.text.indexOf('importPipeline'));
    const pass = await load<Pass>(file);
    const registry = new OpRegistry(builtinOps);
    expect(golden).toHaveLength(2);
    for (const { text } of golden) {
      const [input, wanted] = text.replace(/^# run: .*\n/, '').split('# expect\n');
      expect(printGraph(pass.run(parseGraph(input!, registry, { file: 'x.loom' }), registry))).toBe(wanted);
    }
  });

  test('machine: a copy that is valid', () => {
    const [file] = plan({ kind: 'machine', name: 'MyChip', from: 'zcu104' });
    expect(file!.path).toBe('hw-models/machines/my-chip.json');
    expect(readMachine(file!.text, file!.path).machine.name).toBe('my-chip');
  });

  test('format: a file and its line', async () => {
    const [file, index] = plan({ kind: 'format', name: 'q2' }) as [Change, Change];
    expect(added(index)).toEqual(["import { q2 } from './q2.ts';", '  q2,']);
    expect(await load<object>(file)).toMatchObject({ name: 'q2', bits: 2 });
  });

  test('names that are none, or taken, are refused', () => {
    for (const wish of [
      { kind: 'op', name: '../evil' },
      { kind: 'op', name: 'Relu' },
      { kind: 'op', name: 'New', list: 'nolist' },
      { kind: 'machine', name: 'tpu-v1' },
      { kind: 'machine', name: 'mine', from: 'nothing' },
    ] as const) {
      expect(() => plan(wish)).toThrow(NewError);
    }
  });
});
