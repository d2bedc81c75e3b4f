// Makes the *.gen.ts modules: what the product needs at run time and is not written by hand as TypeScript.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EstimateDocument } from '../compiler/run/schema.ts';
import { fieldKey } from '../hw-models/schema/fields.ts';
import { machineSchemas } from '../hw-models/schema/machine.ts';
import { buildReport } from './build-report.ts';
import { buildWasm } from './build-wasm.ts';
import { writeValidators } from './generate-validators.ts';

/** The machine presets as text, so that the core needs no files. */
function embedMachines(): void {
  const folder = 'hw-models/machines';
  const files = readdirSync(folder)
    .filter((f) => f.endsWith('.json'))
    .sort();
  const entries = files.map(
    (f) => `  ${JSON.stringify(f.replace(/\.json$/, ''))}: ${JSON.stringify(readFileSync(join(folder, f), 'utf8'))},`,
  );
  const head = '// Made by `npm run generate` from hw-models/machines/*.json; do not edit.\n';
  writeIfNew(
    'hw-models/machines.gen.ts',
    `${head}export const machineTexts: Readonly<Record<string, string>> = {\n${entries.join('\n')}\n};\n`,
  );
}

/** Technology tables as values. */
function embedTechnology(): void {
  const folder = 'hw-models/technology';
  const files = readdirSync(folder)
    .filter((f) => f.endsWith('.json'))
    .sort();
  const entries = files.map(
    (f) =>
      `export const ${f.replace(/\.json$/, '')} = ${JSON.stringify(JSON.parse(readFileSync(join(folder, f), 'utf8')))} as const;`,
  );
  writeIfNew(
    'hw-models/technology.gen.ts',
    `// Made by \`npm run generate\` from hw-models/technology/*.json; do not edit.\n${entries.join('\n')}\n`,
  );
}

function writeIfNew(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}

/** Number fields are read and checked by hw-models/schema/read.ts, in words that fit; their schema would only bloat the module. */
const withoutFields = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withoutFields);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (fieldKey in schema) return {};
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withoutFields(value)]));
};

const shapes = Object.fromEntries(
  Object.entries(machineSchemas).map(([name, schema]) => [name, withoutFields(schema) as object]),
);
writeValidators(shapes, 'hw-models/schema/validators.gen.ts');
// A saved run can be large: its first fault is enough.
const run = JSON.parse(JSON.stringify(EstimateDocument)) as object;
writeValidators({ run }, 'compiler/run/validators.gen.ts', false);
embedMachines();
embedTechnology();
await buildWasm();
await buildReport();
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
writeIfNew(
  'src/base/version.gen.ts',
  `// Made by \`npm run generate\` from package.json; do not edit.\nexport const version = ${JSON.stringify(version)};\n`,
);
