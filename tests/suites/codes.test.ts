/** Every error code is thrown by a command line or a reader, with the exit code of its page and a place. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { passesFor } from '../../compiler/passes/choose.ts';
import { presetText } from '../../src/netloom.ts';
import { codePages, type Code } from '../../src/base/codes/index.ts';
import { isNetloomError, type Diagnostic } from '../../src/base/diagnostics.ts';
import { defineCommand } from '../../src/commands/kit/define.ts';
import { commands } from '../../src/commands/index.ts';
import { floats, io, modelBytes, relu, value, type Message } from '../models/raw-model.ts';
import { runCli, words, type CliResult } from '../run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'netloom-codes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

const one = (node: Message, more: Message = {}, model: Message = {}): Uint8Array =>
  modelBytes({ ...io, node: [node], ...more }, model);
const external = (location: string): Uint8Array =>
  one(relu, {
    initializer: [
      { name: 'w', dims: [1], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: location }] },
    ],
  });
const body: Message = {
  name: 'b',
  input: [value('i', [], 7), value('go', [], 9), value('v', [1, 3])],
  node: [
    { opType: 'Relu', input: ['v'], output: ['w'] },
    { opType: 'Identity', input: ['go'], output: ['again'] },
  ],
  output: [value('again', [], 9), value('w', [1, 3])],
};
const loop: Message = {
  opType: 'Loop',
  name: 'loop',
  input: ['n', '', 'x'],
  output: ['y'],
  attribute: [{ name: 'body', type: 5, g: body }],
};
const branches = ['then_branch', 'else_branch'].map((name): Message => ({
  name,
  type: 5,
  g: { name, node: [{ opType: 'Relu', input: ['x'], output: ['q'] }], output: [{ name: 'q' }] },
}));
const big: Message = { name: 'w', dims: [1024, 4096], dataType: 1, rawData: new Uint8Array(4 * 1024 * 4096) };

const weight64: Message = { name: 'w', dims: [64, 64, 1, 1], dataType: 1, rawData: new Uint8Array(4 * 64 * 64) };

const models: Readonly<Record<string, () => Uint8Array>> = {
  good: () => one(relu),
  open: () => one(relu, { input: [value('x', ['batch', 3])] }),
  garbage: () => Uint8Array.of(0x07, 1, 2, 3),
  recursive: () =>
    one(
      { opType: 'f', domain: 'l', input: ['x'], output: ['y'] },
      {},
      {
        opsetImport: [
          { domain: '', version: 17 },
          { domain: 'l', version: 1 },
        ],
        functions: [
          {
            domain: 'l',
            name: 'f',
            input: ['a'],
            output: ['b'],
            node: [{ opType: 'f', domain: 'l', input: ['a'], output: ['b'] }],
          },
        ],
      },
    ),
  empty: () => new Uint8Array(),
  newest: () => one(relu, {}, { irVersion: 99 }),
  misfit: () => one(relu, { initializer: [floats('w', [4], [1])] }),
  undefined: () => one({ ...relu, input: ['q'] }),
  twice: () => modelBytes({ ...io, node: [relu, relu] }),
  circle: () =>
    modelBytes({
      ...io,
      node: [
        { ...relu, input: ['z'] },
        { opType: 'Relu', input: ['y'], output: ['z'] },
      ],
    }),
  'no-axis': () => one({ opType: 'Concat', name: 'k', input: ['x', 'x'], output: ['y'] }),
  stride: () => one({ ...relu, attribute: [{ name: 'stride', type: 2, i: 1 }] }),
  outside: () => external('../secret'),
  absent: () => external('absent.bin'),
  'no-input': () => one({ ...relu, input: [] }),
  sizes: () => one({ opType: 'MatMul', name: 'm', input: ['x', 'x'], output: ['y'] }),
  and: () => one({ opType: 'And', name: 'a', input: ['x', 'x'], output: ['y'] }),
  doubled: () =>
    one(
      relu,
      {},
      {
        functions: [
          { domain: 'l', name: 'f' },
          { domain: 'l', name: 'f' },
        ],
      },
    ),
  nan: () =>
    one(
      { opType: 'Add', name: 'a', input: ['x', 'w'], output: ['y'] },
      { initializer: [floats('w', [2, 1], [NaN, 1])] },
    ),
  scale: () =>
    one(
      { opType: 'QuantizeLinear', name: 'q', input: ['x', 's'], output: ['y'] },
      { initializer: [floats('s', [], [0])] },
    ),
  unknown: () => one({ ...relu, opType: 'Convv' }),
  complex: () => one(relu, { input: [value('x', [1], 14)] }),
  nonzero: () => one({ opType: 'NonZero', name: 'nz', input: ['x'], output: ['y'] }),
  loop: () => one(loop, { input: [value('x', [1, 3]), value('n', [], 7)] }),
  trees: () =>
    one(
      { ...relu, opType: 'Scaler', domain: 'ai.onnx.ml' },
      {},
      {
        opsetImport: [
          { domain: '', version: 17 },
          { domain: 'ai.onnx.ml', version: 3 },
        ],
      },
    ),
  text: () =>
    one({ opType: 'Cast', name: 'k', input: ['x'], output: ['y'], attribute: [{ name: 'to', type: 2, i: 8 }] }),
  late: () =>
    one(
      { opType: 'Reshape', name: 're', input: ['x', 's'], output: ['y'] },
      { input: [value('x', [1, 3]), value('s', [2], 7)] },
    ),
  branches: () =>
    one(
      { opType: 'If', name: 'if', input: ['c'], output: ['y'], attribute: branches },
      { input: [value('x', [1, 3]), value('c', [], 9)] },
    ),
  big: () =>
    one(
      { opType: 'MatMul', name: 'm', input: ['x', 'w'], output: ['y'] },
      { input: [value('x', [8, 1024])], initializer: [big] },
    ),
  wide: () =>
    modelBytes({
      input: [value('x', [1, 64, 512, 512])],
      output: [value('y', [1])],
      initializer: [weight64],
      node: ['x a', 'a b', 'b y'].map((io, i) => ({
        opType: 'Conv',
        name: `c${i}`,
        input: [io.split(' ')[0], 'w'],
        output: [io.split(' ')[1]],
      })),
    }),
};
for (const [name, make] of Object.entries(models)) file(`${name}.onnx`, make());

const machine = (change: (text: string) => string): string => change(presetText('tpu-v1'));
file('comma.json', '{ "name": "x", }');
file('deep.json', '['.repeat(80) + ']'.repeat(80));
file(
  'typo.json',
  machine((t) => t.replace('"clock"', '"clokc"')),
);
file('twice.json', '{ "a": 1, "a": 2 }');
file('family.json', '{ "family": "abacus" }');
file(
  'unit.json',
  machine((t) => t.replace(/"700 MHz"/, '"700 m"')),
);
file(
  'fast.json',
  machine((t) => t.replace(/"700 MHz"/, '"70 GHz"')),
);
file(
  'names.json',
  machine((t) => t.replace(/("memory": \[[\s\S]*?"name": ")([^"]+)("[\s\S]*?"name": ")[^"]+/, '$1$2$3$2')),
);
file('config.json', '{ "precison": "int8" }');
file('notrun.json', '{ "schema": "x" }');
file('there.json', '{}');
file('x.npy', 'no npy');
mkdirSync(at('data'));

/** By code: the command line that ends with it, `@name` being a file of the folder. */
const lines: Partial<Record<Code, string>> = {
  NL1001: 'inspect @garbage.onnx',
  NL1002: 'inspect @recursive.onnx',
  NL1003: 'inspect @empty.onnx',
  NL1004: 'inspect @newest.onnx',
  NL1005: 'inspect @misfit.onnx',
  NL1006: 'inspect @undefined.onnx',
  NL1007: 'inspect @twice.onnx',
  NL1008: 'inspect @circle.onnx',
  NL1009: 'inspect @no-axis.onnx',
  NL1010: 'inspect @stride.onnx',
  NL1011: 'inspect @outside.onnx',
  NL1012: 'inspect @absent.onnx',
  NL1013: 'inspect @no-input.onnx',
  NL1014: 'inspect @sizes.onnx',
  NL1015: 'inspect @and.onnx',
  NL1016: 'inspect @open.onnx -v',
  NL1017: 'inspect @good.onnx --shape data=1,3',
  NL1018: 'inspect @doubled.onnx',
  NL1019: 'inspect @nan.onnx',
  NL1020: 'inspect @scale.onnx',
  NL1101: 'inspect @unknown.onnx',
  NL1102: 'inspect @complex.onnx',
  NL1103: 'inspect @nonzero.onnx -v',
  NL1104: 'estimate @loop.onnx --on tpu-v1',
  NL1105: 'inspect @trees.onnx',
  NL1106: 'inspect @text.onnx',
  NL1107: 'estimate @late.onnx --on tpu-v1',
  NL2101: 'hw show @comma.json',
  NL2102: 'hw show @deep.json',
  NL2103: 'hw show @typo.json',
  NL2104: 'hw show @twice.json',
  NL2105: 'hw show @family.json',
  NL2106: 'hw show @unit.json',
  NL2107: 'hw show tpuv1',
  NL2108: 'hw show @fast.json',
  NL2109: 'hw show @names.json',
  NL3101: 'estimate @good.onnx --on tpu-v1 --precision int9x',
  NL4101: 'estimate @good.onnx --on tpu-v1',
  NL4102: 'estimate @big.onnx --on cortex-m4',
  NL4103: 'estimate @branches.onnx --on tpu-v1',
  NL4104: 'estimate @wide.onnx --on edge-tpu --precision int8',
  NL6001: 'inspect @nowhere.onnx',
  NL6002: 'estimate @good.onnx --on tpu-v1 --save @no/such/folder.json',
  NL6003: 'hw new --from tpu-v1 @there.json',
  NL6004: 'hw show @big.onnx --format table',
  NL6101: 'report @notrun.json',
  NL6102: 'simulate @good.onnx -v',
  NL6103: 'simulate @good.onnx --test-data @data',
  NL6104: 'simulate @good.onnx --input @x.npy',
  NL7001: 'estimat @good.onnx',
  NL7002: 'inspect @good.onnx --shape 1,3',
  NL7003: 'inspect @good.onnx --config @config.json',
  NL7004: 'explain rooflin',
  NL7005: 'explain @good.onnx --layer q --on tpu-v1',
  NL7101: 'estimate @good.onnx --on tpu-v1 --max-latency 1ps',
};

const registry = new OpRegistry(builtinOps);
const noCommand = async (): Promise<CliResult> => {
  const entry = {
    name: 'faulty',
    summary: '',
    load: () =>
      Promise.resolve({
        define: defineCommand({
          schema: 'x',
          description: '',
          examples: [],
          run: () => {
            throw new TypeError('a pass went wrong');
          },
        }),
      }),
  };
  (commands as unknown as (typeof entry)[]).push(entry);
  try {
    return await runCli(['faulty']);
  } finally {
    (commands as unknown as (typeof entry)[]).pop();
  }
};

/** Codes of text graphs and passes, which only tools of the repository read; and faults of ours. */
const others: Partial<Record<Code, () => unknown>> = {
  NL1030: () => parseGraph('graph g(', registry),
  NL1031: () => parseGraph('graph g(%x: f32[2]) {\n  %y: f32[3] = relu(%x) from /r (Relu)\n  return %y\n}', registry),
  NL1032: () => passesFor(['--pass', 'fold-batchnorm']),
};

const stackFrame = /^\s+at .*:\d+:\d+\)?$|RangeError|TypeError|UnhandledPromise|heap out of memory/m;

describe('every code has its page', () => {
  test.each(Object.keys(codePages) as Code[])('%s', async (code) => {
    const page = codePages[code];
    for (const text of [page.title, page.wrong, page.right, page.why]) expect(text.trim()).not.toBe('');
    expect([0, 1, 2, 3, 4, 5, 70]).toContain(page.exit);
    const { code: exit, out } = await runCli(['explain', code]);
    expect(exit).toBe(0);
    for (const text of [page.title, page.wrong, page.right, `exit code ${page.exit}`]) expect(out).toContain(text);
  });
});

describe('every code is thrown', () => {
  test('the tables below name each', () => {
    expect([...Object.keys(lines), ...Object.keys(others), 'NL9001'].sort()).toEqual(Object.keys(codePages).sort());
  });

  test.each(Object.entries(lines) as [Code, string][])('%s by netloom %s', async (code, line) => {
    const argv = words(line).map((w) => (w.startsWith('@') ? at(w.slice(1)) : w));
    const { exit } = codePages[code];
    const plain = await runCli(argv);
    expect(plain.err).toContain(code);
    expect(plain.code).toBe(exit);
    expect(Buffer.byteLength(plain.err)).toBeLessThanOrEqual(16_384);
    expect(plain.err + plain.out).not.toMatch(stackFrame);
    // The same in JSON: one document, with place, cause and a way out.
    const json = await runCli([...argv.filter((a, i) => a !== '--format' && argv[i - 1] !== '--format'), '--json']);
    expect(json.code).toBe(exit);
    const document = JSON.parse(json.out) as { ok: boolean; diagnostics: Diagnostic[] };
    expect(document.ok).toBe(exit === 0);
    const found = document.diagnostics.find((d) => d.code === code)!;
    expect(found.docs).toBe(`netloom explain ${code}`);
    expect(found.fixes.length).toBeGreaterThan(0);
    expect(found.cause).toBeTruthy();
    if (/^NL(1|21|6[01])/.test(code) && !/NL(2107|610[23]|1104|1107)/.test(code))
      expect(found.locations[0]).toMatchObject({ file: expect.any(String) as string });
    const concise = await runCli([...argv, '--concise', '-v']);
    expect(concise.err.split('\n').some((l) => l.includes(`${code}: `))).toBe(true);
  });

  test.each(Object.entries(others) as [Code, () => unknown][])('%s', (code, run) => {
    try {
      run();
      expect.unreachable();
    } catch (e) {
      expect(isNetloomError(e) && e.diagnostics.map((d) => d.code)).toContain(code);
      expect(isNetloomError(e) && e.exitCode).toBe(codePages[code].exit);
    }
  });

  test('NL9001: a fault of netloom says how to report it, the trace only with -vv', async () => {
    const { code, err } = await noCommand();
    expect(code).toBe(70);
    expect(err).toMatch(/NL9001.*a pass went wrong[\s\S]*netloom-fault-\d+\.txt/);
    expect(err).not.toMatch(/^\s+at /m);
  });
});
