import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createNetloom, presetText } from '../../src/netloom.ts';
import { encodeModel, ModelBuilder, type AttrText, type BuilderOptions } from '../models/onnx-builder.ts';
import { runCli } from '../run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'netloom-bad-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What no user may ever see. */
const crash = /\n\s+at .+:\d+:\d+|RangeError|TypeError|UnhandledPromise|heap out of memory/;

/** Runs a command that must fail, and holds its message to the form of all errors. */
async function refused(argv: readonly string[], exit: number, code: string): Promise<string> {
  const { code: status, out, err } = await runCli(argv);
  expect(err).not.toMatch(crash);
  expect(out).not.toMatch(crash);
  expect(err, err).toMatch(new RegExp(`^error\\[${code}\\]: `, 'm'));
  expect(err).toMatch(/= cause:/);
  expect(err.length).toBeLessThanOrEqual(16_384);
  expect(status).toBe(exit);
  return err;
}

const model = (write: (b: ModelBuilder) => void, options?: BuilderOptions): Uint8Array => {
  const b = new ModelBuilder('bad', options);
  write(b);
  return b.bytes();
};

const single = (op: string, shapes: readonly (readonly number[])[], attrs: Record<string, AttrText>): Uint8Array =>
  model((b) => {
    const [x, ...rest] = shapes;
    b.output(b.node(op, [b.input('x', x!), ...rest.map((s) => b.randomWeight(s))], attrs, { name: 'culprit' }));
  });

const conv = (attrs: Record<string, AttrText>, w: readonly number[] = [4, 4, 3, 3]): Uint8Array =>
  single('Conv', [[1, 4, 8, 8], w], attrs);

/** Name, model, code, exit code. */
const badModels: readonly (readonly [string, Uint8Array, string, number])[] = [
  ['a stride of 0', conv({ strides: [0, 1] }), 'NL1014', 3],
  ['a stride below 0', conv({ strides: [-1, 1] }), 'NL1014', 3],
  ['a dilation of 0', conv({ dilations: [0, 1] }), 'NL1014', 3],
  ['pads below 0', conv({ pads: [-1, 0, 0, 0] }), 'NL1014', 3],
  ['pads of the wrong number', conv({ pads: [1, 1] }), 'NL1014', 3],
  ['groups that do not divide', conv({ group: 3 }), 'NL1014', 3],
  ['no groups', conv({ group: 0 }), 'NL1014', 3],
  ['weights of the wrong depth', conv({}, [4, 3, 3, 3]), 'NL1014', 3],
  ['a window larger than its image', conv({}, [4, 4, 9, 9]), 'NL1014', 3],
  ['a kernel of 0', single('MaxPool', [[1, 1, 4, 4]], { kernel_shape: [0, 2] }), 'NL1014', 3],
  [
    'a pool stride below 0',
    single('AveragePool', [[1, 1, 4, 4]], { kernel_shape: [2, 2], strides: [1, -2] }),
    'NL1014',
    3,
  ],
  [
    'a product of unlike matrices',
    single(
      'MatMul',
      [
        [2, 3],
        [4, 5],
      ],
      {},
    ),
    'NL1014',
    3,
  ],
  ['an axis that is not there', single('Softmax', [[2, 3]], { axis: 2 }), 'NL1014', 3],
  ['a permutation that names an axis twice', single('Transpose', [[2, 3]], { perm: [0, 0] }), 'NL1014', 3],
  [
    'an opset of the future',
    model((b) => void b.output(b.node('Relu', [b.input('x', [1])])), { opset: 99 }),
    'NL1004',
    4,
  ],
  ['opset 0', model((b) => void b.output(b.node('Relu', [b.input('x', [1])])), { opset: 0 }), 'NL1004', 4],
  [
    'an IR version of the future',
    model((b) => void b.output(b.node('Relu', [b.input('x', [1])])), { irVersion: 99 }),
    'NL1004',
    4,
  ],
  [
    'dimensions of 2^62',
    encodeModel({
      ...new ModelBuilder('huge').model(),
      graph: {
        name: 'g',
        initializer: [{ name: 'w', dims: [4_611_686_018_427_388_000, 2], dataType: 1, rawData: new Uint8Array(8) }],
      },
    }),
    'NL1005',
    3,
  ],
  [
    'more dimensions than any tensor has',
    model((b) => void b.output(b.node('Relu', [b.input('x', new Array<number>(65).fill(1))]))),
    'NL1005',
    3,
  ],
  [
    'a circle',
    model((b) => {
      b.node('Add', [b.input('x', [1]), 'b'], {}, { outputs: ['a'], name: 'one' });
      b.output(b.node('Relu', ['a'], {}, { outputs: ['b'], name: 'two' }));
    }),
    'NL1008',
    3,
  ],
  ['a value that nothing defines', model((b) => void b.output(b.node('Relu', ['nothing']))), 'NL1006', 3],
  [
    'a value that two nodes define',
    model((b) => {
      const x = b.input('x', [1]);
      b.node('Relu', [x], {}, { outputs: ['y'], name: 'one' });
      b.output(b.node('Neg', [x], {}, { outputs: ['y'], name: 'two' }));
    }),
    'NL1007',
    3,
  ],
  ['no bytes at all', new Uint8Array(0), 'NL1003', 3],
  ['a picture', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 'NL1001', 3],
  ['an operator that is not there', single('Rellu', [[2]], {}), 'NL1101', 4],
];

describe('models that make no sense', () => {
  test.each(badModels)('%s', async (name, bytes, code, exit) => {
    const path = file(`${badModels.findIndex((b) => b[0] === name)}.onnx`, bytes);
    for (const command of [
      ['estimate', path, '--on', 'tpu-v1'],
      ['inspect', path],
      ['simulate', path],
    ]) {
      const err = await refused(command, exit, code);
      if (code === 'NL1014') expect(err).toMatch(/culprit/);
    }
  });

  test('loops within loops without end', async () => {
    const nested = (depth: number): ModelBuilder => {
      const b = new ModelBuilder(`level ${depth}`);
      b.input('i', [], 'i64');
      b.input('go', [], 'bool');
      const x = b.input('x', [2]);
      b.output(b.node('Identity', ['go']), 'bool', []);
      b.output(
        depth === 0 ? b.node('Relu', [x]) : b.node('Loop', ['', 'go', x], { body: nested(depth - 1) }),
        'f32',
        [2],
      );
      return b;
    };
    expect((await runCli(['inspect', file('loops.onnx', nested(5).bytes())])).code).toBe(0);
    for (const depth of [20, 60, 200])
      await refused(['inspect', file('loops.onnx', nested(depth).bytes())], 3, 'NL1002');
  });
});

describe('size alone is no fault', () => {
  const chain = (length: number): Uint8Array => {
    const b = new ModelBuilder('chain');
    let x = b.input('x', [1, 4]);
    for (let i = 0; i < length; i++) x = b.node(i % 2 ? 'Relu' : 'Neg', [x]);
    b.output(x);
    return b.bytes();
  };

  test('a chain of 100,000 nodes is read within 10 s, and in proportion', () => {
    const netloom = createNetloom();
    const time = (bytes: Uint8Array): number => {
      const start = performance.now();
      expect(netloom.loadModel(bytes).info.nodes).toBeGreaterThan(0);
      return performance.now() - start;
    };
    const [short, long] = [chain(20_000), chain(100_000)];
    time(chain(2000));
    const [a, b] = [time(short), time(long)];
    expect(b).toBeLessThan(10_000);
    // Five times the nodes: a quadratic walk would take 25 times as long.
    expect(b / a).toBeLessThan(15);
  });
});

describe('hardware files that make no sense', () => {
  const base = JSON.parse(presetText('tpu-v1')) as Record<string, unknown>;
  const tpu = (change: Record<string, unknown>): string => JSON.stringify({ ...base, ...change });
  const relu = file(
    'relu.onnx',
    model((b) => void b.output(b.node('Relu', [b.input('x', [1, 4])]))),
  );

  const badMachines: readonly (readonly [string, string, string])[] = [
    ['no JSON', '{ "name": ', 'NL2101'],
    ['a comma too many', '{ "name": "x", }', 'NL2101'],
    ['an empty file', '', 'NL2101'],
    ['a list', '[]', 'NL2105'],
    ['a key twice', '{ "name": "a", "name": "b" }', 'NL2104'],
    ['a key of JavaScript', '{ "__proto__": {} }', 'NL2104'],
    ['a number beyond doubles', '{ "clock": 1e999 }', 'NL2101'],
    ['an unknown key', tpu({ bandwith: '34 GB/s' }), 'NL2103'],
    ['a clock without unit', tpu({ clock: '700' }), 'NL2106'],
    ['a clock in joules', tpu({ clock: '700 J' }), 'NL2106'],
    ['a clock of nothing', tpu({ clock: '0 Hz' }), 'NL210[56]'],
    ['a clock below nothing', tpu({ clock: '-1 GHz' }), 'NL210[56]'],
    ['a family that is not there', tpu({ family: 'abacus' }), 'NL2105'],
    ['a host that is not there', tpu({ host: { machine: 'deep-thought' } }), 'NL210[57]'],
    ['lists without end', `{ "name": ${'['.repeat(500)}${']'.repeat(500)} }`, 'NL2102'],
    ['a megabyte and more', `{ "name": "${'x'.repeat(2 ** 20)}" }`, '(NL2102|NL6004)'],
  ];

  test.each(badMachines)('%s', async (name, json, code) => {
    const path = file(`machine-${badMachines.findIndex((b) => b[0] === name)}.json`, json);
    const { code: status, out, err } = await runCli(['estimate', relu, '--on', path]);
    expect(`${out}${err}`).not.toMatch(crash);
    expect(err).toMatch(new RegExp(`^error\\[${code}\\]: `, 'm'));
    expect(err.length).toBeLessThanOrEqual(16_384);
    expect([2, 3]).toContain(status);
    const validated = await runCli(['hw', 'validate', path]);
    expect(`${validated.out}${validated.err}`).not.toMatch(crash);
    expect(validated.code).not.toBe(0);
  });

  test('a machine that is not there gets a suggestion', async () => {
    expect(await refused(['estimate', relu, '--on', 'tpuv1'], 2, 'NL2107')).toMatch(/did you mean "tpu-v1"/);
  });
});

describe('hostile names', () => {
  const names = [
    '=cmd|calc!A1',
    '<script>alert(1)</script>',
    '"; rm -rf /',
    '\u001b[31mred\u001b[0m',
    'line\nbreak',
    '\u202etxt.exe',
    '__proto__',
    'a|b',
    '`x`',
    '../../etc/passwd',
    'x'.repeat(5000),
    '%s%n',
    '\u0000nul',
  ];
  const bytes = model((b) => {
    let x = b.input('in', [1, 4]);
    for (const name of names) x = b.node('Gemm', [x, b.randomWeight([4, 4])], {}, { name, outputs: [`${name} out`] });
    b.output(x);
  });
  const path = file('hostile.onnx', bytes);

  test.each(['table', 'csv', 'md', 'json'])('as %s', async (format) => {
    const { code, out, err } = await runCli([
      'estimate',
      path,
      '--on',
      'xeon-8480',
      '--top',
      'all',
      '--format',
      format,
    ]);
    expect(code, err).toBe(0);
    if (format === 'table' || format === 'md')
      expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
    if (format === 'csv') for (const line of out.split('\n')) expect(line).not.toMatch(/(^|,)"?[=+@]/);
    if (format === 'md') expect(out).not.toMatch(/(?<!\\)<script/);
    if (format === 'json') {
      const document = JSON.parse(out) as { data: { runs: { layers: { name: string }[] }[] } };
      expect(document.data.runs[0]!.layers).toHaveLength(names.length);
      expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    }
  });

  test('in messages', async () => {
    for (const name of names) {
      const bad = model(
        (b) => void b.output(b.node('Gemm', [b.input('x', [1, 3]), b.randomWeight([4, 4])], {}, { name })),
      );
      const err = await refused(['inspect', file('message.onnx', bad)], 3, 'NL1014');
      expect(err).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/);
    }
  });

  test('data of a tensor is never looked for under a name', async () => {
    const b = new ModelBuilder('outside');
    b.output(b.node('Add', [b.input('x', [4]), b.outsideWeight([4])]));
    const err = await refused(['inspect', file('outside.onnx', b.bytes())], 3, 'NL1012');
    expect(err).toMatch(/weights\.bin/);
    const { initializer } = b.graph();
    for (const location of [
      '/etc/passwd',
      '../weights.bin',
      'a/../../weights.bin',
      'C:\\weights.bin',
      '\\\\host\\weights.bin',
    ]) {
      initializer![0]!.externalData![0]!.value = location;
      await refused(['inspect', file('outside.onnx', b.bytes())], 3, 'NL1011');
    }
  });
});
