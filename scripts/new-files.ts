/** What `npm run new` would write: new files, and lines in registries. Pure, so that a test can look at it. */

export interface Change {
  readonly path: string;
  readonly text: string;
}

/** Reads a file of the project; undefined when there is none. */
export type Read = (path: string) => string | undefined;

export interface Wish {
  readonly kind: 'op' | 'pass' | 'machine' | 'format';
  /** As the user spells it: SoftClip, soft-clip, i3. */
  readonly name: string;
  /** List under compiler/ops/lists for an op. */
  readonly list?: string;
  /** Preset that a machine begins from. */
  readonly from?: string;
}

/** What the user asked for cannot be made; the message says why. */
export class NewError extends Error {}

export const kinds: readonly Wish['kind'][] = ['op', 'pass', 'machine', 'format'];

/** @throws NewError when the name is none, is taken, or a file to add to is not as expected */
export function planNew(wish: Wish, read: Read): Change[] {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,60}$/.test(wish.name)) {
    throw new NewError(`"${wish.name}" is no name: letters, digits and dashes, a letter first`);
  }
  const changes = { op: newOp, pass: newPass, machine: newMachine, format: newFormat }[wish.kind](wish, read);
  const [first] = changes;
  if (read(first!.path) !== undefined) throw new NewError(`${first!.path} exists already`);
  return changes;
}

/** SoftClip and soft_clip become soft-clip; LSTM stays one word. */
const dashed = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
const camel = (name: string): string => dashed(name).replace(/-([a-z0-9])/g, (_, c: string) => c.toUpperCase());
const pascal = (name: string): string => camel(name).replace(/^./, (c) => c.toUpperCase());

/** Adds an import behind the last one, and an entry at the end of the list that `opening` begins. */
function register(path: string, read: Read, importLine: string, opening: string, entry: string): Change {
  const text = read(path);
  if (text === undefined) throw new NewError(`there is no ${path}`);
  const imports = [...text.matchAll(/^import .*;$/gm)];
  const last = imports.at(-1);
  if (!last) throw new NewError(`${path} has no imports to add to`);
  const behind = last.index + last[0].length;
  const withImport = `${text.slice(0, behind)}\n${importLine}${text.slice(behind)}`;
  const start = withImport.indexOf(opening);
  const end = withImport.indexOf('];', start);
  if (start < 0 || end < 0) throw new NewError(`${path} has no list "${opening}"`);
  const before = withImport.slice(0, end);
  const joined = before.endsWith('\n') ? `${before}  ${entry},\n` : `${before}, ${entry}`;
  return { path, text: `${joined}${withImport.slice(end)}` };
}

function newOp({ name, list = 'arithmetic' }: Wish, read: Read): Change[] {
  const [kind, id] = [dashed(name), camel(name)];
  const text = `import { unaryOp } from './kit/elementwise.ts';

/** TODO: what it means, with its source. */
export const ${id} = unaryOp('${kind}', {
  doc: 'TODO: what it computes, element by element.',
  // TODO: opsets (since, until), and the names of its attributes in every version of the operator.
  onnx: { type: '${pascal(name)}' },
  evaluate: (x) => x,
  big: (x) => x,
  point: (x) => x,
  examples: [
    { x: 'f32[3] -1 0 2.5', out: 'f32[3] -1 0 2.5' },
    { x: 'f32[0,2]', out: 'f32[0,2]' },
  ],
});
`;
  const registry = `compiler/ops/lists/${list}.ts`;
  return [
    { path: `compiler/ops/${kind}.ts`, text },
    register(registry, read, `import { ${id} } from '../${kind}.ts';`, `export const ${list}:`, id),
  ];
}

function newPass({ name }: Wish, read: Read): Change[] {
  const [verb, id] = [dashed(name), camel(name)];
  const text = `import { rulePass } from '../ir/rewrite.ts';

/** TODO: why it is worth doing. */
export const ${id} = rulePass({
  name: '${verb}',
  doc: 'TODO: what becomes what.',
  rule(op) {
    if (op.kind !== 'identity') return undefined;
    return undefined; // TODO: alias(...) or replace(...)
  },
});
`;
  const golden = (graph: string): string => `# run: opt --pass ${verb}\n${graph}# expect\n${graph}`;
  const folder = `tests/golden/passes/${verb}`;
  return [
    { path: `compiler/passes/${verb}.ts`, text },
    register(
      'compiler/passes/pipeline.ts',
      read,
      `import { ${id} } from './${verb}.ts';`,
      'export const builtinPasses:',
      id,
    ),
    {
      path: `${folder}/changes.loom`,
      text: golden('graph g(%x: f32[2]) {\n  %y: f32[2] = relu(%x) from /y (Relu)\n  return %y\n}\n'),
    },
    {
      path: `${folder}/leaves-alone.loom`,
      text: golden('graph g(%x: f32[2]) {\n  %y: f32[2] = add(%x, %x) from /y (Add)\n  return %y\n}\n'),
    },
  ];
}

function newMachine({ name, from = 'tpu-v1' }: Wish, read: Read): Change[] {
  const preset = read(`hw-models/machines/${from}.json`);
  if (preset === undefined) throw new NewError(`there is no machine "${from}" to begin from`);
  const id = dashed(name);
  const text = preset
    .replace(/("name":\s*)"[^"]*"/, `$1${JSON.stringify(id)}`)
    .replace(/("title":\s*)"[^"]*"/, `$1${JSON.stringify(`TODO (a copy of ${from})`)}`);
  return [{ path: `hw-models/machines/${id}.json`, text }];
}

function newFormat({ name }: Wish, read: Read): Change[] {
  const id = camel(name);
  const text = `import type { Format } from './format.ts';

/** TODO: what it is, with its source. Whole numbers from -2 to 1 until then. */
export const ${id}: Format = {
  name: '${dashed(name)}',
  kind: 'int',
  bits: 2,
  signed: true,
  storage: 'i8',
  min: -2,
  max: 1,
  round: (x) => Math.max(-2, Math.min(1, Math.round(x))),
  cast: (x) => (Math.trunc(x) << 30) >> 30,
};
`;
  return [
    { path: `compiler/formats/${dashed(name)}.ts`, text },
    register(
      'compiler/formats/index.ts',
      read,
      `import { ${id} } from './${dashed(name)}.ts';`,
      'export const formats:',
      id,
    ),
  ];
}
