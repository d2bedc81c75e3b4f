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
/** Names are given this much before columns are left out for them. */
const easyName = 24;

export const style = (options: TerminalOptions) => {
  const wrap =
    (code: string) =>
    (text: string): string =>
      options.color ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: wrap('1'), dim: wrap('2'), red: wrap('31'), yellow: wrap('33'), cyan: wrap('36'), green: wrap('32') };
};

/** Aligned columns; on a terminal, spare columns are left out and names shorten in the middle until the table fits. */
export function renderTable(whole: Table, options: TerminalOptions): string {
  const paint = style(options);
  const table = withoutSpares(whole, options.width);
  const cells = table.rows.map((row) => row.map((cell, i) => forTerminal(showCell(cell, table.columns[i]!.kind))));
  const widths = table.columns.map((c, i) =>
    Math.max(displayWidth(c.title), ...cells.map((row) => displayWidth(row[i]!))),
  );
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
  const lines = [
    paint.bold(line(table.columns.map((c) => c.title))),
    ...cells.map(line),
    ...(table.notes ?? []).map((n) => paint.dim(forTerminal(n))),
  ];
  return `${lines.join('\n')}\n`;
}

/** The table without as many spare columns as it takes to fit, and a note that names them. */
function withoutSpares(table: Table, width: number | undefined): Table {
  if (width === undefined) return table;
  const least = table.columns.map((c, i) => {
    const widest = Math.max(
      displayWidth(c.title),
      ...table.rows.map((row) => displayWidth(forTerminal(showCell(row[i]!, c.kind)))),
    );
    return c.kind === 'name' ? Math.min(widest, easyName) : c.kind === 'text' ? Math.min(widest, leastName) : widest;
  });
  const kept = new Set(table.columns.keys());
  const total = (): number => [...kept].reduce((n, i) => n + least[i]!, 0) + gap.length * (kept.size - 1);
  const spares = [...kept]
    .filter((i) => table.columns[i]!.spare !== undefined)
    .sort((a, b) => table.columns[a]!.spare! - table.columns[b]!.spare!);
  for (const i of spares) if (total() > width) kept.delete(i);
  if (kept.size === table.columns.length) return table;
  const left = table.columns.filter((_, i) => !kept.has(i)).map((c) => c.title);
  const keep = <T>(cells: readonly T[]): T[] => cells.filter((_, i) => kept.has(i));
  return {
    ...table,
    columns: keep(table.columns),
    rows: table.rows.map(keep),
    notes: [...(table.notes ?? []), `(no room for ${left.join(', ')}: a wider terminal or --format csv has all)`],
  };
}

/** Narrows name columns, then text columns, until the table has at most `width` columns. */
function fit(table: Table, widths: number[], width: number | undefined): void {
  if (width === undefined) return;
  const total = (): number => widths.reduce((n, w) => n + w, 0) + gap.length * (widths.length - 1);
  for (const kind of ['name', 'text'] as const) {
    while (total() > width) {
      const widest = widths.reduce(
        (best, w, i) =>
          table.columns[i]!.kind === kind && w > leastName && (best < 0 || w > widths[best]!) ? i : best,
        -1,
      );
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
