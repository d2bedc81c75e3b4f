import { existsSync } from 'node:fs';
import type { CaseResult } from '../../compiler/simulate/conformance.ts';
import { runCase } from '../../compiler/simulate/conformance.ts';
import type { ConformanceData } from '../../compiler/run/simulate-data.ts';
import { column, type Cell, type Table } from '../../reports/table.ts';
import { renderTable } from '../../reports/render/terminal.ts';
import { renderCsv, renderMarkdown } from '../../reports/render/text-formats.ts';
import { fail } from '../base/diagnostics.ts';
import { byText } from '../base/text.ts';
import { findCases, readCase } from '../files/backend-cases.ts';
import { cannotRead } from '../files/read.ts';
import { defineCommand, save } from './kit/define.ts';
import { netloom } from './kit/load.ts';

export const define = defineCommand({
  schema: 'netloom/conformance@1',
  description:
    "Runs ONNX's backend cases (folders with model.onnx and test_data_set_*) through the reference, with the standard's tolerance.",
  arguments: [['<folders...>', 'cases, or folders that hold them']],
  examples: [
    'netloom conformance onnx/backend/test/data/node',
    'netloom conformance node simple --json',
    'netloom conformance node/test_relu',
  ],
  run: (session, folders) => {
    const cases: CaseResult[] = [];
    for (const folder of folders) {
      if (!existsSync(folder)) cannotRead(folder, { code: 'ENOENT' });
      const found = findCases(folder);
      if (found.length === 0)
        fail('NL6001', {
          message: `"${folder}" holds no cases`,
          at: { file: folder },
          cause: 'no folder in it has a model.onnx',
          fix: "name a folder of ONNX's backend test data",
        });
      for (const path of found) cases.push(runCase(readCase(path), netloom.registry));
    }
    const count = (status: CaseResult['status']): number => cases.filter((c) => c.status === status).length;
    const data: ConformanceData = {
      passed: count('passed'),
      failed: count('failed'),
      unsupported: count('unsupported'),
      cases: cases.map((c) => ({ ...c, ops: [...c.ops] })),
    };
    save(session, data, data.failed === 0);
    if (session.format === 'json') session.printJson(data, data.failed === 0);
    else {
      const table = byOperator(data);
      session.print(
        session.format === 'csv'
          ? renderCsv(table)
          : session.format === 'md'
            ? renderMarkdown(table)
            : `${renderTable(table, session.terminal)}${session.settings.quiet ? '' : failures(data)}\n${data.passed} passed, ${data.failed} failed, ${data.unsupported} unsupported\n`,
      );
    }
    return data.failed > 0 ? 1 : 0;
  },
});

/** Cases by the operator they test: the first of the model that is no Constant. */
function byOperator(data: ConformanceData): Table {
  const rows = new Map<string, { passed: number; failed: number; unsupported: number; reason: string }>();
  for (const c of data.cases) {
    const op = c.ops.find((o) => o !== 'Constant') ?? c.ops[0] ?? '(none)';
    const row = rows.get(op) ?? { passed: 0, failed: 0, unsupported: 0, reason: '' };
    row[c.status]++;
    if (c.status !== 'passed' && row.reason === '') row.reason = c.reason ?? '';
    rows.set(op, row);
  }
  return {
    name: 'conformance',
    title: 'Conformance by operator',
    columns: [
      column('Operator', 'operator', 'name'),
      column('Passed', 'passed', 'whole'),
      column('Failed', 'failed', 'whole'),
      column('Unsupported', 'unsupported', 'whole'),
      column('Reason', 'reason', 'text'),
    ],
    rows: [...rows]
      .sort(([a], [b]) => byText(a, b))
      .map(([op, r]): Cell[] => [op, r.passed, r.failed, r.unsupported, r.reason]),
  };
}

const failures = (data: ConformanceData): string =>
  data.cases
    .filter((c) => c.status === 'failed')
    .map((c) => `failed  ${c.name}: ${c.reason ?? ''}\n`)
    .join('');
