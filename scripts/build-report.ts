import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { build, transform } from 'esbuild';
import { paletteCss } from '../reports/html/palette.ts';

const target = 'reports/html/client.gen.ts';

/**
 * Bundles the script and the style of the HTML report into one module, with the hashes by which the page's policy
 * knows them: the core has no hash function of its own that browsers accept, and needs none.
 */
export async function buildReport(): Promise<void> {
  const script = await bundledScript();
  const style = await smallStyle();
  for (const text of [script, style])
    if (/<\/(script|style)|<!--/i.test(text)) throw new Error('the report client would end its own element');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const parts = { version, script, style, scriptHash: hashOf(script), styleHash: hashOf(style) };
  const lines = Object.entries(parts).map(([name, text]) => `  ${name}: ${JSON.stringify(text)},`);
  const module = `// Made by \`npm run generate\` from reports/html/client; do not edit.\nexport const client = {\n${lines.join('\n')}\n} as const;\n`;
  if (!existsSync(target) || readFileSync(target, 'utf8') !== module) writeFileSync(target, module);
}

async function bundledScript(): Promise<string> {
  const result = await build({
    entryPoints: ['reports/html/client/main.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: ['es2022'],
    charset: 'ascii',
    legalComments: 'none',
  });
  return result.outputFiles[0]!.text.trim();
}

async function smallStyle(): Promise<string> {
  const source = `${paletteCss()}\n${readFileSync('reports/html/client/report.css', 'utf8')}`;
  const { code } = await transform(source, { loader: 'css', minify: true, charset: 'ascii' });
  return code.trim();
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
