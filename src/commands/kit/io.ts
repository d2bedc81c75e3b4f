import type { TerminalOptions } from '../../../reports/render/terminal.ts';

/** All that a command sees of the world beside files: it writes through this, so that tests can run it in-process. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Columns of the terminal, where there is one. */
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export type ColorChoice = 'auto' | 'always' | 'never';

function usesColor(choice: ColorChoice, isTerminal: boolean, env: Io['env']): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true;
  return isTerminal && env.TERM !== 'dumb';
}

export const outOptions = (io: Io, color: ColorChoice = 'auto'): TerminalOptions => ({
  width: io.outIsTerminal ? io.columns : undefined,
  color: usesColor(color, io.outIsTerminal, io.env),
});
export const errOptions = (io: Io, color: ColorChoice = 'auto'): TerminalOptions => ({
  width: io.errIsTerminal ? io.columns : undefined,
  color: usesColor(color, io.errIsTerminal, io.env),
});
