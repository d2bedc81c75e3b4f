import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { kinds, NewError, planNew, type Wish } from './new-files.ts';

/**
 * `npm run new -- op SoftClip [--list linear]`, `pass drop-nothing`, `machine my-chip [--from tpu-v1]`, `format i3`: writes
 * the file, its line in the registry, and a first test. `--dry-run` only says what it would write.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'string' }, from: { type: 'string' }, 'dry-run': { type: 'boolean' } },
});
const [kind, name] = positionals;

try {
  if (!kinds.some((k) => k === kind) || name === undefined) {
    throw new NewError(`usage: npm run new -- <${kinds.join('|')}> <name> [--list linear] [--from tpu-v1] [--dry-run]`);
  }
  const { list, from } = values;
  const wish: Wish = { kind: kind as Wish['kind'], name, ...(list ? { list } : {}), ...(from ? { from } : {}) };
  const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  for (const { path, text } of planNew(wish, read)) {
    if (!values['dry-run']) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    console.log(`${values['dry-run'] ? 'would write' : 'wrote'} ${path}`);
  }
  console.log('next: fill in what says TODO, then npm run docs and npm test');
} catch (e) {
  if (!(e instanceof NewError)) throw e;
  console.error(e.message);
  process.exitCode = 2;
}
