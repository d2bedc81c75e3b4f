import { deltaTable, labelOf, shortLabels, totalsTable } from '../../reports/compare.ts';
import { renderTable } from '../../reports/render/terminal.ts';
import { renderCsv, renderMarkdown } from '../../reports/render/text-formats.ts';
import { diagnostic } from '../base/diagnostics.ts';
import { parseQuantity, show } from '../base/units.ts';
import { compareRuns } from '../compare.ts';
import { defineCommand, save } from './kit/define.ts';
import { runsOf } from './kit/runs.ts';
import { usage } from './kit/session.ts';
import { readTop } from './kit/top.ts';

export const define = defineCommand({
  schema: 'netloom/compare@1',
  description:
    'Two or more runs side by side: totals, ratios, and the layers of the first two. A run is a saved run.json or model.onnx@machine:precision.',
  arguments: [['<runs...>', 'saved runs, or specs such as model.onnx@tpu-v1:int8']],
  flags: [
    ['--sort <key>', 'delta: layers by the size of their change'],
    ['--threshold <share>', 'exit code 1 when a later run is slower than the first by more than this, such as 2%'],
    ['--top <n>', 'layers to list, or "all"; 20 when absent'],
  ],
  examples: [
    'netloom compare before.json after.json --sort delta',
    'netloom compare model.onnx@tpu-v1:int8 model.onnx@a100:int8',
    'netloom compare old.json new.json --threshold 2%',
  ],
  run: (session, specs, flags) => {
    const top = readTop(flags.top, 20);
    if (flags.sort !== undefined && flags.sort !== 'delta')
      throw usage(`--sort is "${String(flags.sort)}"`, 'it takes delta', '--sort delta');
    const threshold = flags.threshold === undefined ? undefined : parseQuantity(String(flags.threshold), 'ratio');
    if (flags.threshold !== undefined && threshold === undefined)
      throw usage(`--threshold is "${String(flags.threshold)}"`, 'it takes a share', '--threshold 2%');
    const runs = specs.flatMap((spec) => runsOf(session, spec));
    if (runs.length < 2)
      throw usage('there is only one run', 'a comparison needs two or more', 'netloom compare a.json b.json');
    const data = compareRuns(runs);
    const slower =
      threshold === undefined
        ? []
        : data.runs.slice(1).filter((r) => r.latency_ratio !== null && r.latency_ratio > 1 + threshold);
    for (const r of slower)
      session.note([
        diagnostic('error', 'NL7101', {
          message: `${r.name} takes ${show.plain(r.latency_ratio!, 4)}x the time of ${labelOf(runs[0]!)}`,
          cause: `--threshold allows ${show.percent(threshold!)} more`,
          fix: 'see the layers that changed: --sort delta',
        }),
      ]);
    save(session, data, slower.length === 0);
    if (session.format === 'json') session.printJson(data, slower.length === 0);
    else {
      const delta = deltaTable(runs[0]!, runs[1]!, flags.sort === 'delta');
      const shown =
        top === 'all' || session.format !== 'table'
          ? delta
          : {
              ...delta,
              rows: delta.rows.slice(0, top),
              ...(delta.rows.length > top ? { notes: [`(${delta.rows.length - top} more: --top all)`] } : {}),
            };
      for (const table of [
        session.format === 'table' ? totalsTable(runs, shortLabels(runs)) : totalsTable(runs),
        shown,
      ])
        session.print(
          session.format === 'csv'
            ? renderCsv(table)
            : session.format === 'md'
              ? renderMarkdown(table)
              : `${renderTable(table, session.terminal)}\n`,
        );
    }
    session.showDiagnostics();
    return slower.length > 0 ? 1 : session.exitCode();
  },
});
