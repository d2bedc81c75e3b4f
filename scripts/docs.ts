import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reference } from './reference/index.ts';

/** `npm run docs` writes docs/reference from the registries, and the sample report; with `--check` it only says what is stale, and fails. */
const pages = await reference();
const folder = 'docs/reference';
const there = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name))
  : [];
const extra = there.filter((path) => !pages.has(path));
const stale = [...pages].filter(([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text);

if (process.argv.includes('--check')) {
  for (const path of [...extra, ...stale.map(([path]) => path)].sort()) console.error(`stale: ${path}`);
  if (extra.length + stale.length > 0) {
    console.error('npm run docs makes them anew');
    process.exitCode = 1;
  }
} else {
  for (const path of extra) rmSync(path);
  for (const [path, text] of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  console.log(`${stale.length} of ${pages.size} pages written, ${extra.length} removed`);
}
