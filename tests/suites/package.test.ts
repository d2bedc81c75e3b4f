import { buildSync } from 'esbuild';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemas } from '../../src/schemas.ts';
import { version } from '../../src/base/version.gen.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const root = process.cwd();
const isBuilt = existsSync('dist/schemas');

test('CI has a build to look at', () => {
  if (process.env.CI) expect(isBuilt).toBe(true);
});

test('the core runs without Node: it bundles for browsers', () => {
  const { errors } = buildSync({
    entryPoints: ['src/index.ts'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  });
  expect(errors).toEqual([]);
});

/** The tarball unpacked as an installation, with the packages that it depends on and no others. */
describe.runIf(isBuilt)('as installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-package-'));
  const installed = join(folder, 'node_modules/netloom');
  const node = (args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });

  beforeAll(() => {
    const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
      encoding: 'utf8',
    });
    expect(packed.status, packed.stderr).toBe(0);
    mkdirSync(installed, { recursive: true });
    const tarball = join(folder, packed.stdout.trim().split('\n').at(-1)!);
    expect(statSync(tarball).size).toBeLessThan(2 * 2 ** 20);
    expect(spawnSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']).status).toBe(0);
    linkDependencies(Object.keys(manifest.dependencies));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Links the dependencies of the product, and theirs. */
  function linkDependencies(names: readonly string[], from = root): void {
    for (const name of names) {
      const [link, nested] = [join(folder, 'node_modules', name), join(from, 'node_modules', name)];
      if (existsSync(link)) continue;
      const target = existsSync(nested) ? nested : join(root, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(target, link);
    }
  }

  test('the command runs', () => {
    const main = join(installed, manifest.bin.netloom!);
    expect(statSync(main).mode & 0o111).toBe(0o111);
    expect(node([main, '--version']).stdout).toBe(`${version}\n`);
    const model = join(installed, 'examples/small-cnn.onnx');
    const { status, stdout, stderr } = node([main, 'estimate', model, '--on', 'tpu-v1', '--html', 'out.html']);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('Verdict');
    expect(readFileSync(join(folder, 'out.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });

  test('each entry can be imported', () => {
    writeFileSync(
      join(folder, 'use.js'),
      `import * as core from 'netloom/core';
import * as files from 'netloom/node';
import * as whole from 'netloom';
import schema from 'netloom/schemas/estimate.json' with { type: 'json' };
const model = await whole.loadModel(${JSON.stringify(join(installed, 'examples/small-cnn.onnx'))});
const run = whole.estimate(whole.lower(model, { precision: 'int8' }), await whole.loadHardware('tpu-v1'));
console.log(JSON.stringify([typeof core.createNetloom, 'loadModel' in core, Object.keys(files).sort().join() === Object.keys(whole).sort().join(), schema.$id, run.layers.length]));
`,
    );
    const { stdout, stderr } = node(['--no-warnings', 'use.js']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(['function', false, true, 'netloom/estimate@1', 10]);
  });

  test('its types stand by themselves', () => {
    writeFileSync(
      join(folder, 'use.ts'),
      `import { estimate, loadHardware, loadModel, lower, type Run } from 'netloom';
const run: Run = estimate(lower(await loadModel('m.onnx')), await loadHardware('tpu-v1'));
// @ts-expect-error -- a run has no such field
run.total.latency;
const seconds: number = run.total.latency_s.value;
export { seconds };
`,
    );
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'es2023',
      '--module',
      'nodenext',
      '--skipLibCheck',
      '--types',
      '',
    ];
    const { status, stdout } = node([join(root, 'node_modules/ts7/bin/tsc'), ...options, 'use.ts']);
    expect(status, stdout).toBe(0);
  });

  test('schemas and documents are there, sources and tests are not', () => {
    for (const name of Object.keys(schemas))
      expect(existsSync(join(installed, `dist/schemas/${name}.json`)), name).toBe(true);
    for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE'])
      expect(existsSync(join(installed, name)), name).toBe(true);
    for (const name of ['tests', 'src', 'scripts']) expect(existsSync(join(installed, name)), name).toBe(false);
  });
});
