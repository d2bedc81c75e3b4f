import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Golden cases of a folder, by path. */
export const goldenNames = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.loom'))
        .sort()
        .map((name) => `${folder}/${name}`)
    : [];

/** Input and expected output of a case; the first line is its command. */
export function goldenText(path: string): { input: string; expected: string } {
  const [input = '', expected = ''] = readFileSync(path, 'utf8')
    .replace(/^# run:.*\n/, '')
    .split('# expect\n');
  return { input, expected };
}
