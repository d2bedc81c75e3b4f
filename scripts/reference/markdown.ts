/** Text of the project's own, for Markdown: `<` opens no element. Code between backquotes is left as it is. */
export const prose = (text: string): string =>
  text
    .split('`')
    .map((part, i) => (i % 2 === 0 ? part.replace(/</g, '&lt;').replace(/([*_])/g, '\\$1') : part))
    .join('`');

/** Code in a line; text with backquotes gets a longer fence. */
export const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);

export const codes = (list: readonly string[]): string => list.map(code).join(', ');

/** A table; cells are Markdown already, but for the bar. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((c) => c.replace(/\|/g, '\\|').replace(/\n/g, ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), ''].join('\n');
}

export const fence = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;

/** A page: a title, the sentence that says where it comes from, and its parts. */
export const page = (title: string, from: string, ...parts: readonly string[]): string =>
  `${[`# ${title}`, `<!-- Made by \`npm run docs\` from ${from}; do not edit. -->`, ...parts.map((p) => p.trimEnd())].join('\n\n')}\n`;

/** By code units, so that pages are the same everywhere. */
export const sorted = <T>(list: Iterable<T>, key: (item: T) => string): T[] =>
  [...list].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
