/** One list of hostile names through every writer of text (ROBUSTNESS.md section 5). */
import { describe, expect, test } from 'vitest';
import { renderCsv, renderMarkdown } from '../../reports/render/text-formats.ts';
import { renderTable } from '../../reports/render/terminal.ts';
import { renderDiagnostics } from '../../reports/render/diagnostics.ts';
import { column, type Table } from '../../reports/table.ts';
import { diagnostic } from '../../src/base/diagnostics.ts';
import { forCsv, forDot, forHtml, forLoom, forMarkdown, forScriptJson, forTerminal } from '../../src/base/text.ts';

const hostile: readonly string[] = [
  '</script><img src=x onerror=alert(1)>',
  '<!--<script>',
  '"><svg onload=alert(1)>',
  "' onmouseover='x",
  '` onfocus=x `',
  '&lt;b&gt; &#x3c;',
  '=HYPERLINK("http://x")',
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  'a,b;"c"\r\nd',
  'line\nbreak\u2028and\u2029more',
  '\u001b[31mred\u001b]0;title\u0007',
  '\u009b31m',
  '\u202egnp.exe\u202c',
  '\u2066isolated\u2069\u200b\ufeff\u00ad',
  '\ud800 lone \udfff',
  '| a | b |',
  '[x](javascript:alert(1))',
  '![x](http://x/y.png)',
  '**b** _i_ ~~s~~ # h \\',
  '"]; evil [label="',
  '\\" -> \\',
  '${x} `x` $(x)',
  '__proto__',
  '日本語 😀 e\u0301',
  'x'.repeat(5000),
  '',
];

// What no writer may let through to a screen: controls, bidi and zero-width characters, lone surrogates.
const dangerous =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** RFC 4180, as a spreadsheet reads it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (let at = 0; at < text.length;) {
    let field = '';
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (text[at] === '"' && text[++at] !== '"') break;
        field += text[at];
        if (at >= text.length) throw new Error('a quote without an end');
      }
    } else while (at < text.length && text[at] !== ',' && !text.startsWith('\r\n', at)) field += text[at++];
    rows.at(-1)!.push(field);
    if (text[at] === ',') at++;
    else {
      expect(text.slice(at, at + 2)).toBe('\r\n');
      at += 2;
      if (at < text.length) rows.push([]);
    }
  }
  return rows;
}

const unescapeHtml = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

const table: Table = {
  name: 't',
  title: hostile[0]!,
  columns: [column(hostile[2]!, 'name', 'name'), column('N', 'n', 'whole')],
  rows: hostile.map((name, i) => [name, i]),
  notes: [...hostile],
};

describe.each(hostile.map((name) => [JSON.stringify(name).slice(0, 40), name] as const))('%s', (_, name) => {
  test('terminal: nothing that moves the cursor or turns the text', () => {
    expect(forTerminal(name)).not.toMatch(dangerous);
    expect(forTerminal(name)).not.toMatch(/[\t\n]/);
  });

  test('HTML: no mark-up, in text and in attributes, and read back as it was', () => {
    const html = forHtml(name);
    expect(html).not.toMatch(/[<>"'`]|&(?!#\d+;)/);
    expect(html).not.toMatch(dangerous);
    if (name.length < 1000 && !dangerous.test(name)) expect(unescapeHtml(html)).toBe(name);
  });

  test('JSON in a script: nothing ends the element, and it parses back', () => {
    const json = forScriptJson({ [name]: name });
    expect(json).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [name]: name })));
  });

  test('CSV: one field, never a formula', () => {
    const rows = parseCsv(`${forCsv(name)},end\r\n`);
    expect(rows).toHaveLength(1);
    expect(rows[0]![1]).toBe('end');
    expect(rows[0]![0]!.replace(/^'(?=[=+\-@\t\r])/, '')).toBe(name);
    expect(rows[0]![0]).not.toMatch(/^[=+\-@\t\r]/);
  });

  test('Markdown: one cell on one line without mark-up', () => {
    const cell = forMarkdown(name);
    expect(cell).not.toMatch(/[\n\r]/);
    expect(cell).not.toMatch(/(?<!\\)(?:\\\\)*[|<>`*_[\]]/);
  });

  test('.loom: a text that JSON reads back', () => {
    const text = forLoom(name);
    expect(JSON.parse(text)).toBe(name);
    expect(text).not.toMatch(dangerous);
  });

  test('dot: one quoted identifier', () => {
    expect(forDot(name)).toMatch(/^"(?:[^"\\\n]|\\.)*"$/);
  });
});

test('whole tables: CSV has as many rows and fields as the table', () => {
  const rows = parseCsv(renderCsv(table));
  expect(rows).toHaveLength(hostile.length + 1);
  expect(rows.every((r) => r.length === 2)).toBe(true);
});

test('whole tables: each row of Markdown is one line with two cells', () => {
  const lines = renderMarkdown(table)
    .split('\n')
    .filter((l) => l.startsWith('|'));
  expect(lines).toHaveLength(hostile.length + 2);
  for (const line of lines.filter((l) => !l.startsWith('| ---')))
    expect(line.match(/(?<!\\)(?:\\\\)*\|/g)?.length, line.slice(0, 60)).toBe(3);
});

test.each([undefined, 80, 40])('whole tables: a terminal of %s columns', (width) => {
  const text = renderTable(table, { width, color: false });
  expect(text).not.toMatch(dangerous);
  if (width !== undefined)
    for (const line of text.split('\n').slice(0, hostile.length))
      expect([...line].length, line).toBeLessThanOrEqual(width);
});

test('diagnostics: hostile names stay text, lines stay few, all of it under 16 KiB', () => {
  const all = hostile.map((name) =>
    diagnostic('error', 'NL1006', {
      message: `value "${name}"`,
      at: {
        file: name,
        node: name,
        op: name,
        tensor: name,
        pointer: name,
        line: 1,
        column: 70,
        text: name,
        hint: name,
      },
      cause: name,
      fix: [name, name],
    }),
  );
  for (const concise of [false, true]) {
    const text = renderDiagnostics([...all, ...all], { width: 80, color: false, concise });
    expect(text).not.toMatch(dangerous);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16_384);
    expect(text).toMatch(/more messages; --json has all of them/);
  }
});

test('a diagnostic of one huge name is still cut', () => {
  const d = diagnostic('error', 'NL1006', {
    message: '😀'.repeat(9000),
    cause: '語'.repeat(9000),
    fix: ['語'.repeat(9000)],
    at: { file: '語'.repeat(9000) },
  });
  const text = renderDiagnostics([d, d, d, d, d], { width: 80, color: false });
  expect(text).toMatch(/NL1006/);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16_384);
});
