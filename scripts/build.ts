import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * `npm run generate` makes the *.gen.ts modules; `npm run build` also compiles everything to dist/, with the schemas.
 * `prepare` builds only when a source is newer than the last build: npx prepares a folder once more on its first run.
 */
const stamp = 'dist/schemas';
if (!process.argv.includes('--if-stale') || isStale()) await build();

async function build(): Promise<void> {
  await import('./generate.ts');
  if (process.argv.includes('--generate-only')) return;
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  chmodSync('dist/src/main.js', 0o755);
  const { schemas } = (await import(pathToFileURL('dist/src/schemas.js').href)) as { schemas: Record<string, object> };
  mkdirSync('dist/schemas');
  for (const [name, schema] of Object.entries(schemas)) {
    writeFileSync(`dist/schemas/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);
  }
}

/** The schemas are written last: their folder tells when the last build ended. */
function isStale(): boolean {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  const sources = ['src', 'hw-models', 'compiler', 'reports', 'scripts'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  return [...sources, 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].some(
    (path) => !path.endsWith('.gen.ts') && statSync(path).isFile() && statSync(path).mtimeMs > built,
  );
}
