import { Command, CommanderError } from 'commander';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderDiagnostics } from '../../reports/render/diagnostics.ts';
import { diagnostic, isNetloomError, isOutOfMemory, NetloomError } from '../base/diagnostics.ts';
import { closest } from '../base/suggest.ts';
import { reasonOf } from '../files/read.ts';
import { writeReasonOf, writeWhole } from '../files/write.ts';
import { version } from '../base/version.gen.ts';
import { commands } from './index.ts';
import { errOptions, type Io } from './kit/io.ts';

/** Wires the process to `main`: streams, closed pipes, signals. */
export async function runFromProcess(argv: readonly string[]): Promise<void> {
  // `| head` closes the pipe: what is left has no reader, and that is no fault.
  process.stdout.on('error', (e: NodeJS.ErrnoException) => process.exit(e.code === 'EPIPE' ? 0 : 5));
  process.stderr.on('error', () => undefined);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => process.exit(code));
  const io: Io = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    columns: process.stdout.columns ?? process.stderr.columns,
    env: process.env,
    cwd: process.cwd(),
  };
  process.exitCode = await main(argv, io);
}

/** Runs one command line and answers its exit code (UX.md 1.4). Prints only through `io`; never exits. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const wantsJson = argv.includes('--json') || /--format[ =]json/.test(argv.join(' '));
  try {
    return await dispatch(argv, io);
  } catch (e) {
    const error = e instanceof CommanderError ? fromCommander(e, argv) : fromSystem(e);
    if (error === undefined) return 0;
    if (isNetloomError(error)) {
      if (wantsJson)
        io.out(
          `${JSON.stringify({ schema: 'netloom/error@1', tool: { version }, ok: false, inputs: [], settings: {}, data: null, diagnostics: error.diagnostics }, null, 2)}\n`,
        );
      else io.err(renderDiagnostics(error.diagnostics, { ...errOptions(io), concise: argv.includes('--concise') }));
      return error.exitCode;
    }
    return bug(error, argv, io, wantsJson);
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const first = argv[0];
  if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && argv.length === 1)) {
    io.out(overview());
    return 0;
  }
  if (first === '--version' || first === '-V') {
    io.out(
      argv.includes('--json')
        ? `${JSON.stringify({ version, node: process.versions.node, platform: process.platform, arch: process.arch })}\n`
        : `${version}\n`,
    );
    return 0;
  }
  const name = first === 'help' ? argv[1]! : first;
  const rest = first === 'help' ? [...argv.slice(2), '--help'] : argv.slice(1);
  const entry = commands.find((c) => c.name === name);
  if (!entry) {
    const near = closest(
      name,
      commands.map((c) => c.name),
    );
    const what = name.startsWith('-') ? 'flag' : 'command';
    throw new NetloomError([
      diagnostic('error', 'NL7001', {
        message: `there is no ${what} "${name.slice(0, 80)}"`,
        cause: `commands are ${commands.map((c) => c.name).join(', ')}`,
        fix: near ? `did you mean "${near}"?` : 'netloom help shows what each does',
      }),
    ]);
  }
  let code = 0;
  const command = new Command(`netloom ${entry.name}`)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: () => undefined })
    .showSuggestionAfterError(true)
    .summary(entry.summary);
  const { define } = await entry.load();
  define(command, io, (c) => (code = c));
  // A command of verbs, such as hw, shows them when none is given.
  const isBare = command.commands.length > 0 && rest.length === 0;
  await command.parseAsync(isBare ? ['--help'] : [...rest], { from: 'user' });
  return code;
}

function overview(): string {
  const width = Math.max(...commands.map((c) => c.name.length));
  return `netloom ${version}: what a trained network costs on a CPU, GPU, TPU, ASIC or FPGA, and why

usage: netloom <command> [flags]

${commands.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`).join('\n')}

  netloom help <command>   flags and examples of a command
  netloom --version        the version

first steps:
  netloom hw list
  netloom inspect model.onnx
  netloom estimate model.onnx --on tpu-v1 --precision int8
`;
}

function fromCommander(e: CommanderError, argv: readonly string[]): NetloomError | undefined {
  if (e.code === 'commander.helpDisplayed' || e.code === 'commander.help' || e.code === 'commander.version')
    return undefined;
  const [message, ...hints] = e.message.replace(/^error: /, '').split('\n');
  const near = hints.map((h) => h.replace(/^\((.*)\)$/, '$1').trim()).filter(Boolean);
  return new NetloomError([
    diagnostic('error', 'NL7001', {
      message: message ?? 'the command line is not understood',
      cause: `in: netloom ${argv.join(' ').slice(0, 300)}`,
      fix: [
        ...near.map((n) => n.charAt(0).toLowerCase() + n.slice(1)),
        `netloom help ${argv[0] ?? ''} shows the flags`,
      ],
    }),
  ]);
}

/** What the system refused, and sizes beyond the memory, are no faults of netloom: they become errors like any other. */
function fromSystem(e: unknown): unknown {
  if (isOutOfMemory(e)) {
    return new NetloomError([
      diagnostic('error', 'NL1002', {
        message: 'the model needs more memory than there is',
        cause: (e as Error).message,
        fix: 'give smaller shapes with --shape or --dim, or correct the sizes in the model',
      }),
    ]);
  }
  const { code, path, syscall } = e as NodeJS.ErrnoException;
  if (!(e instanceof Error) || syscall === undefined || !code?.startsWith('E')) return e;
  const file = path ?? 'a file';
  const writes = /^(mkdir|write|rename)/.test(syscall);
  return new NetloomError([
    diagnostic('error', writes ? 'NL6002' : 'NL6001', {
      message: `"${file}" cannot be ${writes ? 'written' : 'read'}`,
      at: { file },
      cause: writes ? writeReasonOf(e) : reasonOf(e),
      fix: 'check the path and who may use it',
    }),
  ]);
}

/** A fault of netloom itself: says so, and leaves what is needed to report it. */
function bug(error: unknown, argv: readonly string[], io: Io, wantsJson: boolean): number {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const short = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  const reproducer = join(tmpdir(), `netloom-fault-${process.pid}.txt`);
  let saved = false;
  try {
    writeWhole(
      reproducer,
      `netloom ${version}, node ${process.versions.node}, ${process.platform} ${process.arch}\nnetloom ${argv.join(' ')}\n\n${trace}\n`,
    );
    saved = true;
  } catch {
    // The report on screen has to do.
  }
  const d = diagnostic('error', 'NL9001', {
    message: `netloom met a fault of its own: ${short.slice(0, 500)}`,
    cause: 'this is a bug in netloom, not in your files',
    fix: saved
      ? `report it with ${reproducer} (it holds version, command line and trace; look through it before you share it)`
      : 'report it with the command line and version',
  });
  if (wantsJson)
    io.out(
      `${JSON.stringify({ schema: 'netloom/error@1', tool: { version }, ok: false, inputs: [], settings: {}, data: null, diagnostics: [d] }, null, 2)}\n`,
    );
  else io.err(renderDiagnostics([d], errOptions(io)));
  if (argv.includes('-vv')) io.err(`${trace}\n`);
  return 70;
}
