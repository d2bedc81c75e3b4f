// npm run opt -- <file.loom | model.onnx> [--pass name ...] [--pipeline name] [--time-passes] [--dump-after pass|all --out folder]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseGraph } from '../compiler/ir/parse.ts';
import { printGraph } from '../compiler/ir/print.ts';
import type { Graph } from '../compiler/ir/types.ts';
import { importModel } from '../compiler/onnx/import.ts';
import { builtinOps } from '../compiler/ops/index.ts';
import { OpRegistry } from '../compiler/ops/registry.ts';
import { passesFor } from '../compiler/passes/choose.ts';
import { dumpCollector, runPasses, type PassRun } from '../compiler/passes/run-passes.ts';
import { isNetloomError } from '../src/base/diagnostics.ts';

const { values, positionals, tokens } = parseArgs({
  allowPositionals: true,
  tokens: true,
  options: {
    pass: { type: 'string', multiple: true },
    pipeline: { type: 'string', multiple: true },
    'time-passes': { type: 'boolean' },
    'dump-after': { type: 'string' },
    out: { type: 'string', default: '.' },
  },
});

const registry = new OpRegistry(builtinOps);

function readGraph(file: string): Graph {
  if (file.endsWith('.onnx')) return importModel(readFileSync(file), registry, { file }).graph;
  // A golden case can be replayed as it stands: what it expects is no part of the input.
  return parseGraph(readFileSync(file, 'utf8').split('\n# expect\n')[0]!, registry, { file });
}

try {
  const [file] = positionals;
  if (file === undefined) throw new Error('usage: npm run opt -- <file> --pass <name>');
  const graph = readGraph(file);
  const asked = tokens.flatMap((t) =>
    t.kind === 'option' && (t.name === 'pass' || t.name === 'pipeline') ? [`--${t.name}`, t.value ?? ''] : [],
  );
  const collector = dumpCollector(values['dump-after'] ?? 'none', graph);
  const times: PassRun[] = [];
  const onPass = (run: PassRun): void => {
    collector.onPass(run);
    times.push(run);
  };
  process.stdout.write(
    printGraph(runPasses(graph, passesFor(asked), registry, { onPass, clock: () => performance.now() })),
  );
  if (collector.dumps.length > 0) mkdirSync(values.out, { recursive: true });
  for (const dump of collector.dumps) writeFileSync(join(values.out, dump.name), dump.text);
  if (values['time-passes']) {
    for (const { pass, milliseconds, before, after } of times)
      console.error(
        `${pass.name.padEnd(20)} ${milliseconds.toFixed(1).padStart(9)} ms  ${before.ops.length} -> ${after.ops.length} ops`,
      );
  }
} catch (e) {
  if (!isNetloomError(e)) throw e;
  for (const d of e.diagnostics)
    console.error(
      `${d.level}[${d.code}]: ${d.message}\n  ${d.locations.map((l) => `${l.file ?? ''}:${l.line ?? ''}:${l.column ?? ''}`).join(' ')}\n   = cause: ${d.cause ?? ''}\n   = fix:   ${d.fixes.join('; ')}`,
    );
  process.exitCode = e.exitCode;
}
