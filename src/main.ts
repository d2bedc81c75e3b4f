#!/usr/bin/env node
import { version } from './base/version.gen.ts';

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { runFromProcess } = await import('./commands/run.ts');
  await runFromProcess(argv);
}
