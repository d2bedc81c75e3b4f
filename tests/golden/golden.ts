import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** `npm run accept` sets this: what a case gives now becomes what it expects. */
const accepts = process.env.NETLOOM_ACCEPT === '1';

/** A case in one file: a command, an input, and the expected output, all as text that a person can review. */
export interface GoldenCase {
  readonly path: string;
  /** The words after `# run:`. */
  readonly command: readonly string[];
  readonly input: string;
  readonly expected: string;
}

const divider = '# expect\n';

/** The files below a folder with one of these endings, in the order of their names. */
export function goldenFiles(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}

/** Reads `# run: command`, the input, `# expect` and the output. */
export function readGolden(path: string): GoldenCase {
  const text = readFileSync(path, 'utf8');
  const [first, ...rest] = text.split('\n');
  const command = /^# run: (.+)$/.exec(first!)?.[1]?.trim().split(/\s+/);
  if (!command) throw new Error(`${path}: the first line must be "# run: ..."`);
  const body = rest.join('\n');
  const at = body.indexOf(divider);
  return { path, command, input: at < 0 ? body : body.slice(0, at), expected: at < 0 ? '' : body.slice(at + divider.length) };
}

/** Holds an output to the case, or writes it into the file when the run accepts. */
export function checkGolden(golden: GoldenCase, actual: string): void {
  if (accepts && actual !== golden.expected) {
    const input = golden.input.endsWith('\n') ? golden.input : `${golden.input}\n`;
    writeFileSync(golden.path, `# run: ${golden.command.join(' ')}\n${input}${divider}${actual}`);
  } else if (!accepts) expect(actual, golden.path).toBe(golden.expected);
}

/** The same for expected output that has a file of its own. */
export function checkGoldenFile(path: string, actual: string): void {
  if (accepts) writeFileSync(path, actual);
  else expect(actual, path).toBe(readFileSync(path, 'utf8'));
}
