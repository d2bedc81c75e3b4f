import { Command, type Option } from 'commander';
import { commands } from '../../src/commands/index.ts';
import type { Io } from '../../src/commands/kit/io.ts';
import { withSharedFlags } from '../../src/commands/kit/settings.ts';
import { code, fence, page, prose, table } from './markdown.ts';

const silent: Io = {
  out: () => undefined,
  err: () => undefined,
  outIsTerminal: false,
  errIsTerminal: false,
  columns: undefined,
  env: {},
  cwd: '/',
};

/** Commands and flags, from the definitions that parse them. */
export async function commandsPage(): Promise<string> {
  const shared = withSharedFlags(new Command('netloom'));
  const sharedFlags = new Set(shared.options.map((o) => o.flags));
  const parts: string[] = [];
  for (const entry of commands) {
    const command = new Command(entry.name);
    (await entry.load()).define(command, silent, () => undefined);
    parts.push(section(command, `netloom ${entry.name}`, '##', sharedFlags));
    for (const verb of command.commands)
      parts.push(section(verb, `netloom ${entry.name} ${verb.name()}`, '###', sharedFlags));
  }
  return page(
    'Commands and flags',
    'src/commands',
    'A model is a file or `-` for standard input. Results go to standard output, everything else to standard error. Settings come from flags, then `NETLOOM_*` variables (`NETLOOM_PRECISION=int8`), then the nearest `netloom.config.json` (`{ "precision": "int8" }`), then defaults; `--print-config` shows which. Exit codes are in [errors.md](errors.md).',
    `## Flags of every command\n\n${flagTable(shared.options)}`,
    ...parts,
  );
}

const flagTable = (options: readonly Option[]): string =>
  table(
    ['Flag', 'Meaning'],
    options.map((o) => [code(o.flags), prose(o.description)]),
  );

function section(command: Command, name: string, level: string, shared: ReadonlySet<string>): string {
  const own = command.options.filter((o) => !shared.has(o.flags));
  const args = command.registeredArguments;
  const shape = args.map((a) =>
    a.required ? `<${a.name()}${a.variadic ? '...' : ''}>` : `[${a.name()}${a.variadic ? '...' : ''}]`,
  );
  return [
    `${level} ${name}`,
    prose(command.description()),
    command.commands.length === 0
      ? `Usage: ${code([name, ...shape, '[flags]'].join(' '))}`
      : `Usage: ${code(`${name} <verb>`)}`,
    ...(args.length > 0
      ? [
          table(
            ['Argument', 'Meaning'],
            args.map((a) => [code(a.name()), prose(a.description)]),
          ),
        ]
      : []),
    ...(own.length > 0 ? [flagTable(own)] : []),
    fence('sh', examplesOf(command).join('\n')),
  ]
    .map((part) => part.trimEnd())
    .join('\n\n');
}

/** The lines under `examples:` of the help text. */
export function examplesOf(command: Command): string[] {
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text) });
  command.outputHelp();
  const [, examples = ''] = help.split('\nexamples:\n');
  return examples
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
