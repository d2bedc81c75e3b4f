import type { Graph } from '../../compiler/ir/types.ts';
import type { LowerOptions } from '../netloom.ts';
import type { Flags } from './kit/flags.ts';
import { renderMarkdown, renderCsv } from '../../reports/render/text-formats.ts';
import { renderEstimate } from '../../reports/estimate.ts';
import { layersInFull } from '../../reports/layers.ts';
import { shortLabels, totalsTable } from '../../reports/compare.ts';
import { renderTable } from '../../reports/render/terminal.ts';
import { runSchemaName, type Run } from '../../compiler/run/schema.ts';
import { writeWhole } from '../files/write.ts';
import { defineCommand, save } from './kit/define.ts';
import { checkGates, gateFlags, readGates } from './kit/gates.ts';
import { netloom, openMachines, openModel } from './kit/load.ts';
import { readRuns } from './kit/runs.ts';
import { usage, type Session } from './kit/session.ts';
import { parsePrecision } from '../../compiler/schedule/precision.ts';
import { readTop } from './kit/top.ts';

export const define = defineCommand({
  schema: runSchemaName,
  description:
    'Prices a model on one or more machines: latency, interval, energy, what bounds them, and what would help.',
  arguments: [['<model>', 'ONNX file, or - for standard input']],
  flags: [
    ['--top <n>', 'layers to list, or "all"; 10 when absent'],
    ['--html <file>', 'write a self-contained HTML report'],
    ['--dump-after <pass>', 'write the graph after a pass, or after all of them, as text into --dump-dir'],
    ['--dump-dir <folder>', 'where --dump-after writes; "loom" when absent'],
    ['--time-passes', 'say on stderr what each pass took'],
    ...gateFlags,
  ],
  examples: [
    'netloom estimate model.onnx --on tpu-v1 --precision int8',
    'netloom estimate model.onnx --on a100 --on xeon-8480 --batch 8 --json',
    'netloom estimate model.onnx --on edge-tpu --precision int8 --html out.html --max-latency 5ms',
  ],
  run: async (session, [path], flags) => {
    const { settings } = session;
    if (settings.on.length === 0)
      throw usage(
        'no machine is named',
        'estimate prices a model on a machine',
        'add --on tpu-v1; netloom hw list shows the presets',
      );
    const top = readTop(flags.top);
    const gates = readGates(flags);
    parsePrecision(settings.precision);
    const machines = openMachines(session, settings.on);
    const model = openModel(session, path!);
    Object.assign(session.used, {
      on: machines.map((m) => m.machine.name),
      precision: settings.precision,
      batch: settings.batch ?? 1,
      shape: settings.shape,
    });
    const lowered = netloom.lower(model, {
      precision: settings.precision,
      ...(await passHooks(session, flags, model.graph)),
    });
    const runs: Run[] = [];
    for (const hardware of machines) {
      const { run, diagnostics } = netloom.estimateWithNotes(lowered, hardware, {
        ...(settings.batch === undefined ? {} : { batch: settings.batch }),
        trips: settings.trips,
        advice: machines.length <= 4,
      });
      runs.push(run);
      session.note(diagnostics);
    }
    const missed = checkGates(runs, gates, gates.baseline === undefined ? [] : readRuns(session, gates.baseline));
    session.note(missed);
    const data = { runs };
    save(session, data, missed.length === 0);
    if (typeof flags.html === 'string') {
      const { renderReport } = await import('../../reports/html/render.ts');
      writeWhole(
        flags.html,
        renderReport(runs, { command: commandLine(path!, settings.on, settings.precision), inputs: session.inputs }),
      );
    }
    if (settings.format === 'json') session.printJson(data, missed.length === 0);
    else if (settings.format === 'csv') for (const run of runs) session.print(renderCsv(layersInFull(run)));
    else if (settings.format === 'md') for (const run of runs) session.print(renderMarkdown(layersInFull(run)));
    else printTables(session, runs, top);
    session.showDiagnostics();
    return missed.length > 0 ? 1 : session.exitCode();
  },
});

function printTables(session: Session, runs: readonly Run[], top: number | 'all'): void {
  if (runs.length > 1) session.print(`${renderTable(totalsTable(runs, shortLabels(runs)), session.terminal)}\n`);
  if (runs.length > 4) return session.print('Each run in full: name fewer machines, or use --json.\n');
  session.print(runs.map((run) => renderEstimate(run, top, session.terminal)).join('\n'));
}

const commandLine = (path: string, on: readonly string[], precision: string): string =>
  `netloom estimate ${path} ${on.map((m) => `--on ${m}`).join(' ')} --precision ${precision}`;

async function passHooks(session: Session, flags: Flags, graph: Graph): Promise<LowerOptions> {
  if (flags.dumpAfter === undefined && !flags.timePasses) return {};
  const { dumpCollector } = await import('../../compiler/passes/run-passes.ts');
  const collector = dumpCollector(typeof flags.dumpAfter === 'string' ? flags.dumpAfter : 'none', graph);
  const { writeDumps } = await import('./kit/dumps.ts');
  return {
    clock: () => performance.now(),
    onPass: (run) => {
      collector.onPass(run);
      if (flags.timePasses)
        session.io.err(
          `${run.milliseconds.toFixed(1).padStart(9)} ms  ${run.pass.name}${run.changed ? '' : ' (no change)'}\n`,
        );
      if (flags.dumpAfter !== undefined && run.index === netloom.passes.length)
        writeDumps(typeof flags.dumpDir === 'string' ? flags.dumpDir : 'loom', collector.dumps, [graph, run.after]);
    },
  };
}
