import { spawnSync } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { column, type Cell } from '../../reports/table.ts';
import { renderTable } from '../../reports/render/terminal.ts';
import { isNetloomError } from '../base/diagnostics.ts';
import { show } from '../base/units.ts';
import { presetNames } from '../netloom.ts';
import { version } from '../base/version.gen.ts';
import { defineCommand } from './kit/define.ts';
import { netloom } from './kit/load.ts';

interface Check {
  readonly name: string;
  readonly result: string;
  readonly ok: boolean;
  /** Optional tools may be absent. */
  readonly optional: boolean;
}

const tools: readonly (readonly [string, string])[] = [
  ['g++', 'compiles emitted C++'],
  ['verilator', 'runs emitted Verilog'],
  ['yosys', 'counts resources of emitted Verilog'],
  ['chromium', 'shows reports'],
  ['redis-server', 'queue for distributed exploration'],
];

export const define = defineCommand({
  schema: 'netloom/doctor@1',
  description: 'Checks what netloom needs and finds: versions, memory, WebAssembly, presets, optional tools.',
  examples: ['netloom doctor', 'netloom doctor --json', 'netloom doctor --quiet'],
  run: (session) => {
    const checks = [...basics(), ...presets(), ...tools.map(([name, use]) => toolCheck(name, use))];
    const ok = checks.every((c) => c.ok || c.optional);
    if (session.format === 'json') session.printJson({ checks }, ok);
    else
      session.print(
        renderTable(
          {
            name: 'doctor',
            title: 'Doctor',
            columns: [column('Check', 'check', 'text'), column('Result', 'result', 'name'), column('', 'ok', 'text')],
            rows: checks.map((c): Cell[] => [c.name, c.result, c.ok ? 'ok' : c.optional ? 'absent' : 'FAULT']),
          },
          session.terminal,
        ),
      );
    return ok ? 0 : 1;
  },
});

function basics(): Check[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return [
    { name: 'netloom', result: version, ok: true, optional: false },
    {
      name: 'Node',
      result: `${process.versions.node} (20.19 or later is needed)`,
      ok: major > 20 || (major === 20 && minor >= 19),
      optional: false,
    },
    { name: 'memory', result: show.bytes(totalmem()), ok: totalmem() > 2 ** 30, optional: false },
    { name: 'workers', result: `${availableParallelism()} at once`, ok: true, optional: false },
    { name: 'WebAssembly SIMD', result: 'for the fast kernels of simulate', ok: hasSimd(), optional: false },
  ];
}

/** A module with one vector instruction: valid only where SIMD is there. */
const hasSimd = (): boolean =>
  (globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } }).WebAssembly.validate(
    new Uint8Array([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
    ]),
  );

function presets(): Check[] {
  const bad: string[] = [];
  for (const name of presetNames) {
    try {
      netloom.loadHardware(name);
    } catch (e) {
      bad.push(isNetloomError(e) ? `${name}: ${e.diagnostics[0]?.message ?? ''}` : name);
    }
  }
  return [
    {
      name: 'presets',
      result: bad.length === 0 ? `${presetNames.length} machines, all valid` : bad.join('; '),
      ok: bad.length === 0 && presetNames.length > 0,
      optional: false,
    },
  ];
}

function toolCheck(name: string, use: string): Check {
  const found = spawnSync(name, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const first = found.status === 0 ? (found.stdout.split('\n')[0] ?? '').slice(0, 60) : '';
  return { name, result: first === '' ? `not found (${use})` : first, ok: found.status === 0, optional: true };
}
