import fc from 'fast-check';
import type * as Ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { createNetloom } from '../../src/netloom.ts';
import { compareSeed } from '../differential/compare.ts';

/** ONNX Runtime is a development dependency with a binary part: it may be missing on some systems. */
async function loadRuntime(): Promise<{ ort?: typeof Ort; why?: string }> {
  try {
    return { ort: await import('onnxruntime-node') };
  } catch (e) {
    return { why: e instanceof Error ? e.message.split('\n')[0]! : String(e) };
  }
}

const { ort, why } = await loadRuntime();

describe.skipIf(!ort)(`random graphs, against ONNX Runtime${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const netloom = createNetloom();

  test('1,000 graphs give the same values, by the reference and by the fast kernels', async () => {
    const operators = new Set<string>();
    let skipped = 0;
    const agree = async (seed: number, steps: number): Promise<void> => {
      const outcome = await compareSeed(netloom, ort!, seed, steps);
      for (const op of outcome.ops) operators.add(op.slice(0, op.indexOf('(')));
      if (outcome.kind === 'skipped') skipped++;
      if (outcome.kind === 'differs') expect.fail(`${outcome.why}\n${outcome.ops.join('\n')}`);
    };
    const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
    await fc.assert(fc.asyncProperty(seeds, fc.integer({ min: 1, max: 4 }), agree), { numRuns: 1000, seed: 20 });
    expect(skipped).toBeLessThan(20);
    expect(operators.size).toBeGreaterThan(125);
  }, 180_000);
});
