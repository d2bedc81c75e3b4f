import type { Flags } from './flags.ts';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { fail, isNetloomError, NetloomError, type Diagnostic } from '../../base/diagnostics.ts';
import { readJson, type JsonDocument } from '../../base/json.ts';
import { closest } from '../../base/suggest.ts';
import { readBytes } from '../../files/read.ts';
import type { ColorChoice, Io } from './io.ts';
import type { Format } from './session.ts';

/** Settings that every command shares, after flags, environment, config file and defaults are joined. */
export interface Settings {
  readonly on: readonly string[];
  readonly precision: string;
  readonly batch: number | undefined;
  readonly shape: Readonly<Record<string, readonly number[]>>;
  readonly dim: Readonly<Record<string, number>>;
  readonly trips: Readonly<Record<string, number>>;
  readonly format: Format;
  readonly color: ColorChoice;
  readonly quiet: boolean;
  readonly verbose: number;
  readonly concise: boolean;
  readonly strict: boolean;
  readonly seed: number;
  readonly save: string | undefined;
}

type Key = keyof Settings;

interface Setting {
  readonly key: Key;
  readonly flags: string;
  readonly doc: string;
  /** From text of a flag or the environment, or from JSON of a config file. */
  readonly read: (value: unknown, where: string) => unknown;
  readonly fallback: unknown;
  readonly repeats?: boolean;
}

const wrong = (where: string, value: unknown, wanted: string): never =>
  fail('NL7002', {
    message: `${where} is ${JSON.stringify(value)?.slice(0, 80) ?? 'missing'}`,
    cause: `it should be ${wanted}`,
    fix: 'netloom help <command> shows examples',
  });

const choice =
  (list: readonly string[]) =>
  (value: unknown, where: string): string => {
    if (typeof value === 'string' && list.includes(value)) return value;
    const near = typeof value === 'string' ? closest(value, list) : undefined;
    return wrong(where, value, `one of ${list.join(', ')}${near ? `; did you mean "${near}"?` : ''}`);
  };

const wholeNumber =
  (low: number, high: number) =>
  (value: unknown, where: string): number => {
    const n = typeof value === 'string' && /^[0-9]{1,16}$/.test(value) ? Number(value) : value;
    return typeof n === 'number' && Number.isSafeInteger(n) && n >= low && n <= high
      ? n
      : wrong(where, value, `a whole number from ${low} to ${high}`);
  };

const text = (value: unknown, where: string): string =>
  typeof value === 'string' && value !== '' ? value : wrong(where, value, 'a text');
const truth = (value: unknown, where: string): boolean =>
  typeof value === 'boolean'
    ? value
    : value === '1' || value === 'true'
      ? true
      : value === '0' || value === 'false'
        ? false
        : wrong(where, value, 'true or false');
const texts = (value: unknown, where: string): string[] =>
  Array.isArray(value)
    ? value.map((v) => text(v, where))
    : text(value, where)
        .split(',')
        .map((s) => s.trim())
        .filter(Boolean);

/** `input=1,3,224,224`, repeated; the name may itself hold `=`. */
const shapes = (value: unknown, where: string): Record<string, number[]> =>
  pairs(
    value,
    where,
    (list) => list.split(/[,x]/).map((n) => wholeNumber(0, Number.MAX_SAFE_INTEGER)(n.trim(), where)),
    'input=1,3,224,224',
  );
const numbers = (value: unknown, where: string): Record<string, number> =>
  pairs(value, where, (n) => wholeNumber(0, Number.MAX_SAFE_INTEGER)(n, where), 'name=8');

function pairs<T>(value: unknown, where: string, read: (text: string) => T, form: string): Record<string, T> {
  const found = Object.create(null) as Record<string, T>;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [name, v] of Object.entries(value)) found[name] = Array.isArray(v) ? read(v.join(',')) : read(String(v));
    return found;
  }
  for (const item of Array.isArray(value) ? value : [value]) {
    const cut = typeof item === 'string' ? item.lastIndexOf('=') : -1;
    if (cut < 1) wrong(where, item, `in the form ${form}`);
    found[(item as string).slice(0, cut)] = read((item as string).slice(cut + 1));
  }
  return found;
}

export const sharedSettings: readonly Setting[] = [
  {
    key: 'on',
    flags: '--on <hw>',
    doc: 'machine: a preset (netloom hw list), a machine file, or "all"; may be repeated',
    read: texts,
    fallback: [],
    repeats: true,
  },
  {
    key: 'precision',
    flags: '--precision <p>',
    doc: 'native, fp32, fp16, bf16, fp8, int16, int8, int4, ternary, binary, or wNaM',
    read: text,
    fallback: 'native',
  },
  {
    key: 'batch',
    flags: '--batch <n>',
    doc: 'inputs at once, where the leading dimension is free',
    read: wholeNumber(1, 2 ** 24),
    fallback: undefined,
  },
  {
    key: 'shape',
    flags: '--shape <input=d,d,...>',
    doc: 'shape of an input; may be repeated',
    read: shapes,
    fallback: {},
    repeats: true,
  },
  {
    key: 'dim',
    flags: '--dim <name=n>',
    doc: 'size of a named dimension; may be repeated',
    read: numbers,
    fallback: {},
    repeats: true,
  },
  {
    key: 'trips',
    flags: '--trips <node=n>',
    doc: 'trip count of a loop that the model does not tell; may be repeated',
    read: numbers,
    fallback: {},
    repeats: true,
  },
  {
    key: 'format',
    flags: '--format <f>',
    doc: 'table, json, csv or md',
    read: choice(['table', 'json', 'csv', 'md']),
    fallback: 'table',
  },
  {
    key: 'save',
    flags: '--save <file>',
    doc: 'write the canonical JSON document to a file too',
    read: text,
    fallback: undefined,
  },
  {
    key: 'color',
    flags: '--color <when>',
    doc: 'auto, always or never',
    read: choice(['auto', 'always', 'never']),
    fallback: 'auto',
  },
  { key: 'seed', flags: '--seed <n>', doc: 'seed of random numbers', read: wholeNumber(0, 2 ** 32 - 1), fallback: 1 },
  { key: 'quiet', flags: '-q, --quiet', doc: 'only the result and errors', read: truth, fallback: false },
  { key: 'strict', flags: '--strict', doc: 'a warning makes the exit code 3', read: truth, fallback: false },
  { key: 'concise', flags: '--concise', doc: 'one line per message', read: truth, fallback: false },
];

/** Adds the shared flags to a command. */
export function withSharedFlags(command: Command): Command {
  for (const s of sharedSettings) {
    if (s.repeats)
      command.option(s.flags, s.doc, (value: string, before: string[] | undefined) => [...(before ?? []), value]);
    else command.option(s.flags, s.doc);
  }
  return command
    .option('--json', 'the same as --format json')
    .option(
      '-v, --verbose',
      'show notes; -vv adds traces of faults',
      (_: string, n: number | undefined) => (n ?? 0) + 1,
    )
    .option('--progress <when>', 'auto, plain or none')
    .option('--config <file>', 'config file instead of the nearest netloom.config.json')
    .option('--no-config', 'read no config file')
    .option('--print-config', 'print each setting and where it comes from, then stop');
}

export interface Resolved {
  readonly settings: Settings;
  /** Where each value comes from, for --print-config. */
  readonly origins: Readonly<Record<string, string>>;
}

/**
 * Joins flags, NETLOOM_* variables, the config file and defaults, in this order of precedence.
 * @throws NetloomError NL7002, NL7003
 */
export function resolveSettings(flags: Flags, io: Io): Resolved {
  const config =
    flags.config === false
      ? undefined
      : findConfig(typeof flags.config === 'string' ? flags.config : undefined, io.cwd);
  const file = config ? readConfig(config) : {};
  const settings: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  const flagged: Record<string, unknown> = { ...flags, ...(flags.json ? { format: 'json' } : {}) };
  for (const { key, read, fallback, flags: spelled } of sharedSettings) {
    const env = `NETLOOM_${key.toUpperCase()}`;
    const flag = spelled.replace(/^-\w, /, '').split(' ')[0]!;
    if (flagged[key] !== undefined)
      [settings[key], origins[key]] = [
        read(
          Array.isArray(flagged[key]) && key === 'on'
            ? flagged[key].flatMap((t: string) => t.split(','))
            : flagged[key],
          flag,
        ),
        `flag ${flag}`,
      ];
    else if (io.env[env] !== undefined)
      [settings[key], origins[key]] = [
        read(key === 'shape' || key === 'dim' || key === 'trips' ? io.env[env].split(' ') : io.env[env], env),
        `environment ${env}`,
      ];
    else if (file[key] !== undefined)
      [settings[key], origins[key]] = [read(file[key], `"${key}" in ${config!}`), config!];
    else [settings[key], origins[key]] = [fallback, 'default'];
  }
  if (flags.progress !== undefined) choice(['auto', 'plain', 'none'])(flags.progress, '--progress');
  settings.verbose = flags.verbose ?? 0;
  return { settings: settings as unknown as Settings, origins };
}

function findConfig(given: string | undefined, cwd: string): string | undefined {
  if (given !== undefined) return given;
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, 'netloom.config.json');
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return undefined;
  }
}

/** A config file that is no JSON is wrong usage (exit code 2), as a wrong value in it would be. */
function configDocument(path: string): JsonDocument {
  try {
    return readJson(readBytes(path, 2 ** 20), path);
  } catch (e) {
    if (!isNetloomError(e) || e.exitCode !== 3) throw e;
    throw new NetloomError(
      e.diagnostics.map((d): Diagnostic => ({ ...d, code: 'NL7003', docs: 'netloom explain NL7003' })),
    );
  }
}

function readConfig(path: string): Record<string, unknown> {
  const document = configDocument(path);
  if (typeof document.value !== 'object' || document.value === null || Array.isArray(document.value))
    fail('NL7003', {
      message: `${path} must hold one object`,
      at: document.locate(''),
      cause: 'settings are keys of an object',
      fix: '{ "precision": "int8" }',
    });
  const known = sharedSettings.map((s) => s.key as string);
  const values = document.value as Record<string, unknown>;
  for (const key of Object.keys(values)) {
    if (key === '$schema' || known.includes(key)) continue;
    const near = closest(key, known);
    fail('NL7003', {
      message: `unknown key "${key}"`,
      at: { ...document.locate(`/${key}`, 'key'), ...(near ? { hint: `did you mean "${near}"?` } : {}) },
      cause: 'an unknown key could change the result without your knowing, so it is refused',
      fix: near ? `rename it to "${near}"` : `allowed keys: ${known.join(', ')}`,
    });
  }
  return values;
}
