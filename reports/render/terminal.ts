import { columns as displayWidth, forTerminal, padEnd, padStart, shorten } from '../../src/base/text.ts';
import { isNumeric, showCell, type Table } from '../table.ts';

export interface TerminalOptions {
  /** Columns of the terminal; undefined when the output is no terminal: then nothing is cut. */
  readonly width?: number | undefined;
  readonly color: boolean;
}

const gap = '  ';
/** Names stay readable down to this width. */
const leastName = 12;

export const style = (options: TerminalOptions) => {
  const wrap = (code: string) => (text: string): string => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: wrap('1'), dim: wrap('2'), red: wrap('31'), yellow: wrap('33'), cyan: wrap('36'), green: wrap('32') };
};

/** Aligned columns; on a terminal, names shorten in the middle until the table fits. */
export function renderTable(table: Table, options: TerminalOptions): string {
  const paint = style(options);
  const cells = table.rows.map((row) => row.map((cell, i) => forTerminal(showCell(cell, table.columns[i]!.kind))));
  const widths = table.columns.map((c, i) => Math.max(displayWidth(c.title), ...cells.map((row) => displayWidth(row[i]!))));
  fit(table, widths, options.width);
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => {
        const kind = table.columns[i]!.kind;
        const shown = displayWidth(text) > widths[i]! ? shorten(text, widths[i]) : text;
        return isNumeric(kind) ? padStart(shown, widths[i]!) : padEnd(shown, widths[i]!);
      })
      .join(gap)
      .trimEnd();
  const lines = [paint.bold(line(table.columns.map((c) => c.title))), ...cells.map(line), ...(table.notes ?? []).map((n) => paint.dim(forTerminal(n)))];
  return `${lines.join('\n')}\n`;
}

/** Narrows name columns, then text columns, until the table has at most `width` columns. */
function fit(table: Table, widths: number[], width: number | undefined): void {
  if (width === undefined) return;
  const total = (): number => widths.reduce((n, w) => n + w, 0) + gap.length * (widths.length - 1);
  for (const kind of ['name', 'text'] as const) {
    while (total() > width) {
      const widest = widths.reduce((best, w, i) => (table.columns[i]!.kind === kind && w > leastName && (best < 0 || w > widths[best]!) ? i : best), -1);
      if (widest < 0) break;
      widths[widest] = Math.max(leastName, widths[widest]! - Math.max(1, total() - width));
    }
  }
}

/** Wraps prose at the width of the terminal, with the following lines set in. */
export function wrap(text: string, width: number | undefined, indent: string): string {
  const limit = (width ?? 100) - displayWidth(indent);
  const lines: string[] = [];
  let line = '';
  for (const word of forTerminal(text).split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > limit) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}
