/**
 * One escape function per place where text from a model may land. Names from models are untrusted:
 * no writer joins them into its output in any other way (ROBUSTNESS.md section 5).
 */

const longestShown = 1024;

/** Cuts the middle of a long text so that both ends stay readable. */
export function shorten(text: string, width = longestShown): string {
  if (text.length <= width) return text;
  if (width <= 1) return '…'.slice(0, width);
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

const hex = (c: string, digits: number): string => c.codePointAt(0)!.toString(16).padStart(digits, '0');

// C0 and C1 controls, the soft hyphen, zero-width and bidirectional controls, line separators, BOM, lone surrogates.
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** For a terminal: control and bidi characters become visible escapes, and long names are cut in the middle. */
export const forTerminal = (text: string): string => shorten(text).replace(unprintable, (c) => `\\u${hex(c, 4)}`);

/** For HTML text and for attributes in double or single quotes. */
export const forHtml = (text: string): string =>
  shorten(text)
    .replace(unprintable, (c) => (c === '\n' || c === '\t' ? c : `\\u${hex(c, 4)}`))
    .replace(/[&<>"'`]/g, (c) => `&#${c.codePointAt(0)};`);

/** For JSON inside a script element: nothing can end the element or start a comment. */
export const forScriptJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${hex(c, 4)}`);

/** One CSV field (RFC 4180); a leading formula character is defused with an apostrophe. */
export function forCsv(field: string | number | null): string {
  if (field === null) return '';
  if (typeof field === 'number') return String(field);
  const safe = /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** One cell of a Markdown table. */
export const forMarkdown = (text: string): string =>
  forTerminal(text).replace(/[\\`*_{}[\]<>()#+!|~&]/g, (c) => `\\${c}`);

/** A quoted string of the .loom form; `parse` reads it back exactly. */
export const forLoom = (text: string): string => JSON.stringify(text).replace(unprintable, (c) => `\\u${hex(c, 4)}`);

/** A quoted identifier of Graphviz' dot language. */
export const forDot = (text: string): string => `"${forTerminal(text).replace(/["\\]/g, (c) => `\\${c}`)}"`;

/** Display width in terminal columns: wide East Asian and emoji count two, combining marks none. */
export function columns(text: string): number {
  let width = 0;
  for (const c of text) {
    const p = c.codePointAt(0)!;
    if (/\p{Mn}|\p{Me}/u.test(c)) continue;
    width +=
      (p >= 0x1100 && p <= 0x115f) ||
      (p >= 0x2e80 && p <= 0xa4cf) ||
      (p >= 0xac00 && p <= 0xd7a3) ||
      (p >= 0xf900 && p <= 0xfaff) ||
      (p >= 0xfe30 && p <= 0xfe6f) ||
      (p >= 0xff00 && p <= 0xff60) ||
      p >= 0x1f300
        ? 2
        : 1;
  }
  return width;
}

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)));
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - columns(text))) + text;

/** Compares by code unit: the same order on every machine and in every locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `1 node`, `2 nodes`. */
export const plural = (n: number, noun: string, many = `${noun}s`): string => `${n} ${n === 1 ? noun : many}`;
