import { describe, test } from 'vitest';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { passesFor } from '../../compiler/passes/choose.ts';
import { runPasses } from '../../compiler/passes/run-passes.ts';
import { checkGolden, goldenFiles, readGolden } from '../golden/golden.ts';

const registry = new OpRegistry(builtinOps);
const folder = 'tests/golden/passes';

describe('golden cases', () => {
  test.each(goldenFiles(folder, '.loom'))('%s', (path) => {
    const golden = readGolden(path);
    const graph = parseGraph(golden.input, registry, { file: path });
    checkGolden(golden, printGraph(runPasses(graph, passesFor(golden.command), registry)));
  });
});
