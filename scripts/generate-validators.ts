// Compiles the project's own JSON schemas into one module without `new Function`: ajv runs here, at build time only.
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes `target`: `export const validators` with one function per name, which stops at the first error if not `allErrors`. */
export function writeValidators(schemas: Readonly<Record<string, object>>, target: string, allErrors = true): void {
  const ajv = new Ajv2020({ allErrors, strict: false, code: { source: true, esm: true } });
  const names: Record<string, string> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const id = (schema as { $id?: string }).$id ?? `netloom/${name}`;
    ajv.addSchema({ ...schema, $id: id });
    names[`v_${name.replace(/\W/g, '_')}`] = id;
  }
  const generate = ((standalone as unknown as { default?: typeof standalone }).default ?? standalone) as unknown as (
    a: Ajv2020,
    refs: Record<string, string>,
  ) => string;
  const source = generate(ajv, names);
  const folder = mkdtempSync(join(process.cwd(), 'node_modules', '.netloom-'));
  try {
    const entry = join(folder, 'validators.mjs');
    writeFileSync(entry, source);
    const bundled = buildSync({
      entryPoints: [entry],
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['main'],
      write: false,
      minifyWhitespace: true,
      minifySyntax: true,
    }).outputFiles[0]!.text;
    const table = Object.keys(schemas)
      .map((n) => `  ${JSON.stringify(n)}: v_${n.replace(/\W/g, '_')},`)
      .join('\n');
    const body = bundled.replace(/export\s*\{[^}]*\};?\s*$/, '');
    writeFileSync(
      target,
      `// @ts-nocheck - made by \`npm run generate\` from the schemas; do not edit.\n${body}\nexport interface Validator { (value: unknown): boolean; errors?: readonly { instancePath: string; keyword: string; params: Readonly<Record<string, unknown>>; message?: string }[] | null }\nexport const validators: Readonly<Record<string, Validator>> = {\n${table}\n};\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
