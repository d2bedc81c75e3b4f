import type { Command } from 'commander';
import { machineSchemas, type Machine } from '../../hw-models/schema/machine.ts';
import { familyOf } from '../../hw-models/families/index.ts';
import type { LoadedMachine } from '../../hw-models/schema/read.ts';
import { byteEnergy, macEnergy } from '../../hw-models/families/energy.ts';
import { column, type Cell, type Table } from '../../reports/table.ts';
import { renderTable, wrap } from '../../reports/render/terminal.ts';
import { renderCsv, renderMarkdown } from '../../reports/render/text-formats.ts';
import { NetloomError, type Diagnostic } from '../base/diagnostics.ts';
import { forTerminal } from '../base/text.ts';
import { show } from '../base/units.ts';
import { writeWhole } from '../files/write.ts';
import { presetNames, presetText } from '../netloom.ts';
import { defineCommand, save, type CommandSpec } from './kit/define.ts';
import type { Io } from './kit/io.ts';
import { netloom, openMachine } from './kit/load.ts';
import { usage, type Session } from './kit/session.ts';

const render = (session: Session, table: Table): string =>
  session.format === 'csv'
    ? renderCsv(table)
    : session.format === 'md'
      ? renderMarkdown(table)
      : renderTable(table, session.terminal);

/** Formats that people compare machines by, first choice first. */
const usual = ['i8', 'f16', 'bf16', 'f32', 'i16', 'i4'];

const peakOf = (machine: Machine): { format: string; rate: number } => {
  const family = familyOf(machine);
  const formats = family.precisions(machine);
  const format = usual.find((f) => formats.includes(f)) ?? formats[0] ?? '-';
  return { format, rate: family.roofs(machine).peaks[format] ?? 0 };
};

const list: CommandSpec = {
  schema: 'netloom/hw-list@1',
  description: 'Lists the machine presets.',
  flags: [['--family <name>', 'only cpu, gpu, tpu, asic or fpga']],
  examples: ['netloom hw list', 'netloom hw list --family fpga', 'netloom hw list --json'],
  run: (session, _args, flags) => {
    if (flags.family !== undefined && !Object.hasOwn(machineSchemas, String(flags.family)))
      throw usage(
        `--family is "${String(flags.family).slice(0, 40)}"`,
        `families are ${Object.keys(machineSchemas).join(', ')}`,
        '--family fpga',
      );
    const machines = presetNames
      .map((n) => netloom.loadHardware(n).machine)
      .filter((m) => flags.family === undefined || m.family === flags.family);
    const data = machines.map((m) => ({
      name: m.name,
      title: m.title,
      family: m.family,
      peak_macs_per_s: peakOf(m).rate,
      peak_format: peakOf(m).format,
      bandwidth_bytes_per_s: m.memory[0]!.bandwidth,
      idle_w: m.power.idle,
      host: m.host?.machine ?? null,
    }));
    if (session.format === 'json') session.printJson(data);
    else {
      session.print(
        render(session, {
          name: 'machines',
          title: 'Machines',
          columns: [
            column('Name', 'name', 'text'),
            column('Family', 'family', 'text'),
            column('Peak', 'peak_macs_per_s', 'count'),
            column('MAC/s in', 'peak_format', 'text'),
            column('Memory B/s', 'bandwidth_bytes_per_s', 'count'),
            column('Idle W', 'idle_w', 'plain'),
            column('Title', 'title', 'name'),
          ],
          rows: data.map((d): Cell[] => [
            d.name,
            d.family,
            d.peak_macs_per_s,
            d.peak_format,
            d.bandwidth_bytes_per_s,
            d.idle_w,
            d.title,
          ]),
        }),
      );
    }
    return 0;
  },
};

const showMachine: CommandSpec = {
  schema: 'netloom/hw-show@1',
  description: 'Prints a machine: every number with its source; --resolved adds what the technology tables supply.',
  arguments: [['<machine>', 'preset or machine file']],
  flags: [['--resolved', 'also peaks, and the energies that the technology tables give']],
  examples: ['netloom hw show tpu-v1', 'netloom hw show zcu104 --resolved', 'netloom hw show my-tpu.json --json'],
  run: (session, [name], flags) => {
    const loaded = openMachine(session, name!);
    session.note(loaded.diagnostics);
    if (session.format === 'json')
      session.printJson({
        file: loaded.json,
        ...(flags.resolved
          ? {
              resolved: loaded.machine,
              derived: derived(loaded.machine).rows.map(([what, value, from]) => ({ what, value, from })),
            }
          : {}),
      });
    else {
      const m = loaded.machine;
      session.print(
        `${forTerminal(`${m.name}: ${m.title} (${m.family})`)}\n${m.summary ? `  ${wrap(m.summary, session.terminal.width, '  ')}\n` : ''}\n`,
      );
      session.print(
        render(session, {
          name: 'machine',
          title: m.title,
          columns: [
            column('Field', 'field', 'text'),
            column('Value', 'value', 'text'),
            column('Source', 'source', 'name'),
            column('Note', 'note', 'name'),
          ],
          rows: [...loaded.sources].map(([pointer, s]): Cell[] => [pointer, s.text, s.source, s.note ?? '']),
        }),
      );
      if (flags.resolved) session.print(`\n${render(session, derived(m))}`);
    }
    session.showDiagnostics();
    return 0;
  },
};

/** What follows from the file: peaks, and energies from the technology tables. */
function derived(machine: Machine): Table {
  const roofs = familyOf(machine).roofs(machine);
  return {
    name: 'derived',
    title: 'Derived',
    columns: [column('What', 'what', 'text'), column('Value', 'value', 'text'), column('From', 'from', 'text')],
    rows: [
      ...Object.entries(roofs.peaks).map(([f, rate]): Cell[] => [
        `peak ${f}`,
        `${show.rate(rate, 'MAC/s')}`,
        'rates and clock of the file',
      ]),
      ...Object.keys(roofs.peaks).map((f): Cell[] => [
        `energy of one ${f} MAC`,
        show.joules(macEnergy(machine, f)),
        machine.energy?.macs?.[f] === undefined ? 'technology/operations' : 'the file',
      ]),
      ...machine.memory.map((m): Cell[] => [
        `energy of one byte of ${m.name}`,
        show.joules(byteEnergy(machine, m)),
        m.energy === undefined ? 'technology/memories' : 'the file',
      ]),
    ],
  };
}

const validate: CommandSpec = {
  schema: 'netloom/hw-validate@1',
  description: 'Checks machine files; exit code 1 when one of them has errors.',
  arguments: [['<files...>', 'machine files or presets']],
  examples: [
    'netloom hw validate my-tpu.json',
    'netloom hw validate *.json --concise',
    'netloom hw validate tpu-v1 --json',
  ],
  run: (session, names) => {
    const data: { machine: string; ok: boolean; diagnostics: Diagnostic[] }[] = [];
    for (const name of names) {
      try {
        const loaded = openMachine(session, name);
        data.push({ machine: name, ok: true, diagnostics: [...loaded.diagnostics] });
      } catch (e) {
        // A file that is not there is no answer to the question whether it is valid.
        if (!(e instanceof NetloomError) || e.exitCode === 5 || e.exitCode === 2) throw e;
        data.push({ machine: name, ok: false, diagnostics: [...e.diagnostics] });
      }
    }
    const ok = data.every((d) => d.ok);
    session.note(data.flatMap((d) => d.diagnostics));
    if (session.format === 'json') session.printJson(data, ok);
    else session.print(data.map((d) => `${d.ok ? 'valid  ' : 'INVALID'} ${d.machine}\n`).join(''));
    session.showDiagnostics();
    return ok ? session.exitCode() : 1;
  },
};

const create: CommandSpec = {
  schema: 'netloom/hw-new@1',
  description: 'Writes a new machine file from a preset.',
  arguments: [['<file>', 'file to write']],
  flags: [
    ['--from <machine>', 'preset or machine file to begin from'],
    ['--force', 'replace an existing file'],
  ],
  examples: [
    'netloom hw new --from tpu-v1 my.json',
    'netloom hw new --from zcu104 board.json --force',
    'netloom hw new --from eyeriss-v1 mine.json',
  ],
  run: (session, [file], flags) => {
    if (typeof flags.from !== 'string')
      throw usage('--from is missing', 'a new machine begins as a copy of another', '--from tpu-v1');
    const name =
      file!
        .split(/[\\/]/)
        .at(-1)!
        .replace(/\.json$/, '')
        .toLowerCase()
        .replace(/[^a-z0-9._-]/g, '-')
        .replace(/^[^a-z0-9]+/, '')
        .slice(0, 64) || 'mine';
    const source = presetNames.includes(flags.from)
      ? presetText(flags.from)
      : JSON.stringify(openMachine(session, flags.from).json, null, 2);
    const text = source.replace(/("name":\s*)"[^"]*"/, `$1${JSON.stringify(name)}`);
    writeWhole(file!, text, { force: flags.force === true });
    if (session.format === 'json') session.printJson({ file, name, from: flags.from });
    else session.print(`wrote ${file}: "${name}", a copy of ${flags.from}\n`);
    return 0;
  },
};

const diff: CommandSpec = {
  schema: 'netloom/hw-diff@1',
  description: 'Lists the fields in which two machines differ, with the ratio of numbers.',
  arguments: [['<machines...>', 'two presets or machine files']],
  examples: ['netloom hw diff a100 h100', 'netloom hw diff tpu-v1 my-tpu.json', 'netloom hw diff zc706 zcu104 --json'],
  run: (session, names) => {
    if (names.length !== 2)
      throw usage(`${names.length} machines are named`, 'a difference is between two', 'netloom hw diff a100 h100');
    const [a, b] = names.map((n): LoadedMachine => openMachine(session, n)) as [LoadedMachine, LoadedMachine];
    const left = flat(a);
    const right = flat(b);
    const rows = [...new Set([...left.keys(), ...right.keys()])]
      .filter((k) => left.get(k)?.text !== right.get(k)?.text)
      .map((k): { field: string; before: string | null; after: string | null; ratio: number | null } => {
        const [x, y] = [left.get(k), right.get(k)];
        return {
          field: k,
          before: x?.text ?? null,
          after: y?.text ?? null,
          ratio: k !== '/year' && x?.value && y?.value !== undefined ? y.value / x.value : null,
        };
      });
    save(session, rows);
    if (session.format === 'json') session.printJson(rows);
    else
      session.print(
        render(session, {
          name: 'diff',
          title: 'Differences',
          columns: [
            column('Field', 'field', 'text'),
            column(names[0]!, 'before', 'name'),
            column(names[1]!, 'after', 'name'),
            column('Ratio', 'ratio', 'ratio'),
          ],
          rows: rows.map((r): Cell[] => [r.field, r.before, r.after, r.ratio]),
        }),
      );
    return 0;
  },
};

/** Leaves of a machine by JSON Pointer, with the text of the file and the number it means. */
function flat(loaded: LoadedMachine): Map<string, { text: string; value: number | undefined }> {
  const found = new Map<string, { text: string; value: number | undefined }>();
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value === 'object' && value !== null)
      for (const [k, v] of Object.entries(value)) visit(v, `${pointer}/${k}`);
    else
      found.set(pointer, {
        text: loaded.sources.get(pointer)?.text ?? String(value),
        value: typeof value === 'number' ? value : undefined,
      });
  };
  visit(loaded.machine, '');
  return found;
}

const schema: CommandSpec = {
  schema: 'netloom/hw-schema@1',
  description: 'Prints the JSON schema of the machine files of a family.',
  arguments: [['[family]', 'cpu, gpu, tpu, asic or fpga; all when absent']],
  examples: ['netloom hw schema tpu', 'netloom hw schema fpga > fpga.schema.json', 'netloom hw schema'],
  run: (session, [family]) => {
    if (family !== undefined && !Object.hasOwn(machineSchemas, family))
      throw usage(
        `there is no family "${family.slice(0, 40)}"`,
        `families are ${Object.keys(machineSchemas).join(', ')}`,
        'netloom hw schema tpu',
      );
    const wanted =
      family === undefined
        ? { $schema: dialect, oneOf: Object.values(machineSchemas) }
        : { $schema: dialect, ...machineSchemas[family as keyof typeof machineSchemas] };
    session.print(`${JSON.stringify(wanted, null, 2)}\n`);
    return 0;
  },
};

export const dialect = 'https://json-schema.org/draft/2020-12/schema';

const verbs: readonly (readonly [string, CommandSpec])[] = [
  ['list', list],
  ['show', showMachine],
  ['validate', validate],
  ['new', create],
  ['diff', diff],
  ['schema', schema],
];

/** `hw` has verbs of its own. */
export function define(command: Command, io: Io, finish: (code: number) => void): void {
  command.description('Machine files: presets and your own.');
  for (const [name, spec] of verbs) {
    const verb = command.command(name).summary(spec.description);
    defineCommand(spec)(verb, io, finish);
  }
  command.addHelpText(
    'after',
    '\nexamples:\n  netloom hw list --family gpu\n  netloom hw new --from tpu-v1 my.json\n  netloom hw validate my.json\n',
  );
}
