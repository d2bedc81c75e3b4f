import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** `npm run generate` makes the *.gen.ts modules; `npm run build` also compiles everything to dist/, with the schemas. */
await import('./generate.ts');

if (!process.argv.includes('--generate-only')) {
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  chmodSync('dist/src/main.js', 0o755); // npx links to it
  const { schemas } = (await import(pathToFileURL('dist/src/schemas.js').href)) as { schemas: Record<string, object> };
  mkdirSync('dist/schemas');
  for (const [name, schema] of Object.entries(schemas)) {
    writeFileSync(`dist/schemas/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);
  }
}
