import { code, prose, table } from './markdown.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  /** False behind the items of a tuple. */
  readonly items?: Schema | readonly Schema[] | false;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly $ref?: string;
  readonly [key: string]: unknown;
}

/** Every field of a JSON schema as a row: its place, its type, whether it may be absent, its meaning. */
export function schemaTable(schema: object): string {
  const rows: string[][] = [];
  walk(JSON.parse(JSON.stringify(schema)) as Schema, '', rows);
  return table(['Field', 'Type', 'Optional', 'Meaning'], rows);
}

function walk(schema: Schema, path: string, rows: string[][]): void {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const here = path === '' ? name : `${path}.${name}`;
    rows.push([
      code(here),
      typeOf(child),
      schema.required?.includes(name) ? '' : 'yes',
      prose(child.description ?? ''),
    ]);
    descend(child, here, rows);
  }
  const values = [
    ...Object.values(schema.patternProperties ?? {}),
    ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []),
  ];
  for (const child of values) {
    const here = `${path}.<name>`;
    if (hasFields(child)) {
      rows.push([code(here), typeOf(child), '', prose(child.description ?? '')]);
      descend(child, here, rows);
    }
  }
}

/** Numbers of machine files, written alone or with their source, are one field and not three. */
const isNumberWithSource = (schema: Schema): boolean => 'x-netloom' in schema;

const hasFields = (schema: Schema): boolean =>
  (schema.properties ?? schema.patternProperties ?? schema.items ?? schema.anyOf) !== undefined;

function descend(schema: Schema, path: string, rows: string[][]): void {
  if (isNumberWithSource(schema)) return;
  walk(schema, path, rows);
  if (schema.items && !Array.isArray(schema.items)) descend(schema.items as Schema, `${path}[]`, rows);
  for (const option of schema.anyOf ?? []) if (hasFields(option)) descend(option, path, rows);
}

function typeOf(schema: Schema): string {
  if (isNumberWithSource(schema)) return 'number';
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((v) => code(String(v))).join(' ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array')
    return Array.isArray(schema.items) || !schema.items ? 'list' : `list of ${typeOf(schema.items as Schema)}`;
  return typeof schema.type === 'string' ? schema.type : (schema.type?.join(' or ') ?? 'any');
}
