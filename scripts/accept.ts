import { spawnSync } from 'node:child_process';

/**
 * `npm run accept [-- test filter ...]` runs the suites with golden text and writes what they give now into the golden
 * files. The diff is the review. A suite takes part by calling `checkGolden` or `checkGoldenFile`.
 */
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NETLOOM_ACCEPT: '1' },
});
process.exitCode = status ?? 1;
