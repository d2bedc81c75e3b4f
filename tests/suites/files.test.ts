/** Files that a model names, files that netloom writes, and paths that lead nowhere. */
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { isNetloomError, type Diagnostic } from '../../src/base/diagnostics.ts';
import { externalReader } from '../../src/files/external-data.ts';
import { readBytes } from '../../src/files/read.ts';
import { writeWhole } from '../../src/files/write.ts';
import { readNpy, writeNpy } from '../../src/files/npy.ts';
import { formatNamed } from '../../compiler/formats/index.ts';
import { fromNumbers, numbers } from '../../compiler/tensor/tensor.ts';
import { io, modelBytes, relu } from '../models/raw-model.ts';
import { runCli } from '../run-cli.ts';

const top = mkdtempSync(join(tmpdir(), 'netloom-files-'));
afterAll(() => rmSync(top, { recursive: true }));
let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(top, `case${count++}`, 'model');
  mkdirSync(folder, { recursive: true });
});
const at = (name: string): string => join(folder, name);

const faults = (run: () => unknown): readonly Diagnostic[] => {
  try {
    run();
  } catch (e) {
    if (isNetloomError(e)) return e.diagnostics;
    throw e;
  }
  return [];
};

describe('external data', () => {
  const read = (location: string, offset = 0, length: number | undefined = 4): Uint8Array =>
    externalReader(at('model.onnx'))({ location, offset, length }, { tensor: '"w"' });
  beforeEach(() => {
    writeFileSync(at('w.bin'), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    writeFileSync(join(folder, '..', 'secret'), 'secret!!');
    mkdirSync(at('sub'));
    writeFileSync(at('sub/v.bin'), Uint8Array.of(9, 9, 9, 9));
  });

  test('inside the folder, in part or to the end', () => {
    expect([...read('w.bin')]).toEqual([1, 2, 3, 4]);
    expect([...read('w.bin', 4, undefined)].slice(0, 4)).toEqual([5, 6, 7, 8]);
    expect([...read('sub/v.bin')]).toEqual([9, 9, 9, 9]);
    expect([...read('./sub/../w.bin', 8, 0)]).toEqual([]);
  });

  test.each([
    '../secret',
    'sub/../../secret',
    '..',
    '/etc/passwd',
    'C:\\x',
    '\\\\host\\x',
    '..\\secret',
    '',
    'a\0b',
    'sub\\..\\..\\secret',
  ])('%o is refused', (location) => {
    expect(faults(() => read(location))).toMatchObject([{ code: 'NL1011', locations: [{ tensor: '"w"' }] }]);
  });

  test('links out of the folder, links inside it, and a sibling of a longer name are refused', () => {
    symlinkSync('../secret', at('out.bin'));
    symlinkSync('w.bin', at('in.bin'));
    symlinkSync('..', at('up'));
    mkdirSync(`${folder}-more`);
    writeFileSync(`${folder}-more/x.bin`, 'abcdefgh');
    symlinkSync(`${folder}-more`, at('sibling'));
    for (const location of ['out.bin', 'in.bin', 'up/secret', 'sibling/x.bin'])
      expect(faults(() => read(location))[0]?.code, location).toBe('NL1011');
  });

  test('a folder, a pipe and a device are no regular files', () => {
    execFileSync('mkfifo', [at('pipe')]);
    for (const location of ['sub', 'pipe']) expect(faults(() => read(location))[0]?.code, location).toBe('NL1011');
  });

  test.each([
    ['absent.bin', 0, 4],
    ['w.bin', 5, 4],
    ['w.bin', 9, 0],
    ['w.bin', 999_999_999_999_999, 4],
    ['w.bin', 0, 999_999_999_999_999],
    ['w.bin/x', 0, 4],
    [`${'x'.repeat(300)}.bin`, 0, 4],
  ] as const)('%s from %i, %i bytes: not there', (location, offset, length) => {
    expect(faults(() => read(location, offset, length))).toMatchObject([
      { code: 'NL1012', locations: [{ tensor: '"w"' }] },
    ]);
  });

  test('a file with a hole of a terabyte costs no terabyte', () => {
    truncateSync(at('w.bin'), 2 ** 40);
    expect(faults(() => read('w.bin', 0, 2 ** 40))[0]?.code).toBe('NL1012');
  });

  test('through a whole model', async () => {
    const tensor = {
      name: 'w',
      dims: [2],
      dataType: 1,
      dataLocation: 1,
      externalData: [
        { key: 'location', value: 'w.bin' },
        { key: 'offset', value: '0' },
        { key: 'length', value: '8' },
      ],
    };
    writeFileSync(at('model.onnx'), modelBytes({ ...io, initializer: [tensor], node: [relu] }));
    expect((await runCli(['inspect', at('model.onnx')])).code).toBe(0);
    truncateSync(at('w.bin'), 7);
    const { code, err } = await runCli(['inspect', at('model.onnx')]);
    expect([code, err]).toEqual([3, expect.stringMatching(/NL1012[\s\S]*tensor "w"/)]);
  });
});

describe('reading', () => {
  test('a missing file, a folder, a part of the path that is no folder', async () => {
    writeFileSync(at('plain'), '');
    for (const [path, cause] of [
      [at('nowhere.onnx'), /no file has this name/],
      [folder, /it is a folder/],
      [at('plain/x.onnx'), /no folder/],
      [`${'x'.repeat(400)}.onnx`, /name is too long/],
    ] as const) {
      const { code, err, out } = await runCli(['inspect', path]);
      expect([code, out]).toEqual([5, '']);
      expect(err).toMatch(/NL6001/);
      expect(err).toMatch(cause);
    }
  });

  test('the limit: below, at, above', () => {
    writeFileSync(at('f'), new Uint8Array(100));
    expect(readBytes(at('f'), 101)).toHaveLength(100);
    expect(readBytes(at('f'), 100)).toHaveLength(100);
    expect(faults(() => readBytes(at('f'), 99))[0]?.code).toBe('NL6004');
  });

  test('dangling links among cases are passed over', async () => {
    symlinkSync('nowhere', at('dangling'));
    expect(await runCli(['conformance', folder])).toMatchObject({
      code: 5,
      err: expect.stringMatching(/holds no cases/) as string,
    });
  });

  test.each(['f32', 'f64', 'i64', 'i8', 'u16', 'bool'])('npy: %s is read back', (name) => {
    const t = fromNumbers(formatNamed(name)!, [2, 3], [1, 0, 1, 1, 0, 1]);
    const back = readNpy(writeNpy(t), 'x.npy');
    expect([back.format.name, back.shape, [...Array.from(numbers(back))]]).toEqual([name, [2, 3], [1, 0, 1, 1, 0, 1]]);
  });

  test('npy: half floats are read, too', () => {
    const text = Buffer.from(writeNpy(fromNumbers(formatNamed('i16')!, [2], [0x3c00, -0x4000]))).toString('latin1');
    const back = readNpy(Buffer.from(text.replace('<i2', '<f2'), 'latin1'), 'x.npy');
    expect([back.format.name, [...Array.from(numbers(back))]]).toEqual(['f16', [1, -2]]);
  });

  test('npy: values of another element type than the input', async () => {
    writeFileSync(at('m.onnx'), modelBytes({ ...io, node: [relu] }));
    for (const name of ['i64', 'f64']) {
      writeFileSync(at('x.npy'), writeNpy(fromNumbers(formatNamed(name)!, [1, 3], [1, 2, 3])));
      const { code, err } = await runCli(['simulate', at('m.onnx'), '--input', at('x.npy')]);
      expect([code, err]).toEqual([3, expect.stringMatching(/NL1015[\s\S]*the input is f32, the values are/)]);
    }
  });

  test('npy: damaged files', () => {
    const good = writeNpy(fromNumbers(formatNamed('f32')!, [2], [1, 2]));
    const text = (change: (head: string) => string): Uint8Array =>
      Buffer.from(change(Buffer.from(good).toString('latin1')), 'latin1');
    const bad = [
      new Uint8Array(),
      good.subarray(0, 9),
      good.subarray(0, 40),
      good.subarray(0, -1),
      text((h) => h.replace('<f4', '|O8')),
      text((h) => h.replace('False', 'True ')),
      text((h) => h.replace('(2,)', '(9,)')),
      text((h) => h.replace('(2,)', '(-2)')),
    ];
    for (const bytes of bad) expect(faults(() => readNpy(bytes, 'x.npy')).map((d) => d.code)).toEqual(['NL6104']);
  });
});

describe('writing', () => {
  const leftovers = (): string[] => readdirSync(folder).filter((n) => n.endsWith('.tmp'));

  test('a file whole, over an old one, and refused without force', () => {
    writeWhole(at('a'), 'old');
    writeWhole(at('a'), 'new');
    expect(readFileSync(at('a'), 'utf8')).toBe('new');
    expect(faults(() => writeWhole(at('a'), 'x', { force: false }))[0]?.code).toBe('NL6003');
    expect([readFileSync(at('a'), 'utf8'), leftovers()]).toEqual(['new', []]);
  });

  test('a folder, a missing folder, a full disk, a name that is too long', () => {
    mkdirSync(at('d'));
    const long = 'x'.repeat(300);
    for (const path of [
      at('d'),
      at('no/where'),
      at(long),
      ...(existsSync('/dev/full') ? ['/dev/full'] : []),
      at('a/b'),
    ]) {
      expect(
        faults(() => writeWhole(path, 'text')).map((d) => d.code),
        path,
      ).toEqual(['NL6002']);
    }
    expect(leftovers()).toEqual([]);
  });

  test('a read-only folder', () => {
    if (process.getuid?.() === 0) return; // root may write everywhere
    mkdirSync(at('ro'), { mode: 0o500 });
    expect(faults(() => writeWhole(at('ro/x'), 'text'))[0]?.code).toBe('NL6002');
  });

  test('links are not followed: neither to files nor to nothing', () => {
    writeFileSync(at('target'), 'mine');
    symlinkSync('target', at('link'));
    symlinkSync('nothing', at('dangling'));
    expect(faults(() => writeWhole(at('link'), 'x'))[0]).toMatchObject({
      code: 'NL6002',
      cause: expect.stringMatching(/link/) as string,
    });
    writeWhole(at('dangling'), 'x');
    expect([readFileSync(at('target'), 'utf8'), existsSync(at('nothing'))]).toEqual(['mine', false]);
  });

  test('names of 255 bytes and of any script are written', () => {
    for (const name of ['x'.repeat(255), '語'.repeat(85)]) {
      writeWhole(at(name), 'text');
      expect(readFileSync(at(name), 'utf8')).toBe('text');
    }
  });

  test('devices are written to, not replaced', () => {
    writeWhole('/dev/null', 'text');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('SIGKILL at any moment leaves the old file or the new one', async () => {
    const [old, fresh] = ['o'.repeat(1000), 'n'.repeat(8 * 2 ** 20)];
    const script = `import { writeWhole } from ${JSON.stringify(join(import.meta.dirname, '../../src/files/write.ts'))};
      console.log('ready');
      for (;;) { writeWhole(${JSON.stringify(at('f'))}, ${JSON.stringify('n')}.repeat(8 * 2 ** 20)); }`;
    writeFileSync(at('loop.mts'), script);
    for (const delay of [0, 3, 11, 40]) {
      writeFileSync(at('f'), old);
      const child = spawn(process.execPath, ['--import', 'tsx', at('loop.mts')], {
        cwd: join(import.meta.dirname, '../..'),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((ready) => child.stdout.once('data', ready));
      await new Promise((later) => setTimeout(later, delay));
      const gone = new Promise((closed) => child.once('exit', closed));
      child.kill('SIGKILL');
      await gone;
      expect([old, fresh]).toContain(readFileSync(at('f'), 'utf8'));
      expect(readdirSync(folder).filter((n) => !n.startsWith('.'))).toEqual(['f', 'loop.mts']);
    }
  });

  test('a command that cannot write says so with exit code 5', async () => {
    writeFileSync(at('m.onnx'), modelBytes({ ...io, node: [relu] }));
    writeFileSync(at('plain'), '');
    for (const argv of [
      ['estimate', at('m.onnx'), '--on', 'tpu-v1', '--save', at('plain/x.json')],
      ['simulate', at('m.onnx'), '--dump-tensors', at('plain')],
      ['simulate', at('m.onnx'), '--dump-tensors', at('plain/sub')],
      ['estimate', at('m.onnx'), '--on', 'tpu-v1', '--dump-after', 'all', '--dump-dir', at('plain')],
    ]) {
      const { code, err } = await runCli(argv);
      expect([code, err], argv.join(' ')).toEqual([5, expect.stringMatching(/NL6002/)]);
    }
  });
});

describe('a model from standard input', () => {
  const cli = (
    argv: readonly string[],
    input: Uint8Array,
  ): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((done) => {
      const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...argv], {
        cwd: join(import.meta.dirname, '../..'),
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (d: Buffer) => (out += d.toString()));
      child.stderr.on('data', (d: Buffer) => (err += d.toString()));
      child.on('close', (code) => done({ code, out, err }));
      child.stdin.end(input);
    });

  test('is read as from a file; nothing is an empty model; `-` also writes', async () => {
    const bytes = modelBytes({ ...io, node: [relu] });
    expect(await cli(['inspect', '-'], bytes)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^stdin/) as string,
      err: '',
    });
    expect(await cli(['inspect', '-'], new Uint8Array())).toMatchObject({
      code: 3,
      err: expect.stringMatching(/NL1003[\s\S]*the file is empty/) as string,
    });
    const saved = await cli(['estimate', '-', '--on', 'tpu-v1', '--save', '-', '--format', 'csv'], bytes);
    expect(saved).toMatchObject({ code: 0, out: expect.stringMatching(/"schema": "netloom\/estimate@1"/) as string });
  });
});
