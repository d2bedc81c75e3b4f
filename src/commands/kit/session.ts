import { renderDiagnostics } from '../../../reports/render/diagnostics.ts';
import { diagnostic, NetloomError, type Diagnostic } from '../../base/diagnostics.ts';
import { version } from '../../base/version.gen.ts';
import { errOptions, outOptions, type Io } from './io.ts';
import type { Settings } from './settings.ts';

export type Format = 'table' | 'json' | 'csv' | 'md';

export interface InputFile {
  readonly path: string;
  readonly sha256: string | null;
}

/**
 * One run of a command: what it read, what it has to say beside its result, and how it ends. With `--json` exactly one
 * document goes to stdout, on failure too.
 */
export class Session {
  readonly io: Io;
  readonly settings: Settings;
  /** Schema of the document; a command that prints more than one kind changes it. */
  schema: string;
  readonly inputs: InputFile[] = [];
  /** By what they say: the same note of two machines is one. */
  readonly #diagnostics = new Map<string, Diagnostic>();
  /** What of the settings changes the result, for the envelope. */
  readonly used: Record<string, unknown> = {};

  constructor(io: Io, settings: Settings, schema: string) {
    this.io = io;
    this.settings = settings;
    this.schema = schema;
  }

  get format(): Format {
    return this.settings.format;
  }

  get terminal(): ReturnType<typeof outOptions> {
    return outOptions(this.io, this.settings.color);
  }

  note(diagnostics: Iterable<Diagnostic>): void {
    for (const d of diagnostics) {
      const key = JSON.stringify([d.code, d.message, d.locations]);
      if (!this.#diagnostics.has(key)) this.#diagnostics.set(key, d);
    }
  }

  get diagnostics(): readonly Diagnostic[] {
    return [...this.#diagnostics.values()];
  }

  /** The document of UX.md 1.5. */
  envelope(data: unknown, ok: boolean): Record<string, unknown> {
    return {
      schema: this.schema,
      tool: { version },
      ok,
      inputs: this.inputs,
      settings: this.used,
      data,
      diagnostics: this.diagnostics,
    };
  }

  print(text: string): void {
    this.io.out(text);
  }

  printJson(data: unknown, ok = true): void {
    this.io.out(`${JSON.stringify(this.envelope(data, ok), null, 2)}\n`);
  }

  /** Warnings and notes on stderr; with --json they are in the document, with --quiet only errors are shown. */
  showDiagnostics(): void {
    if (this.format === 'json') return;
    const shown = this.diagnostics.filter(
      (d) =>
        d.level === 'error' ||
        (d.level === 'warning' && this.settings.strict) ||
        (!this.settings.quiet && (d.level === 'warning' || this.settings.verbose > 0 || d.code.startsWith('NL4'))),
    );
    if (shown.length > 0)
      this.io.err(
        renderDiagnostics(shown, { ...errOptions(this.io, this.settings.color), concise: this.settings.concise }),
      );
    if (this.exitCode() !== 0) this.io.err('--strict: a warning ends the run with exit code 3\n');
    const hidden = this.diagnostics.length - shown.length;
    if (hidden > 0 && !this.settings.quiet)
      this.io.err(`${hidden} note${hidden === 1 ? '' : 's'} not shown: -v shows them\n`);
  }

  /** Ends with an error that the command itself found. */
  fail(error: NetloomError): number {
    this.note(error.diagnostics);
    if (this.format === 'json') this.printJson(null, false);
    else
      this.io.err(
        renderDiagnostics(
          this.diagnostics.filter((d) => d.level === 'error' || !this.settings.quiet),
          { ...errOptions(this.io, this.settings.color), concise: this.settings.concise },
        ),
      );
    return error.exitCode;
  }

  /** 0, or 3 when --strict turns a warning into a failure. */
  exitCode(): number {
    return this.settings.strict && this.diagnostics.some((d) => d.level === 'warning') ? 3 : 0;
  }
}

export const usage = (message: string, cause: string, fix: string): NetloomError =>
  new NetloomError([diagnostic('error', 'NL7002', { message, cause, fix })]);
