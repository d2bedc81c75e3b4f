import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

/** `npm run generate` makes the *.gen.ts modules; `npm run build` also compiles everything to dist/. */
await import('./generate.ts');

if (!process.argv.includes('--generate-only')) {
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}
