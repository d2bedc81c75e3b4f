import type { Diagnostic, Location } from '../../src/base/diagnostics.ts';
import { forTerminal, plural, shorten } from '../../src/base/text.ts';
import { style, wrap, type TerminalOptions } from './terminal.ts';

const most = 20;
/** Bytes. */
const longestOutput = 16_000;

/** Diagnostics as a person reads them (UX.md 1.7): worst first, at most 20 in full, the rest counted. */
export function renderDiagnostics(
  all: readonly Diagnostic[],
  options: TerminalOptions & { readonly concise?: boolean },
): string {
  const rank = { error: 0, warning: 1, note: 2 } as const;
  const sorted = [...all].sort((a, b) => rank[a.level] - rank[b.level]);
  const parts: string[] = [];
  let length = 0;
  for (const d of sorted.slice(0, most)) {
    const full = options.concise ? concise(d) : inFull(d, options);
    // The first is shown whatever it holds, if need be in short.
    const text = parts.length === 0 && bytesOf(full) > longestOutput - 200 ? concise(d) : full;
    length += bytesOf(text);
    if (length > longestOutput - 200) break;
    parts.push(text);
  }
  const rest = sorted.length - parts.length;
  if (rest > 0) parts.push(`... and ${plural(rest, 'more message')}; --json has all of them\n`);
  return parts.join(options.concise ? '' : '\n');
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).byteLength;

const placeOf = (l: Location): string =>
  [
    l.file === undefined ? '' : `${forTerminal(l.file)}${l.line === undefined ? '' : `:${l.line}:${l.column ?? 1}`}`,
    l.offset === undefined ? '' : `byte ${l.offset}`,
    l.pointer === undefined ? '' : forTerminal(l.pointer),
    l.node === undefined
      ? ''
      : `node "${forTerminal(shorten(l.node, 200))}"${l.op === undefined ? '' : ` (${forTerminal(l.op)})`}`,
    l.tensor === undefined ? '' : `tensor ${forTerminal(shorten(l.tensor, 300))}`,
  ]
    .filter((part) => part !== '')
    .join('  ');

/** `file:line:col: NLxxxx: message` */
function concise(d: Diagnostic): string {
  const [l] = d.locations;
  const place = l ? placeOf(l) : '';
  return `${place === '' ? '' : `${place}: `}${d.level === 'error' ? '' : `${d.level}: `}${d.code}: ${forTerminal(d.message)}\n`;
}

function inFull(d: Diagnostic, options: TerminalOptions): string {
  const paint = style(options);
  const colour = d.level === 'error' ? paint.red : d.level === 'warning' ? paint.yellow : paint.cyan;
  const lines = [`${colour(`${d.level}[${d.code}]`)}: ${paint.bold(forTerminal(d.message))}`];
  const shown = d.locations.filter((l) => placeOf(l) !== '');
  shown.slice(0, 4).forEach((l, i) => {
    lines.push(`  ${i === 0 ? '-->' : '   '} ${placeOf(l)}`);
    if (l.text !== undefined && l.line !== undefined) lines.push(...quote(l));
    else if (l.hint !== undefined) lines.push(`      ${forTerminal(l.hint)}`);
  });
  if (shown.length > 4) lines.push(`      and ${shown.length - 4} more`);
  const prose = (text: string): string => wrap(text, options.width ?? Infinity, ' '.repeat(12));
  if (d.cause) lines.push(`   = cause: ${prose(d.cause)}`);
  for (const fix of d.fixes) lines.push(`   = fix:   ${prose(fix)}`);
  lines.push(`   = more:  ${d.docs}`);
  return `${lines.join('\n')}\n`;
}

/** The user's own line with a marker; a long line is cut around the marker. */
function quote(l: Location): string[] {
  const number = String(l.line);
  const margin = ' '.repeat(number.length);
  const column = (l.column ?? 1) - 1;
  const start = column > 60 ? column - 20 : 0;
  const text = l.text!.slice(start, start + 100);
  const marker = '^'.repeat(Math.max(1, Math.min(l.width ?? 1, 60)));
  return [
    `${margin} |`,
    `${number} | ${forTerminal(text)}`,
    `${margin} | ${' '.repeat(column - start)}${marker}${l.hint === undefined ? '' : ` ${forTerminal(l.hint)}`}`,
  ];
}
