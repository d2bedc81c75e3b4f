import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/global-setup.ts'],
    reporters: ['default', './tests/plain-reporter.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    coverage: {
      provider: 'v8',
      include: ['src/**', 'hw-models/**', 'compiler/**', 'reports/**'],
      exclude: ['**/*.gen.ts', '**/*.as.ts', 'reports/html/client/**'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
