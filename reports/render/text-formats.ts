import { forCsv, forMarkdown } from '../../src/base/text.ts';
import { isNumeric, showCell, type Table } from '../table.ts';

/** RFC 4180: plain values in the units that the headings name. */
export function renderCsv(table: Table): string {
  const lines = [
    table.columns.map((c) => forCsv(c.key)).join(','),
    ...table.rows.map((row) => row.map(forCsv).join(',')),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** A Markdown table under its title. */
export function renderMarkdown(table: Table): string {
  const head = `| ${table.columns.map((c) => forMarkdown(c.title)).join(' | ')} |`;
  const rule = `|${table.columns.map((c) => (isNumeric(c.kind) ? ' ---: ' : ' --- ')).join('|')}|`;
  const rows = table.rows.map(
    (row) => `| ${row.map((cell, i) => forMarkdown(showCell(cell, table.columns[i]!.kind))).join(' | ')} |`,
  );
  const notes = (table.notes ?? []).map((n) => `\n${forMarkdown(n)}\n`);
  return `### ${forMarkdown(table.title)}\n\n${[head, rule, ...rows].join('\n')}\n${notes.join('')}`;
}
