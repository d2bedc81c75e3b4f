import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codePages } from '../../src/base/codes/index.ts';
import { commands } from '../../src/commands/index.ts';
import { main } from '../../src/commands/run.ts';
import { advicePages, terms } from '../../src/explain/terms.ts';
import { presetNames } from '../../src/netloom.ts';
import { version } from '../../src/base/version.gen.ts';
import { CliWorld, twoInputs, wideModel } from '../cli-world.ts';
import { checkGoldenFile } from '../golden/golden.ts';
import { runCli, words, type CliOptions, type CliResult } from '../run-cli.ts';

const root = process.cwd();
const world = new CliWorld();
beforeAll(() => world.build());
afterAll(() => world.remove());

const run = (line: string, options: CliOptions = {}): Promise<CliResult> => runCli(words(line), options);

/** What no user may ever see. */
const crash = /\n\s+at .+:\d+:\d+|RangeError|TypeError|UnhandledPromise|heap out of memory/;

describe('help', () => {
  test('lists every command', async () => {
    for (const line of ['', '--help', '-h', 'help']) {
      const { code, out } = await run(line);
      expect(code).toBe(0);
      for (const c of commands) expect(out).toContain(`\n  ${c.name} `);
    }
  });

  const verbs = ['list', 'show', 'validate', 'new', 'diff', 'schema'].map((v) => `hw ${v}`);
  test.each([...commands.map((c) => c.name), ...verbs])('%s has examples that run', async (name) => {
    const help = await run(`${name} --help`);
    expect(help.code).toBe(0);
    const examples = (help.out.split('\nexamples:\n')[1] ?? '').split('\n').map((l) => l.trim()).filter(Boolean); // prettier-ignore
    expect(examples.length).toBeGreaterThanOrEqual(3);
    for (const example of examples) {
      // What a shell would do with a pipe, a file or a pattern is not our part.
      const line = example
        .split(/ [>|] /)[0]!
        .replace('*.json', 'my-tpu.json')
        .replace(/^netloom /, '');
      const forced = line.startsWith('hw new') && !line.includes('--force') ? `${line} --force` : line;
      const { code, err } = await run(forced);
      expect(err).not.toMatch(crash);
      // An example may show a gate or a comparison whose answer is no.
      expect(/--max-|--threshold|--test-data/.test(line) ? [0, 1] : [0], `${line}\n${err}`).toContain(code);
    }
  });

  test('help <command> is <command> --help', async () => {
    expect((await run('help estimate')).out).toBe((await run('estimate --help')).out);
  });

  test('--version', async () => {
    expect((await run('--version')).out).toBe(`${version}\n`);
    expect((await run('-V')).out).toBe(`${version}\n`);
    expect(JSON.parse((await run('--version --json')).out)).toMatchObject({ version });
  });
});

describe('exit codes', () => {
  const table: readonly (readonly [number, string])[] = [
    [0, 'inspect model.onnx'],
    [0, 'estimate model.onnx --on tpu-v1 --precision int8'],
    [0, 'estimate model.onnx --on all'],
    [0, 'hw validate tpu-v1 my-tpu.json'],
    [0, 'conformance node'],
    [1, 'estimate model.onnx --on tpu-v1 --max-latency 1ns'],
    [1, 'estimate model.onnx --on tpu-v1 --precision fp32 --fail-on fallback'],
    [1, 'simulate model.onnx --test-data test_data_set_0'],
    [1, 'compare model.onnx@a100:int8 model.onnx@cortex-m4:int8 --threshold 1%'],
    [1, 'hw validate wrong.json'],
    [2, 'frobnicate'],
    [2, 'estimate model.onnx'],
    [2, 'estimate'],
    [2, 'estimate model.onnx --on tpuv1'],
    [2, 'estimate model.onnx --on tpu-v1 --precision int9x'],
    [2, 'estimate model.onnx --on tpu-v1 --batch none'],
    [2, 'estimate model.onnx --on tpu-v1 --top few'],
    [2, 'estimate model.onnx --on tpu-v1 --max-latency 5'],
    [2, 'estimate model.onnx --on tpu-v1 --shape y=1,1,4,4'],
    [2, 'inspect model.onnx --graph svg'],
    [2, 'inspect model.onnx --depht 1'],
    [2, 'compare run.json'],
    [2, 'explain nosuchterm'],
    [2, 'explain model.onnx --layer nosuchlayer --on tpu-v1'],
    [2, 'completion tcsh'],
    [2, 'schema nosuchschema'],
    [2, 'hw schema npu'],
    [3, 'inspect broken.onnx'],
    [3, 'inspect run.json'],
    [3, 'estimate model.onnx --on wrong.json'],
    [3, 'report my.json'],
    [3, 'compare my.json run.json'],
    [4, 'inspect unsupported.onnx'],
    [4, 'estimate unsupported.onnx --on tpu-v1'],
    [5, 'inspect nothere.onnx'],
    [5, 'inspect node'],
    [5, 'estimate model.onnx --on nothere.json'],
    [5, 'estimate model.onnx --on tpu-v1 --save nofolder/run.json'],
    [5, 'hw new --from tpu-v1 my.json'],
  ];
  test.each(table)('%i: netloom %s', async (wanted, line) => {
    const { code, err, out } = await run(line);
    expect(code, err).toBe(wanted);
    expect(`${out}${err}`).not.toMatch(crash);
    expect(err.length).toBeLessThanOrEqual(16 * 1024);
    // An answer of no can be in the table itself.
    if (wanted > 0) expect(wanted > 1 ? err : err + out).not.toBe('');
    if (wanted > 1) expect(err).toMatch(/^error\[NL\d{4}\]: /m);
    if (wanted > 1) expect(out).toBe('');
  });

  test.each(table)('%i with one JSON document: netloom %s --json', async (wanted, line) => {
    const { code, out, err } = await run(`${line} --json`);
    expect(code).toBe(wanted);
    const document = JSON.parse(out) as { ok: boolean; diagnostics: { level: string; code: string }[] };
    expect(document.ok).toBe(wanted === 0);
    expect(err).toBe('');
    if (wanted > 1) expect(document.diagnostics.some((d) => d.level === 'error')).toBe(true);
  });

  test('each error has its cause, its fix and its page', async () => {
    for (const [wanted, line] of table.filter(([c]) => c > 1)) {
      const { err } = await run(line);
      const code = /error\[(NL\d{4})\]/.exec(err)?.[1];
      expect(code, `${wanted} ${line}\n${err}`).toBeDefined();
      for (const part of ['= cause: ', '= fix:   ', `= more:  netloom explain ${code}`])
        expect(err, line).toContain(part);
    }
  });

  test('all that is not supported is listed, with a suggestion for a misspelling', async () => {
    const { err } = await run('inspect unsupported.onnx');
    expect(err).toContain('Rellu');
    expect(err).toContain('StringSplit');
    expect(err).toMatch(/did you mean "?Relu"?/);
  });

  test('--strict makes a warning count', async () => {
    const w = JSON.parse((await run('inspect model.onnx --json')).out) as { diagnostics: { level: string }[] };
    const wanted = w.diagnostics.some((d) => d.level === 'warning') ? 3 : 0;
    expect((await run('inspect model.onnx --strict')).code).toBe(wanted);
  });
});

describe('codes of usage, files, lowering and schedule', () => {
  beforeAll(() => {
    writeFileSync('large.json', Buffer.alloc(2 ** 20 + 1, ' '));
    writeFileSync(
      'empty-run.json',
      readFileSync('run.json', 'utf8').replace(/"data": [\s\S]*"diagnostics"/, '"data": null,\n  "diagnostics"'),
    );
    writeFileSync('broken.npy', 'no numbers');
    writeFileSync('two.onnx', twoInputs());
    writeFileSync('wide.onnx', wideModel());
  });

  test.each([
    ['NL3101', 2, 'estimate model.onnx --on tpu-v1 --precision int9x'],
    ['NL1017', 2, 'inspect model.onnx --shape y=1,1,4,4'],
    ['NL2107', 2, 'estimate model.onnx --on tpuv1'],
    ['NL6001', 5, 'inspect nothere.onnx'],
    ['NL6002', 5, 'inspect model.onnx --save nofolder/run.json'],
    ['NL6002', 5, 'estimate model.onnx --on tpu-v1 --html nofolder/out.html'],
    ['NL6002', 5, 'estimate model.onnx --on tpu-v1 --dump-after all --dump-dir model.onnx/dumps'],
    ['NL6003', 5, 'hw new --from tpu-v1 my.json'],
    ['NL6004', 3, 'estimate model.onnx --on large.json'],
    ['NL6101', 3, 'report my.json'],
    ['NL6101', 3, 'report empty-run.json'],
    ['NL6103', 3, 'simulate two.onnx --input x.npy'],
    ['NL6104', 3, 'simulate model.onnx --input broken.npy'],
    ['NL7001', 2, 'inspect model.onnx --depht 1'],
    ['NL7001', 2, 'inspect'],
    ['NL7001', 2, 'inspect model.onnx model.onnx'],
    ['NL7001', 2, 'nosuchcommand'],
    ['NL7001', 2, 'hw nosuchverb'],
    ['NL7002', 2, 'inspect model.onnx --batch 0'],
    ['NL7002', 2, 'inspect model.onnx --seed -1'],
    ['NL7002', 2, 'inspect model.onnx --progress often'],
    ['NL7002', 2, 'simulate model.onnx --precision int8'],
    ['NL7002', 2, 'estimate model.onnx --on tpu-v1 --fail-on rain'],
    ['NL7004', 2, 'explain nosuchterm'],
    ['NL7005', 2, 'inspect model.onnx --layer nosuchlayer'],
    ['NL7005', 2, 'explain model.onnx --layer nosuchlayer --on tpu-v1'],
    ['NL7101', 1, 'estimate model.onnx --on tpu-v1 --max-latency 1ns'],
  ])('%s with exit code %i: netloom %s', async (wanted, exit, line) => {
    const { code, err } = await run(line);
    expect(err).toContain(`error[${wanted}]: `);
    expect(code).toBe(exit);
    expect(err).not.toMatch(crash);
  });

  test.each([
    ['NL6102', 'simulate model.onnx -v'],
    ['NL1016', 'inspect open.onnx -v'],
    ['NL4101', 'estimate model.onnx --on tpu-v1 --precision fp32 -v'],
    ['NL4104', 'estimate wide.onnx --on tpu-v1 --precision int8 -v'],
  ])('%s is said, and ends well: netloom %s', async (wanted, line) => {
    const { code, err } = await run(line);
    expect(err).toMatch(new RegExp(`(note|warning)\\[${wanted}\\]: `));
    expect(code).toBe(0);
  });

  test('NL9001: a fault of ours ends with 70, a reproducer, and a trace with -vv only', async () => {
    for (const [flags, traced] of [
      [[], false],
      [['-vv'], true],
    ] as const) {
      let text = '';
      const exit = await main(['inspect', 'model.onnx', ...flags], {
        out: () => {
          throw new RangeError('made for a test');
        },
        err: (t) => void (text += t),
        outIsTerminal: false,
        errIsTerminal: false,
        columns: undefined,
        env: {},
        cwd: '/',
      });
      expect(exit).toBe(70);
      expect(text).toContain('error[NL9001]: ');
      const [, file] = /report it with (\S+) /.exec(text) ?? [];
      expect(readFileSync(file!, 'utf8')).toContain('made for a test');
      expect(/\n\s+at .+:\d+:\d+/.test(text)).toBe(traced);
    }
  });
});

describe('did you mean', () => {
  test.each([
    ['estimat model.onnx', 'estimate'],
    ['estimate model.onnx --on tpu-v1 --precison int8', '--precision'],
    ['estimate model.onnx --on tpu-v2', 'tpu-v1'],
    ['estimate model.onnx --on tpu-v1 --format tabel', 'table'],
    ['explain rofline', 'roofline'],
    ['schema estimat', 'estimate'],
    ['explain model.onnx --layer /conv1/Con --on tpu-v1', '/conv1/Conv'],
    ['estimate model.onnx --on wrong.json', 'bandwidth'],
  ])('netloom %s', async (line, wanted) => {
    const { code, err } = await run(line);
    expect(code).toBeGreaterThan(1);
    expect(err).toMatch(/did you mean/i);
    expect(err).toContain(wanted);
  });
});

describe('streams', () => {
  test('results on stdout, notes on stderr, nothing of a terminal in a file', async () => {
    const { out, err } = await run('estimate model.onnx --on tpu-v1 -v');
    expect(out).toContain('Verdict');
    expect(out).not.toContain('note[');
    expect(err).toMatch(/note\[|warning\[/);

    expect(out + err).not.toMatch(/\u001b/);
  });

  test('colour follows NO_COLOR, FORCE_COLOR, TERM and --color', async () => {
    const colored = async (line: string, options: CliOptions): Promise<boolean> =>
      (await run(line, options)).out.includes('\u001b[');
    const line = 'estimate model.onnx --on tpu-v1 -q';
    expect(await colored(line, { columns: 80 })).toBe(false); // NO_COLOR
    expect(await colored(line, { columns: 80, env: { NO_COLOR: '' } })).toBe(true);
    expect(await colored(line, { columns: 80, env: { NO_COLOR: '', TERM: 'dumb' } })).toBe(false);
    expect(await colored(line, { color: true })).toBe(true);
    expect(await colored(`${line} --color never`, { color: true })).toBe(false);
    expect(await colored(`${line} --color always`, {})).toBe(true);
  });

  test('--quiet leaves the result, --concise one line a message', async () => {
    expect((await run('estimate model.onnx --on tpu-v1 -q')).err).toBe('');
    const { err } = await run('inspect broken.onnx --concise');
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toMatch(/^broken\.onnx.* NL1001: /);
  });

  test('no table is wider than the terminal', async () => {
    for (const line of [
      'inspect model.onnx',
      'estimate model.onnx --on tpu-v1 --precision int8',
      'hw list',
      'compare run.json fast.json',
    ]) {
      const { out } = await run(line, { columns: 80 });
      expect(
        out.split('\n').filter((l) => l.length > 80),
        line,
      ).toEqual([]);
    }
  });

  test('a name with control characters cannot reach the terminal', async () => {
    const { err } = await run('inspect "\u001b[31mred.onnx"');
    expect(err).not.toContain('\u001b');
  });

  test('csv and md are one table each for machines', async () => {
    const csv = (await run('estimate model.onnx --on tpu-v1 --format csv')).out;
    expect(csv.split('\r\n')[0]).toContain('latency_s');
    expect((await run('estimate model.onnx --on tpu-v1 --format md')).out).toMatch(/^\|.*\|$/m);
  });
});

describe('saved runs', () => {
  test('--save is the document of --json; report and compare read it', async () => {
    const { out } = await run('estimate model.onnx --on tpu-v1 --precision int8 --json --save saved.json');
    expect(readFileSync('saved.json', 'utf8')).toBe(out);
    const { runs } = (JSON.parse(out) as { data: { runs: unknown[] } }).data;
    const again = JSON.parse((await run('report saved.json --json')).out) as { data: { runs: unknown[] } };
    expect(again.data.runs).toEqual(runs);
    const table = (await run('estimate model.onnx --on tpu-v1 --precision int8')).out;
    expect((await run('report saved.json')).out).toBe(table);
    const same = JSON.parse((await run('compare saved.json model.onnx@tpu-v1:int8 --json')).out) as {
      data: { runs: { latency_ratio: number }[] };
    };
    expect(same.data.runs.map((r) => r.latency_ratio)).toEqual([1, 1]);
  });

  test('report writes HTML, Markdown and CSV, and prints none of them', async () => {
    const { code, out } = await run('report run.json --html r.html --md r.md --csv r.csv');
    expect(code).toBe(0);
    expect(out).toBe('');
    expect(readFileSync('r.html', 'utf8')).toMatch(/^<!doctype html>/i);
    expect(readFileSync('r.md', 'utf8')).toContain('|');
    expect(readFileSync('r.csv', 'utf8')).toContain(',');
  });

  test('gates: latency, energy, resources, events, baseline', async () => {
    const on = (machine: string): string => `estimate model.onnx --on ${machine} --precision int8`;
    expect((await run(`${on('tpu-v1')} --max-latency 1s --max-energy 1J --fail-on fallback,misfit`)).code).toBe(0);
    const { code, err } = await run(`${on('tpu-v1')} --max-latency 1ns --max-energy 1pJ`);
    expect(code).toBe(1);
    expect(err.match(/error\[NL7101\]/g)).toHaveLength(2);
    expect(err).toContain('/conv1/Conv');
    expect((await run(`${on('zcu104')} --max-util lut=0.0001%`)).code).toBe(1);
    expect((await run(`${on('zcu104')} --max-util lut=100%`)).code).toBe(0);
    expect((await run(`${on('tpu-v1')} --baseline run.json`)).code).toBe(0);
    const text = readFileSync('run.json', 'utf8');
    const total = (JSON.parse(text) as { data: { runs: { total: { latency_s: { value: number } } }[] } }).data.runs[0]!
      .total;
    writeFileSync(
      'faster.json',
      text.replaceAll(`"value": ${total.latency_s.value}`, `"value": ${total.latency_s.value / 2}`),
    );
    expect((await run(`${on('tpu-v1')} --baseline faster.json`)).code).toBe(1);
    expect((await run(`${on('tpu-v1')} --baseline faster.json --max-regression 150%`)).code).toBe(0);
  });
});

describe('settings', () => {
  const config = (value: object | string): string => {
    mkdirSync('configured/below', { recursive: true });
    writeFileSync('configured/netloom.config.json', typeof value === 'string' ? value : JSON.stringify(value));
    return join(world.folder, 'configured/below');
  };
  const precisionOf = async (line: string, options: CliOptions): Promise<unknown> => {
    const { out } = await run(`${line} --print-config`, options);
    return (JSON.parse(out) as { precision: { value: unknown; from: string } }).precision;
  };

  test('flag before environment before config before default', async () => {
    const cwd = config({ $schema: 'x', precision: 'int4' });
    const line = 'estimate model.onnx --on tpu-v1';
    expect(await precisionOf(line, {})).toEqual({ value: 'native', from: 'default' });
    expect(await precisionOf(line, { cwd })).toEqual({
      value: 'int4',
      from: join(world.folder, 'configured/netloom.config.json'),
    });
    const env = { NETLOOM_PRECISION: 'fp16' };
    expect(await precisionOf(line, { cwd, env })).toEqual({ value: 'fp16', from: 'environment NETLOOM_PRECISION' });
    const flagged = await precisionOf(`${line} --precision int8`, { cwd, env });
    expect(flagged).toEqual({ value: 'int8', from: 'flag --precision' });
    expect(await precisionOf(`${line} --no-config`, { cwd })).toEqual({ value: 'native', from: 'default' });
  });

  test('an unknown key is refused with its place and a suggestion', async () => {
    const cwd = config('{\n  "precison": "int8"\n}\n');
    const { code, err } = await run('inspect model.onnx', { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(/netloom\.config\.json:2:3/);
    expect(err).toContain('did you mean "precision"?');
  });

  test('a config that is no object, no JSON or has a wrong value is refused', async () => {
    for (const text of ['[]', '{', '{ "batch": "many" }', '{ "batch": 0 }']) {
      const { code, err } = await run('inspect model.onnx', { cwd: config(text) });
      expect([2, 3], text).toContain(code);
      expect(err).not.toMatch(crash);
    }
  });

  test('shapes of inputs', async () => {
    const { out } = await run('inspect open.onnx --shape x=1,1,8,8 --json');
    expect((JSON.parse(out) as { data: { layers: { outputs: number[][] }[] } }).data.layers[0]!.outputs).toEqual([
      [1, 2, 8, 8],
    ]);
  });
});

describe('the same input gives the same bytes', () => {
  test('in another folder, twice, with other locales, zones and terminals', async () => {
    const line = (model: string): string => `estimate ${model} --on tpu-v1 --on zcu104 --precision int8 --json`;
    const first = (await run(line('model.onnx'))).out;
    expect((await run(line('model.onnx'), { columns: 40, color: true })).out).toBe(first);
    mkdirSync('elsewhere', { recursive: true });
    writeFileSync('elsewhere/model.onnx', readFileSync('model.onnx'));
    const cli = join(root, 'src/main.ts');
    const tsx = join(root, 'node_modules/tsx/dist/loader.mjs');
    for (const [TZ, LC_ALL] of [
      ['Asia/Kolkata', 'tr_TR.UTF-8'],
      ['America/St_Johns', 'C'],
    ]) {
      const { stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, cli, ...words(line('model.onnx'))], {
        cwd: 'elsewhere',
        encoding: 'utf8',
        env: { ...process.env, TZ, LC_ALL },
      });
      expect(stdout, stderr).toBe(first);
    }
  });
});

describe('as a process', () => {
  const shell = (script: string): ReturnType<typeof spawnSync> & { stdout: string; stderr: string } =>
    spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: {
        ...process.env,
        NETLOOM: `${process.execPath} --import ${join(root, 'node_modules/tsx/dist/loader.mjs')} ${join(root, 'src/main.ts')}`,
      },
    });

  test('a closed pipe ends quietly', () => {
    const { stdout, stderr } = shell('$NETLOOM schema estimate | head -n 1; echo "${PIPESTATUS[0]}"');
    expect(stdout).toBe('{\n0\n');
    expect(stderr).toBe('');
  });

  test('a model from standard input', () => {
    const { stdout } = shell('cat model.onnx | $NETLOOM inspect - -q');
    expect(stdout).toContain('/conv1/Conv');
  });

  test('a full disk is said, and leaves nothing half-written', () => {
    const { status, stderr } = shell('$NETLOOM inspect model.onnx -q > /dev/full');
    expect(status).toBe(5);
    expect(stderr).not.toMatch(crash);
  });

  test('the completion scripts are well formed', async () => {
    for (const name of ['bash', 'zsh', 'fish', 'pwsh']) {
      const { out } = await run(`completion ${name}`);
      for (const c of commands) expect(out).toContain(c.name);
      expect(out).toContain(presetNames[0]!);
      if (name === 'bash') {
        writeFileSync('completion.bash', out);
        expect(shell('bash -n completion.bash').stderr).toBe('');
        const typed = shell(
          'source completion.bash; COMP_WORDS=(netloom est); COMP_CWORD=1; _netloom; echo "${COMPREPLY[*]}"',
        );
        expect(typed.stdout).toBe('estimate\n');
      }
    }
  });
});

describe('explain has a page for', () => {
  test.each(Object.keys(codePages))('%s', async (code) => {
    const { code: exit, out } = await run(`explain ${code}`);
    expect(exit).toBe(0);
    for (const part of [code, 'wrong: ', 'right: ', 'exit code ']) expect(out).toContain(part);
  });
  test.each([...Object.keys(terms), ...Object.keys(advicePages)])('%s', async (term) => {
    const { code, out } = await run(`explain ${term}`);
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n').length).toBeGreaterThan(1);
  });
  test('terms that others point to', () => {
    for (const [name, t] of Object.entries(terms))
      for (const s of t.see ?? []) expect(terms, `${name} sees ${s}`).toHaveProperty([s]);
  });
});

describe('output as text: npm run accept renews tests/golden/cli', () => {
  const cases: Readonly<Record<string, string>> = {
    help: 'help',
    'help-estimate': 'help estimate',
    inspect: 'inspect model.onnx --on tpu-v1',
    estimate: 'estimate model.onnx --on tpu-v1 --precision int8',
    'estimate-fpga': 'estimate model.onnx --on zcu104 --precision int8',
    'estimate-many': 'estimate model.onnx --on tpu-v1 --on zcu104 --on cortex-m7 --precision int8 --top 1',
    'gate-missed': 'estimate model.onnx --on tpu-v1 --precision int8 --max-latency 1ns --top 1',
    compare: 'compare run.json fast.json --sort delta',
    'explain-layer': 'explain model.onnx --layer /conv1/Conv --on tpu-v1 --precision int8',
    'explain-code': 'explain NL2103',
    'explain-term': 'explain roofline',
    simulate: 'simulate model.onnx --test-data test_data_set_0',
    conformance: 'conformance node',
    'hw-list': 'hw list --family tpu',
    'hw-diff': 'hw diff cortex-m4 cortex-m7',
    'error-command': 'estimat model.onnx',
    'error-flag': 'estimate model.onnx --precison int8',
    'error-machine': 'estimate model.onnx --on tpuv1',
    'error-machine-file': 'estimate model.onnx --on wrong.json',
    'error-broken': 'inspect broken.onnx',
    'error-unsupported': 'inspect unsupported.onnx',
    'error-missing': 'inspect nothere.onnx',
  };
  test.each(Object.entries(cases))('%s', async (name, line) => {
    const parts: string[] = [];
    for (const columns of [80, 160]) {
      for (const color of [false, true]) {
        const { code, out, err } = await run(line, { columns, color });
        const shown = `${out}${err === '' ? '' : `--- standard error\n${err}`}`.replaceAll('\u001b', '\\e');
        parts.push(
          `$ netloom ${line}   # ${columns} columns, ${color ? 'colour' : 'plain'}, exit code ${code}\n${shown}`,
        );
      }
    }
    checkGoldenFile(join(root, `tests/golden/cli/${name}.txt`), parts.join('\n'));
  });
});
