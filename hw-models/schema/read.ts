import type { TSchema } from '@sinclair/typebox';
import { fail, Problems, type Diagnostic, type Location } from '../../src/base/diagnostics.ts';
import { pointerOf, readJson, type JsonDocument } from '../../src/base/json.ts';
import { closest } from '../../src/base/suggest.ts';
import { parseQuantity, unitsOf } from '../../src/base/units.ts';
import { fieldKey, longestText, type FieldHints } from './fields.ts';
import { familyNames, machineSchemas, type FamilyName, type Machine } from './machine.ts';
import { senseChecks } from './sense.ts';
import { validators } from './validators.gen.ts';

/** Where a number of a machine file comes from. */
export interface Provenance {
  /** As written in the file. */
  readonly text: string;
  readonly source: string;
  readonly note?: string;
}

export interface LoadedMachine {
  readonly machine: Machine;
  /** By JSON Pointer of the field. */
  readonly sources: ReadonlyMap<string, Provenance>;
  readonly diagnostics: readonly Diagnostic[];
  /** The file as JSON, before units were read: what `hw show`, `hw diff` and overrides work on. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Values to put in place of what the file says, by JSON Pointer. */
export type Overrides = Readonly<Record<string, unknown>>;

/**
 * Reads and checks a machine file. All problems are reported together.
 * @throws NetloomError NL2101 to NL2106 with line, column and JSON Pointer; NL2109 for parts that do not fit together
 */
export function readMachine(bytes: Uint8Array | string, file: string, overrides: Overrides = {}): LoadedMachine {
  const document = readJson(bytes, file);
  return readMachineDocument(document, overrides);
}

export function readMachineDocument(document: JsonDocument, overrides: Overrides = {}): LoadedMachine {
  const json = withOverrides(document, overrides);
  const family = familyOf(document, json);
  const schema = machineSchemas[family];
  const problems = new Problems();
  const validate = validators[family]!;
  if (!validate(json)) reportErrors(document, schema, validate.errors ?? [], problems);
  const sources = new Map<string, Provenance>();
  // Units and ranges are checked even when the shape is wrong, so that one run shows all there is to mend.
  const machine = resolve(schema, json, [], document, sources, problems) as Machine;
  problems.finish();
  checkParts(machine, document, problems);
  const sense = senseChecks(machine, document);
  return { machine, sources, json: json as Record<string, unknown>, diagnostics: [...problems.finish(), ...sense] };
}

function familyOf(document: JsonDocument, json: unknown): FamilyName {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return fail('NL2105', {
      message: 'a machine file must hold one object',
      at: document.locate(''),
      cause: 'it holds something else',
      fix: 'begin from a preset: netloom hw new --from tpu-v1 my.json',
    });
  }
  const family = (json as Record<string, unknown>).family;
  if (typeof family === 'string' && (familyNames as readonly string[]).includes(family)) return family as FamilyName;
  const near = typeof family === 'string' ? closest(family, familyNames) : undefined;
  return fail('NL2105', {
    message: family === undefined ? 'the machine names no family' : 'there is no such family of machines',
    at: { ...document.locate('/family'), ...(near ? { hint: `did you mean "${near}"?` } : {}) },
    cause: `"family" must be one of ${familyNames.join(', ')}`,
    fix: near ? `write "family": "${near}"` : 'add "family" to the file',
  });
}

function withOverrides(document: JsonDocument, overrides: Overrides): unknown {
  if (Object.keys(overrides).length === 0) return document.value;
  const copy = structuredClone(document.value);
  for (const [pointer, value] of Object.entries(overrides)) {
    const path = pointer
      .split('/')
      .slice(1)
      .map((p) => p.replace(/~1/g, '/').replace(/~0/g, '~'));
    let holder = copy as Record<string, unknown> | undefined;
    for (const key of path.slice(0, -1))
      holder = holder && Object.hasOwn(holder, key) ? (holder[key] as Record<string, unknown>) : undefined;
    const last = path.at(-1);
    if (typeof holder !== 'object' || holder === null || last === undefined || !Object.hasOwn(holder, last)) {
      fail('NL2105', {
        message: `there is nothing at ${pointer} to override`,
        at: { file: document.file, pointer },
        cause: 'an override replaces a field that the machine has',
        fix: 'netloom hw show <name> --json prints the fields',
      });
    }
    holder[last] = value;
  }
  return copy;
}

/** What of an ajv error is used here. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

type Node = Record<string, unknown>;
const hintsOf = (schema: unknown): FieldHints | undefined =>
  (schema as Node | undefined)?.[fieldKey] as FieldHints | undefined;

/** The schema of the value under a key or index. */
function child(schema: unknown, key: string): unknown {
  const s = schema as { properties?: Node; patternProperties?: Node; items?: unknown } | undefined;
  if (s?.properties && Object.hasOwn(s.properties, key)) return s.properties[key];
  for (const [pattern, sub] of Object.entries(s?.patternProperties ?? {}))
    if (new RegExp(pattern).test(key)) return sub;
  return s?.items;
}

const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((p) => p.replace(/~1/g, '/').replace(/~0/g, '~'));

/** Whether the pointer leads to a number field or into one: those are reported by `resolve`, in words that fit. */
const insideField = (schema: TSchema, path: readonly string[]): boolean => {
  let at: unknown = schema;
  for (const key of path) {
    if (hintsOf(at)) return true;
    at = child(at, key);
  }
  return hintsOf(at) !== undefined;
};

function reportErrors(
  document: JsonDocument,
  schema: TSchema,
  errors: readonly SchemaError[],
  problems: Problems,
): void {
  for (const e of errors) {
    const path = pathOf(e.instancePath);
    if (insideField(schema, path)) continue;
    if (e.keyword === 'additionalProperties' || e.keyword === 'unevaluatedProperties')
      unknownKey(document, schema, path, String(e.params.additionalProperty), problems);
    else if (e.keyword === 'required') {
      const key = String(e.params.missingProperty);
      problems.error('NL2105', {
        message: `"${key}" is missing`,
        at: document.locate(e.instancePath),
        cause: describe(child(walkSchema(schema, path), key)) ?? 'the schema asks for it',
        fix: `add "${key}"; netloom hw schema prints all fields`,
      });
    } else {
      problems.error('NL2105', {
        message: `${e.instancePath === '' ? 'the machine' : `the value of "${path.at(-1)}"`} does not fit the schema`,
        at: document.locate(e.instancePath),
        cause: reasonOf(e),
        fix: describe(walkSchema(schema, path)) ?? 'netloom hw schema prints what is allowed',
      });
    }
  }
}

const describe = (schema: unknown): string | undefined => (schema as { description?: string } | undefined)?.description;
const walkSchema = (schema: unknown, path: readonly string[]): unknown =>
  path.reduce((s, key) => child(s, key), schema);

function reasonOf(e: SchemaError): string {
  if (e.keyword === 'enum')
    return `it must be one of ${(e.params.allowedValues as unknown[]).map((v) => JSON.stringify(v)).join(', ')}`;
  if (e.keyword === 'const') return `it must be ${JSON.stringify(e.params.allowedValue)}`;
  return `it ${e.message ?? 'is not valid'}`;
}

function unknownKey(
  document: JsonDocument,
  schema: TSchema,
  path: readonly string[],
  key: string,
  problems: Problems,
): void {
  const holder = walkSchema(schema, path) as { properties?: Node; patternProperties?: Node } | undefined;
  const known = Object.keys(holder?.properties ?? {}).filter((k) => k !== '$schema');
  const near = closest(key, known);
  const pointer = pointerOf([...path, key]);
  const formats = holder?.patternProperties
    ? Object.keys(holder.patternProperties).map((p) =>
        p
          .replace(/[\^$()]/g, '')
          .split('|')
          .join(', '),
      )
    : [];
  problems.error('NL2103', {
    message: `unknown key "${key}"${path.length > 0 ? ` in ${path.join('/')}` : ''}`,
    at: { ...document.locate(pointer, 'key'), ...(near ? { hint: `did you mean "${near}"?` } : {}) },
    cause: 'an unknown key could change the result without your knowing, so it is refused',
    fix: `${near ? `rename it to "${near}"; ` : ''}allowed keys: ${[...known, ...formats].join(', ')}`,
  });
}

/** The value with every number field read into its base unit; keeps where each number comes from. */
function resolve(
  schema: unknown,
  value: unknown,
  path: readonly (string | number)[],
  document: JsonDocument,
  sources: Map<string, Provenance>,
  problems: Problems,
): unknown {
  const hints = hintsOf(schema);
  if (hints) return readField(hints, value, path, document, sources, problems);
  if (Array.isArray(value))
    return value.map((v, i) => resolve(child(schema, String(i)), v, [...path, i], document, sources, problems));
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, v] of Object.entries(value))
    if (key !== '$schema') out[key] = resolve(child(schema, key), v, [...path, key], document, sources, problems);
  return out;
}

function readField(
  hints: FieldHints,
  given: unknown,
  path: readonly (string | number)[],
  document: JsonDocument,
  sources: Map<string, Provenance>,
  problems: Problems,
): number {
  const pointer = pointerOf(path);
  const at: Location = document.locate(pointer);
  const label = `"${path.join('/')}"`;
  const wrapped =
    typeof given === 'object' && given !== null && !Array.isArray(given)
      ? (given as Record<string, unknown>)
      : undefined;
  if (wrapped) {
    for (const key of Object.keys(wrapped)) {
      if (key === 'value' || key === 'source' || key === 'note') continue;
      const near = closest(key, ['value', 'source', 'note']);
      problems.error('NL2103', {
        message: `unknown key "${key}" in ${label}`,
        at: { ...document.locate(`${pointer}/${key}`, 'key'), ...(near ? { hint: `did you mean "${near}"?` } : {}) },
        cause: 'a number has value, source and note',
        fix: near ? `rename it to "${near}"` : 'remove it',
      });
    }
    if (typeof wrapped.source !== 'string' || wrapped.source === '') {
      problems.error('NL2105', {
        message: `${label} does not say where its number comes from`,
        at,
        cause: 'a number written as an object needs "source"',
        fix: 'add "source": a document, or "estimate"',
      });
    }
    for (const key of ['source', 'note'] as const) {
      const text = wrapped[key];
      if (text === undefined || (key === 'source' && typeof text !== 'string')) continue;
      if (typeof text === 'string' && text.length <= longestText) continue;
      problems.error('NL2105', {
        message: `the ${key} of ${label} must be a text of at most ${longestText} characters`,
        at: document.locate(`${pointer}/${key}`),
        cause: `it is ${typeof text === 'string' ? `${text.length} characters long` : shown(text)}`,
        fix: `shorten it${key === 'note' ? ' or leave it out' : ''}`,
      });
    }
  }
  const raw = wrapped ? wrapped.value : given;
  const unit = hints.dimension === 'count' ? undefined : hints.dimension;
  const number =
    unit === undefined
      ? typeof raw === 'number'
        ? raw
        : undefined
      : typeof raw === 'string'
        ? parseQuantity(raw, unit)
        : undefined;
  if (number === undefined) {
    if (unit === undefined)
      problems.error('NL2105', {
        message: `${label} must be a number`,
        at,
        cause: `it is ${shown(raw)}`,
        fix: `write a number between ${hints.low} and ${hints.high}`,
      });
    else
      problems.error('NL2106', {
        message: `${label} is not a quantity with a unit that fits`,
        at,
        cause: `it is ${shown(raw)}; units here: ${unitsOf(unit).slice(0, 10).join(', ')}`,
        fix: `write it as "<number> <unit>", for example "1 ${unitsOf(unit)[Math.min(2, unitsOf(unit).length - 1)]}"`,
      });
    return NaN;
  }
  if (number < hints.low || number > hints.high) {
    problems.error('NL2105', {
      message: `${label} is out of range`,
      at,
      cause: `${shown(raw)} is not between ${hints.low} and ${hints.high}${unit ? ` (base unit of ${unit})` : ''}`,
      fix: 'correct the number or its unit',
    });
  }
  if (hints.integer && !Number.isInteger(number)) {
    problems.error('NL2105', {
      message: `${label} must be a whole number`,
      at,
      cause: `it is ${shown(raw)}, and these are counted one by one`,
      fix: `write ${Math.floor(number)} or ${Math.ceil(number)}`,
    });
  }
  const source = typeof wrapped?.source === 'string' ? wrapped.source : `given in ${document.file}`;
  sources.set(pointer, {
    text: String(raw),
    source,
    ...(typeof wrapped?.note === 'string' ? { note: wrapped.note } : {}),
  });
  return number;
}

const shown = (x: unknown): string => (x === undefined ? 'missing' : (JSON.stringify(x) ?? typeof x).slice(0, 60));

function checkParts(machine: Machine, document: JsonDocument, problems: Problems): void {
  const names = new Set<string>();
  machine.memory.forEach((m, i) => {
    if (names.has(m.name))
      problems.error('NL2109', {
        message: `two memories are called "${m.name}"`,
        at: document.locate(`/memory/${i}/name`),
        cause: 'reports name memories',
        fix: 'rename one of them',
      });
    names.add(m.name);
  });
  if (machine.host?.machine === machine.name) {
    problems.error('NL2109', {
      message: 'a machine cannot be its own host',
      at: document.locate('/host/machine'),
      cause: 'what it cannot run, it cannot run as a host either',
      fix: 'name a CPU preset',
    });
  }
  if (machine.power.tdp !== undefined && machine.power.tdp < machine.power.idle) {
    problems.error('NL2109', {
      message: 'the idle power is above the design limit',
      at: document.locate('/power'),
      cause: `idle ${machine.power.idle} W, tdp ${machine.power.tdp} W`,
      fix: 'correct one of them',
    });
  }
}
