import { forCsv } from '../../../src/base/text.ts';

export interface DataTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** RFC 4180, with plain numbers in the units that the headings name. */
export const csvOf = ({ head, rows }: DataTable): string =>
  [head, ...rows].map((row) => row.map(forCsv).join(',')).join('\r\n') + '\r\n';

/** Hands a file to the reader; it never leaves the browser. */
export function save(name: string, type: string, content: string | Blob): void {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Copies text, also on pages opened from disk, where the clipboard may be closed to scripts. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    // The only way left where the clipboard interface is closed.
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}

/** Says on the button itself that it worked, for a moment. */
export function confirm(button: HTMLButtonElement, text: string): void {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => (button.textContent = before), 1500);
}

/** A name that every file system takes. */
export const fileName = (...parts: string[]): string =>
  parts
    .join('-')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64) || 'netloom';
