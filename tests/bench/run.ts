/**
 * `npm run bench` times netloom on generated models and compares with the saved baseline. A time is divided by that of a
 * calibration loop of the same run, so that baselines carry over between machines; budgets are in seconds and bytes.
 *
 *     npm run bench                 exit code 1 when a budget is missed, or a ratio has doubled
 *     npm run bench -- --save       writes tests/bench/baseline.json
 *     npm run bench -- --simulate   also the simulation, beside ONNX Runtime (tests/bench/simulate.ts)
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { importModel } from '../../compiler/onnx/import.ts';
import { runPasses } from '../../compiler/passes/run-passes.ts';
import { createNetloom, presetNames, type Lowered, type Model } from '../../src/netloom.ts';
import { chain, resnet50 } from './models.ts';

interface Line {
  readonly name: string;
  /** Seconds of the best round; undefined where only memory or a ratio is looked at. */
  readonly seconds?: number;
  readonly bytes?: number;
  /** A figure that is a ratio by itself. */
  readonly factor?: number;
  readonly budget?: { readonly seconds?: number; readonly bytes?: number; readonly factor?: number };
}

const folder = '.bench';
const baselineFile = 'tests/bench/baseline.json';
const MiB = 2 ** 20;
const rounds = 3;

/**
 * Least time of some rounds in seconds: what the machine can do when nothing else disturbs it. Of the time on the wall
 * and the time of the processor the lesser counts: other programs stretch the one, helper threads the other.
 */
function best(run: () => unknown, times = rounds): number {
  let least = Infinity;
  for (let i = 0; i < times; i++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (performance.now() - start) / 1000, (user + system) / 1e6);
  }
  return least;
}

/** A fixed piece of work like netloom's own: maps, short-lived objects, doubles. */
function calibrate(): number {
  let sum = 0;
  const map = new Map<string, { readonly value: number }>();
  for (let i = 0; i < 300_000; i++) map.set(`value${i % 5000}`, { value: Math.sqrt(i) });
  for (let i = 0; i < 3_000_000; i++) sum += (i * 1.000001) % 7;
  for (const { value } of map.values()) sum += value;
  return sum;
}

/** The built command in a process of its own, which tells what it took. */
function command(name: string, args: readonly string[], budget: NonNullable<Line['budget']>): Line {
  const tell =
    'process.on("exit",()=>{const u=process.resourceUsage();process.stderr.write(`\\nused ${u.userCPUTime+u.systemCPUTime} ${u.maxRSS}\\n`)})';
  const options = { encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
  let [seconds, bytes] = [Infinity, 0];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, 'dist/src/main.js', ...args],
      options,
    );
    if (status !== 0) throw new Error(`netloom ${args.join(' ')} ended with ${status}:\n${stderr}`);
    const [, micros, kibibytes] = /used (\d+) (\d+)/.exec(stderr) ?? [];
    seconds = Math.min(seconds, (performance.now() - start) / 1000, Number(micros) / 1e6);
    bytes = Math.max(bytes, Number(kibibytes) * 1024);
  }
  return { name, seconds, bytes, budget };
}

function commandLines(): Line[] {
  return [
    command('--version', ['--version'], { seconds: 0.2 }),
    command('inspect, 102 MB model', ['inspect', `${folder}/resnet50.onnx`, '-q'], { seconds: 1.5, bytes: 400 * MiB }),
    command(
      `estimate, ResNet-50 on ${presetNames.length} machines`,
      ['estimate', `${folder}/resnet50.onnx`, '--on', 'all', '--precision', 'int8', '-q'],
      { seconds: 3 },
    ),
    command('inspect, chain of 100,000 nodes', ['inspect', `${folder}/chain.onnx`, '-q'], {
      seconds: 10,
      bytes: 1024 * MiB,
    }),
  ];
}

/** Import must grow with the model and no faster: the time for 100,000 nodes over four times that for 25,000. */
function importLines(): Line[] {
  const { registry } = createNetloom();
  const [short, middle, long] = [25_000, 50_000, 100_000].map((n) => {
    const bytes = chain(n);
    return best(() => importModel(bytes, registry, { file: 'chain.onnx' }));
  }) as [number, number, number];
  return [
    { name: 'import, chain of 100,000 nodes', seconds: long },
    { name: 'import, 50,000 nodes / 25,000 (2 is linear)', factor: middle / short, budget: { factor: 3 } },
    { name: 'import, 100,000 nodes / 25,000 (4 is linear)', factor: long / short, budget: { factor: 6.5 } },
  ];
}

/** Each pass and each family of machines on ResNet-50. */
function stageLines(): Line[] {
  const netloom = createNetloom();
  const bytes = resnet50();
  const model: Model = netloom.loadModel(bytes);
  const passes = new Map<string, number>();
  for (let i = 0; i < rounds; i++) {
    runPasses(model.graph, netloom.passes, netloom.registry, {
      clock: () => performance.now(),
      onPass: ({ pass, index, milliseconds }) => {
        const name = `pass ${String(index).padStart(2)} ${pass.name}`;
        passes.set(name, Math.min(passes.get(name) ?? Infinity, milliseconds / 1000));
      },
    });
  }
  const price = (machine: string): Line => {
    const hardware = netloom.loadHardware(machine);
    const lowered: Lowered = netloom.lower(model, { precision: 'int8' });
    netloom.estimate(lowered, hardware, { advice: false }); // the plan is made once and shared
    return { name: `price on ${machine}`, seconds: best(() => netloom.estimate(lowered, hardware, { advice: false })) };
  };
  return [
    { name: 'import, ResNet-50', seconds: best(() => netloom.loadModel(bytes)) },
    ...[...passes].map(([name, seconds]): Line => ({ name, seconds })),
    ...['xeon-8480', 'a100', 'tpu-v1', 'eyeriss-v1', 'zcu104'].map(price),
  ];
}

const seconds = (s: number | undefined): string =>
  s === undefined ? '' : s < 1 ? `${(s * 1000).toFixed(1)} ms` : `${s.toFixed(2)} s`;
const bytes = (b: number | undefined): string => (b === undefined ? '' : `${(b / MiB).toFixed(0)} MiB`);

function misses({ seconds: s, bytes: b, factor: f, budget }: Line): boolean {
  return (
    (s ?? 0) > (budget?.seconds ?? Infinity) ||
    (b ?? 0) > (budget?.bytes ?? Infinity) ||
    (f ?? 0) > (budget?.factor ?? Infinity)
  );
}

function main(): void {
  if (!existsSync('dist/src/main.js')) throw new Error('npm run build comes first: the commands are timed as built');
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/resnet50.onnx`, resnet50());
  writeFileSync(`${folder}/chain.onnx`, chain(100_000));
  calibrate();
  const unit = best(calibrate, 5);
  const lines = [...commandLines(), ...importLines(), ...stageLines()];
  const ratios = Object.fromEntries(
    lines.flatMap((l) => (l.seconds === undefined ? [] : [[l.name, Number((l.seconds / unit).toPrecision(4))]])),
  );
  const baseline = existsSync(baselineFile)
    ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as Record<string, number>)
    : {};
  const row = (cells: readonly string[]): void =>
    console.log(
      `${cells[0]!.padEnd(46)}${cells
        .slice(1)
        .map((c) => c.padStart(12))
        .join('')}`,
    );
  row(['', 'time', 'memory', 'calibrated', 'baseline', 'change', 'budget']);
  let failed = false;
  for (const l of lines) {
    const [now, before] = [ratios[l.name], baseline[l.name]];
    const change = now !== undefined && before !== undefined ? now / before : undefined;
    // Below a millisecond the clock and the collector decide.
    const slower = change !== undefined && change > 2 && l.seconds! > 0.001;
    const missed = misses(l);
    failed ||= missed || slower;
    const verdict = missed ? 'MISSED' : slower ? 'SLOWER' : l.budget ? 'met' : '';
    row([
      l.name,
      l.factor === undefined ? seconds(l.seconds) : `${l.factor.toFixed(2)} x`,
      bytes(l.bytes),
      now?.toFixed(2) ?? '',
      before?.toFixed(2) ?? '',
      change === undefined ? '' : `${change.toFixed(2)} x`,
      verdict,
    ]);
  }
  console.log(`calibration loop: ${seconds(unit)}`);
  if (process.argv.includes('--save')) writeFileSync(baselineFile, `${JSON.stringify(ratios, null, 2)}\n`);
  if (failed) process.exitCode = 1;
}

main();
if (process.argv.includes('--simulate')) await import('./simulate.ts');
