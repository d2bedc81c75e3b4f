import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** `npm run generate` makes the *.gen.ts modules; `npm run build` also compiles everything to dist/, with the schemas. */
await import('./generate.ts');

if (!process.argv.includes('--generate-only')) {
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  chmodSync('dist/src/main.js', 0o755);
  linkCommand();
  const { schemas } = (await import(pathToFileURL('dist/src/schemas.js').href)) as { schemas: Record<string, object> };
  mkdirSync('dist/schemas');
  for (const [name, schema] of Object.entries(schemas)) {
    writeFileSync(`dist/schemas/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);
  }
}

/** `npx netloom` in this folder finds the command here; else it would install, and build, the folder into its cache. */
function linkCommand(): void {
  const [folder, link] = ['node_modules/.bin', 'node_modules/.bin/netloom'];
  if (process.platform === 'win32' || !existsSync(folder)) return;
  rmSync(link, { force: true });
  symlinkSync('../../dist/src/main.js', link);
}
