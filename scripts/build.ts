import { execFileSync } from 'node:child_process';

/** `npm run generate` makes the *.gen.ts modules; `npm run build` also compiles everything to dist/. */
const generateOnly = process.argv.includes('--generate-only');
if (!generateOnly) execFileSync(process.execPath, ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
