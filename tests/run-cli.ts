import { main } from '../src/commands/run.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  /** Columns of the terminal; the output is no terminal when absent. */
  readonly columns?: number;
  readonly color?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs one command line in this process, in a world of its own: no environment, no config file of this repository. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  let [out, err] = ['', ''];
  const isTerminal = options.columns !== undefined;
  const code = await main(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    outIsTerminal: isTerminal,
    errIsTerminal: isTerminal,
    columns: options.columns,
    env: { ...(options.color ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }), ...options.env },
    cwd: options.cwd ?? '/',
  });
  return { code, out, err };
}

/** Splits a command line as a shell would: words, single and double quotes. */
export const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]!);
