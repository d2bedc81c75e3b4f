import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { presetNames, presetText } from '../../src/netloom.ts';
import { schemas } from '../../src/schemas.ts';
import { CliWorld } from '../cli-world.ts';
import { runCli, words } from '../run-cli.ts';

const world = new CliWorld();
beforeAll(() => world.build());
afterAll(() => world.remove());

/** The project's own notes on number fields are no keyword of JSON Schema. */
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, keywords: ['x-netloom'] });
const byId = new Map(Object.values(schemas).map((schema) => [(schema as { $id: string }).$id, ajv.compile(schema)]));

function problemsOf(document: unknown): string[] {
  const { schema } = document as { schema: string };
  const validate = byId.get(schema);
  if (!validate) return [`no schema is published for ${schema}`];
  return validate(document) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
}

describe('what --json prints fits its published schema', () => {
  test.each([
    'inspect model.onnx --on tpu-v1 --on zcu104',
    'inspect open.onnx',
    'inspect model.onnx --graph json',
    'inspect unsupported.onnx',
    'estimate model.onnx --on all --precision int8',
    'estimate model.onnx --on tpu-v1 --max-latency 1ns',
    'estimate model.onnx --on wrong.json',
    'estimate broken.onnx --on tpu-v1',
    'simulate model.onnx',
    'simulate model.onnx --test-data test_data_set_0',
    'conformance node simple',
    'compare run.json fast.json run.json',
    'explain model.onnx --layer /conv1/Conv --on tpu-v1',
    'explain NL2103',
    'explain roofline',
    'explain NL-A12',
    'explain',
    'explain nothing-of-that-name',
    'report run.json',
    'hw list',
    'hw show tpu-v1',
    'hw show zcu104 --resolved',
    'hw validate tpu-v1 wrong.json',
    'hw new --from tpu-v1 schema-test.json --force',
    'hw diff a100 h100',
    'schema',
    'doctor',
    'estimate',
    'nosuchcommand',
    'estimate model.onnx --nosuchflag',
  ])('netloom %s', async (line) => {
    const { out } = await runCli([...words(line), '--json']);
    expect(problemsOf(JSON.parse(out))).toEqual([]);
  });

  test('--save writes the same document', async () => {
    await runCli(words('inspect model.onnx --save inspect.json -q'));
    expect(problemsOf(JSON.parse(readFileSync('inspect.json', 'utf8')))).toEqual([]);
  });
});

describe('machine presets fit the schema of their family', () => {
  test.each(presetNames)('%s', (name) => {
    const machine = JSON.parse(presetText(name)) as { family: string };
    const validate = byId.get(`netloom/machine-${machine.family}@1`)!;
    expect(validate(machine) ? [] : validate.errors).toEqual([]);
  });
});

test('netloom schema prints each of them', async () => {
  expect((await runCli(['schema', '--list'])).out).toBe(`${Object.keys(schemas).join('\n')}\n`);
  for (const [name, schema] of Object.entries(schemas)) {
    expect(JSON.parse((await runCli(['schema', name])).out)).toEqual(schema);
    expect((schema as { $id: string }).$id).toBe(`netloom/${name}@1`);
  }
});

test('no number of a run is negative, infinite or nothing where a number must be', async () => {
  const { out } = await runCli(words('estimate model.onnx --on all --precision int8 --json'));
  const walk = (value: unknown, path: string): string[] => {
    if (typeof value === 'number')
      return Number.isFinite(value) && (value >= 0 || path.endsWith('/overlap_s')) ? [] : [`${path} = ${value}`];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, v]) => walk(v, `${path}/${key}`));
  };
  expect(walk(JSON.parse(out), '')).toEqual([]);
});
