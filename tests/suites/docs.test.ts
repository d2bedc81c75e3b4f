import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { exampleModel } from '../../scripts/example-model.ts';
import { reference } from '../../scripts/reference/index.ts';
import { runCli, words } from '../run-cli.ts';

const accepts = process.env.NETLOOM_ACCEPT === '1';
const pagesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...pagesIn('docs'),
].sort();

/** A fenced block, from the line behind its opening to the line before its end. */
interface Block {
  readonly language: string;
  readonly body: string;
}

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((m) => ({ language: m[1]!, body: m[2]! }));

/** `$ netloom ...` lines and what they print, up to the next of them. */
function transcripts(body: string): { command: string; output: string }[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command, ...rest] = part.split('\n');
      return { command: command!, output: rest.join('\n') };
    });
}

async function outputOf(command: string): Promise<string> {
  const { out, err } = await runCli(words(command).slice(words(command).indexOf('netloom') + 1), { columns: 80 });
  return out.trimEnd() === '' ? err : out;
}

describe('transcripts are what the commands print at 80 columns', () => {
  const withTranscripts = pages.filter((page) => /^\$ (npx )?netloom/m.test(readFileSync(page, 'utf8')));
  test.each(withTranscripts)('%s', async (page) => {
    let text = readFileSync(page, 'utf8');
    for (const { body } of blocksOf(text)) {
      for (const { command, output } of transcripts(body)) {
        const got = `${(await outputOf(command)).trimEnd()}\n`;
        if (accepts) text = text.replace(`$ ${command}\n${output}`, () => `$ ${command}\n${got}`);
        else expect(output, command).toBe(got);
      }
    }
    if (accepts) writeFileSync(page, text);
  });

  test('the one of the README has about twenty lines', () => {
    const [block] = blocksOf(readFileSync('README.md', 'utf8'));
    expect(block!.body.trimEnd().split('\n').length).toBeLessThanOrEqual(24);
  });
});

describe('TypeScript in the pages runs', () => {
  const folder = mkdtempSync(join('node_modules', '.netloom-docs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const snippets = pages.flatMap((page) =>
    blocksOf(readFileSync(page, 'utf8'))
      .filter((b) => b.language === 'ts' && b.body.includes("from 'netloom"))
      .map((b, i) => [`${page} #${i + 1}`, b.body] as const),
  );
  test.each(snippets)('%s', async (name, body) => {
    const entry = (file: string): string => JSON.stringify(pathToFileURL(file).href);
    const code = body
      .replace(/'netloom\/core'/g, entry('src/index.ts'))
      .replace(/'netloom(\/node)?'/g, entry('src/node.ts'))
      .replace(/console\.log/g, 'void ');
    const file = join(folder, `${name.replace(/\W/g, '-')}.ts`);
    writeFileSync(file, code);
    await import(pathToFileURL(file).href);
  });
});

test('links between pages lead somewhere', () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)\s#]+)/g)]
      .map((m) => join(dirname(page), m[1]!))
      .filter((target) => !existsSync(target))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('the example model is what its script makes', () => {
  expect(Buffer.from(exampleModel()).equals(readFileSync('examples/small-cnn.onnx'))).toBe(true);
});

const made = await reference();

describe('docs/reference is up to date (npm run docs)', () => {
  test.each([...made])('%s', (path, text) => {
    expect(existsSync(path), path).toBe(true);
    expect(readFileSync(path, 'utf8') === text, `${path} is stale: npm run docs`).toBe(true);
  });
  test('nothing else is there', () => {
    expect(pagesIn('docs/reference').filter((path) => !made.has(path))).toEqual([]);
  });
});
