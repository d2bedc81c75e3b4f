import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtinFamilies } from '../../hw-models/families/index.ts';
import { machineTexts } from '../../hw-models/machines.gen.ts';
import { machineSchemas, type FamilyName, type Machine } from '../../hw-models/schema/machine.ts';
import { readMachine, type LoadedMachine } from '../../hw-models/schema/read.ts';
import { NetloomError, type Diagnostic } from '../../src/base/diagnostics.ts';

interface QuotedPeak {
  readonly machine: string;
  readonly format: string;
  readonly ops_per_s: number;
  readonly at_hz?: number;
  readonly source: string;
}

const folder = 'hw-models/machines';
const files = readdirSync(folder).filter((f) => f.endsWith('.json'));
const texts = new Map(files.map((f) => [f.replace(/\.json$/, ''), readFileSync(`${folder}/${f}`, 'utf8')]));
const names = [...texts.keys()];
const load = (name: string): LoadedMachine => readMachine(texts.get(name)!, `${name}.json`);
const machines = new Map(names.map((name) => [name, load(name)]));
const peaks = (JSON.parse(readFileSync('hw-models/measured/peaks.json', 'utf8')) as { records: QuotedPeak[] }).records;

const required =
  'xeon-8480 xeon-e5-2699v3 epyc-zen4 ryzen-5950x cortex-a9 cortex-a53 cortex-a57 cortex-a72 cortex-a76 cortex-a78ae cortex-m4 cortex-m7 ' +
  'riscv-ri5cy microblaze t4 v100 a100 h100 h200 l4 rtx-4090 jetson-orin jetson-nano tpu-v1 tpu-v4i tpu-v5e edge-tpu ' +
  'eyeriss-v1 nvdla-large simba eie xne pynq-z2 zc706 zcu104 u250 arty-a7-100t';

/** Every pointer of a JSON value, the root left out. */
const pointers = (value: unknown, at: readonly string[] = []): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, v]) => [[...at, key], ...pointers(v, [...at, key])])
    : [];

describe('presets', () => {
  test.each(required.split(' '))('%s is there', (name) => expect(names).toContain(name));

  test('the embedded texts are the files', () => {
    for (const name of names) expect(machineTexts[name], `run npm run generate (${name})`).toBe(texts.get(name));
    expect(Object.keys(machineTexts).sort()).toEqual([...names].sort());
  });
});

describe.each(names)('%s', (name) => {
  const { machine, sources, diagnostics, json } = machines.get(name)!;

  test('loads without a warning, under the name of its file', () => {
    expect(diagnostics).toEqual([]);
    expect(machine.name).toBe(name);
    expect(machine.summary, 'says what it leaves out').toBeTruthy();
  });

  test('every number says where it comes from, and an estimate from what', () => {
    for (const [pointer, s] of sources) {
      expect(s.source, pointer).not.toMatch(/^given in/);
      if (s.source === 'estimate') expect(s.note, `${pointer} of ${name} is an estimate without a reason`).toBeTruthy();
    }
  });

  test('has a host unless it is a CPU, and the host is a CPU', () => {
    if (machine.family === 'cpu') expect(machine.host).toBeUndefined();
    else expect(machines.get(machine.host!.machine)?.machine.family).toBe('cpu');
  });

  test('memories become faster and, where they hold the same, smaller on the way in', () => {
    const { memory } = machine;
    memory.slice(1).forEach((m, i) => expect(m.bandwidth, m.name).toBeGreaterThanOrEqual(memory[i]!.bandwidth));
    expect(['dram', 'flash']).toContain(memory[0]!.kind);
    const last = memory.at(-1)!;
    expect(last.size * (last.instances ?? 1)).toBeLessThan(memory[0]!.size);
  });

  test('the published schema accepts it', () => {
    expect(schemaAccepts(machine.family, json)).toBe(true);
  });

  test('rates fall as formats widen', () => {
    for (const rates of ratesOf(machine)) {
      for (const order of [
        ['i4', 'i8', 'i16', 'i32'],
        ['f16', 'f32', 'f64'],
        ['bf16', 'tf32', 'f32', 'f64'],
      ]) {
        const listed = order.filter((f) => rates[f] !== undefined && !(isSmallCore(machine) && f === 'i8'));
        for (let i = 1; i < listed.length; i++)
          expect(rates[listed[i]!]!, listed[i]).toBeLessThanOrEqual(rates[listed[i - 1]!]!);
      }
    }
  });
});

const ratesOf = (m: Machine): Readonly<Record<string, number>>[] =>
  m.family === 'gpu' ? [m.simt, ...(m.tensor ? [m.tensor] : [])] : m.family === 'fpga' ? [] : [m.macs];

/** Cores whose 8-bit factors have to be unpacked to 16 bits first. */
const isSmallCore = (m: Machine): boolean => m.family === 'cpu' && m.simd.bits === 32;

describe('quoted peaks', () => {
  test.each(peaks)('$machine in $format', ({ machine: name, format, ops_per_s, at_hz, source }) => {
    expect(source).toBeTruthy();
    const { machine } = machines.get(name)!;
    const family = builtinFamilies.find((f) => f.name === machine.family)!;
    const peak = 2 * family.roofs(machine).peaks[format]! * ((at_hz ?? machine.clock) / machine.clock);
    expect(Math.abs(peak / ops_per_s - 1), `${peak} against ${ops_per_s}`).toBeLessThan(0.03);
  });

  test('all GPUs and TPUs have some', () => {
    const listed = new Set(peaks.map((p) => p.machine));
    for (const [name, { machine }] of machines)
      if (machine.family === 'gpu' || machine.family === 'tpu') expect(listed).toContain(name);
  });
});

// ---- what is refused ----

const original = texts.get('tpu-v1')!;

/** The problems of a machine text; warnings too when it is accepted. */
function problemsOf(text: string): readonly Diagnostic[] {
  try {
    return readMachine(text, 'case.json').diagnostics;
  } catch (e) {
    if (e instanceof NetloomError) return e.diagnostics;
    throw e;
  }
}

/** tpu-v1 with one passage changed. */
function changed(from: string, to: string): string {
  expect(original).toContain(from);
  return original.replace(from, to);
}

/** "line:column" of a passage. */
function placeOf(text: string, passage: string): string {
  const before = text.slice(0, text.indexOf(passage)).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

interface Refusal {
  readonly why: string;
  readonly from: string;
  readonly to: string;
  readonly code: string;
  /** Passage at whose beginning the location stands. */
  readonly at: string;
  readonly hint?: string;
}

const dram = '"bandwidth": { "value": "34 GB/s"';
const refusals: readonly Refusal[] = [
  {
    why: 'an unknown key',
    from: dram,
    to: '"bandwith": { "value": "34 GB/s"',
    code: 'NL2103',
    at: '"bandwith"',
    hint: 'bandwidth',
  },
  {
    why: 'an unknown key of a number',
    from: '"value": 4096, "source"',
    to: '"value": 4096, "sorce"',
    code: 'NL2103',
    at: '"sorce"',
    hint: 'source',
  },
  { why: 'an unknown format', from: '"i16": {', to: '"int16": {', code: 'NL2103', at: '"int16"' },
  {
    why: 'a wrong unit',
    from: '"clock": { "value": "700 MHz"',
    to: '"clock": { "value": "700 MB"',
    code: 'NL2106',
    at: '{ "value": "700 MB"',
  },
  {
    why: 'no unit',
    from: '"clock": { "value": "700 MHz"',
    to: '"clock": { "value": "700"',
    code: 'NL2106',
    at: '{ "value": "700"',
  },
  {
    why: 'a bare number where a unit belongs',
    from: '"clock": { "value": "700 MHz"',
    to: '"clock": { "value": 700',
    code: 'NL2106',
    at: '{ "value": 700,',
  },
  { why: 'a negative count', from: '"value": 4096', to: '"value": -4096', code: 'NL2105', at: '{ "value": -4096' },
  {
    why: 'a negative quantity',
    from: '"value": "34 GB/s"',
    to: '"value": "-34 GB/s"',
    code: 'NL2106',
    at: '{ "value": "-34 GB/s"',
  },
  {
    why: 'a quantity out of range',
    from: '"value": "700 MHz"',
    to: '"value": "700 THz"',
    code: 'NL2105',
    at: '{ "value": "700 THz"',
  },
  { why: 'half a thing', from: '"value": 4096', to: '"value": 4096.5', code: 'NL2105', at: '{ "value": 4096.5' },
  {
    why: 'a note that is no text',
    from: '"note": "measured; busy draws 40 W"',
    to: '"note": 40',
    code: 'NL2105',
    at: '40 }',
  },
  {
    why: 'a count out of range',
    from: '"arrays": { "value": 1',
    to: '"arrays": { "value": 9999',
    code: 'NL2105',
    at: '{ "value": 9999',
  },
  {
    why: 'an empty source',
    from: '"rows": { "value": 256, "source": "',
    to: '"rows": { "value": 256, "source": "", "note": "',
    code: 'NL2105',
    at: '{ "value": 256, "source": ""',
  },
  { why: 'a missing field', from: '"hidesWeightLoad": true,', to: '', code: 'NL2105', at: '{' },
  {
    why: 'a wrong word',
    from: '"weight-stationary"',
    to: '"stationary-weights"',
    code: 'NL2105',
    at: '"stationary-weights"',
  },
  {
    why: 'a family that does not exist',
    from: '"family": "tpu"',
    to: '"family": "tpus"',
    code: 'NL2105',
    at: '"tpus"',
    hint: 'tpu',
  },
  { why: 'a doubled key', from: '"year": 2015', to: '"year": 2015, "year": 2016', code: 'NL2104', at: '"year": 2016' },
  { why: 'a prototype key', from: '"year": 2015', to: '"__proto__": 2015', code: 'NL2104', at: '"__proto__"' },
  {
    why: 'a prototype key deep inside',
    from: '"rows": {',
    to: '"constructor": 1, "rows": {',
    code: 'NL2104',
    at: '"constructor"',
  },
  { why: 'an infinite number', from: '"value": 4096', to: '"value": 1e999', code: 'NL2101', at: '1e999' },
  {
    why: 'its own host',
    from: '"machine": "xeon-e5-2699v3"',
    to: '"machine": "tpu-v1"',
    code: 'NL2109',
    at: '"tpu-v1",\n    "link"',
  },
  {
    why: 'two memories of one name',
    from: '"name": "unified-buffer"',
    to: '"name": "weight-dram" ',
    code: 'NL2109',
    at: '"weight-dram" ,',
  },
  {
    why: 'more idle power than the design limit',
    from: '"value": "28 W"',
    to: '"value": "280 W"',
    code: 'NL2109',
    at: '{\n    "idle"',
  },
];

describe('a damaged file is refused', () => {
  test.each(refusals)('$why: $code', ({ from, to, code, at, hint }) => {
    const text = changed(from, to);
    const found = problemsOf(text);
    expect(found.map((d) => d.code)).toContain(code);
    const first = found.find((d) => d.code === code)!;
    const [place] = first.locations;
    expect(`${place?.line}:${place?.column}`).toBe(placeOf(text, at));
    expect(place?.file).toBe('case.json');
    expect(first.cause).toBeTruthy();
    expect(first.fixes.length).toBeGreaterThan(0);
    if (hint !== undefined) expect(JSON.stringify(first)).toContain(`did you mean \\"${hint}\\"`);
  });

  test('all problems come in one run', () => {
    const text = changed('"700 MHz"', '"700 MB"')
      .replace('"arrays"', '"arays"')
      .replace('"value": 4096', '"value": -1');
    const found = problemsOf(text);
    expect(found.length).toBeGreaterThanOrEqual(3);
    expect(new Set(found.map((d) => d.code))).toEqual(new Set(['NL2103', 'NL2105', 'NL2106']));
  });
});

describe('values that hardware does not have are named and used', () => {
  test.each([
    ['idle power of nothing', '"value": "28 W"', '"value": "0 W"', 'idle power'],
    ['more than the pins carry', '"value": "34 GB/s"', '"value": "350 GB/s"', 'pins of ddr3'],
    ['a memory slower than the one outside it', '"value": "358.4 GB/s"', '"value": "3.584 GB/s"', 'slower than'],
    ['a clock above all products', '"value": "700 MHz"', '"value": "70 GHz"', 'clock'],
  ])('%s', (_why, from, to, message) => {
    const found = problemsOf(changed(from, to));
    expect(found.map((d) => [d.code, d.level])).toEqual([['NL2108', 'warning']]);
    expect(found[0]!.message).toContain(message);
  });
});

// ---- the published schema and the reader ----

const ajv = new Ajv2020({ strict: false });
const compiled = new Map(Object.entries(machineSchemas).map(([family, schema]) => [family, ajv.compile(schema)]));
function schemaAccepts(family: FamilyName, json: unknown): boolean {
  return compiled.get(family)!(JSON.parse(JSON.stringify(json)));
}

type Mutation = 'drop' | 'rename' | 'negate' | 'half' | 'nothing' | 'text';

/** A copy of a preset with one key dropped or renamed, or one value changed. */
function mutate(json: unknown, path: readonly string[], mutation: Mutation): unknown {
  const copy = structuredClone(json) as Record<string, unknown>;
  const holder = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
  const key = path.at(-1)!;
  const value = holder[key];
  if (mutation === 'drop') {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (mutation === 'rename' && !Array.isArray(holder)) {
    delete holder[key];
    holder[`${key}_x`] = value;
  } else if (mutation === 'negate') {
    if (typeof value === 'number') holder[key] = -value;
    else if (typeof value === 'string' && /^\d/.test(value)) holder[key] = `-${value}`;
  } else if (mutation === 'half' && typeof value === 'number') holder[key] = value + 0.5;
  else if (mutation === 'nothing') holder[key] = null;
  else if (mutation === 'text') holder[key] = 'twelve';
  return copy;
}

test('the published schema and the reader agree on presets that were damaged', () => {
  const plain = names.map((name) => JSON.parse(texts.get(name)!) as Record<string, unknown>);
  const paths = plain.map((json) => pointers(json));
  const mutations: Mutation[] = ['drop', 'rename', 'negate', 'half', 'nothing', 'text'];
  const damage = fc.record({
    preset: fc.nat(names.length - 1),
    field: fc.nat(1e6),
    mutation: fc.constantFrom(...mutations),
  });
  fc.assert(
    fc.property(damage, ({ preset, field, mutation }) => {
      const path = paths[preset]![field % paths[preset]!.length]!;
      const json = mutate(plain[preset], path, mutation);
      const reader = problemsOf(JSON.stringify(json)).every((d) => d.level !== 'error');
      const schema = schemaAccepts(plain[preset]!.family as FamilyName, json);
      expect(reader, `${names[preset]} ${mutation} /${path.join('/')}`).toBe(schema);
    }),
    { numRuns: 3000, seed: 11 },
  );
});
