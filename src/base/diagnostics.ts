import { codePages, type Code } from './codes/index.ts';

export type Level = 'error' | 'warning' | 'note';

/** Where in the user's own files a problem lies. Every field that is known is filled. */
export interface Location {
  readonly file?: string;
  /** 1-based, with `column`, for text files. */
  readonly line?: number;
  readonly column?: number;
  /** JSON Pointer (RFC 6901) for JSON files. */
  readonly pointer?: string;
  /** Byte offset, for binary files. */
  readonly offset?: number;
  /** The ONNX node, as `name` (or operator and index when it has none). */
  readonly node?: string;
  /** The operator of the node and its index in the graph, such as `Conv, #41`. */
  readonly op?: string;
  /** A tensor with format and shape, such as `"w" f32[64,3,7,7]`. */
  readonly tensor?: string;
  /** The user's own line, shown with a marker below `column` that is `width` wide. */
  readonly text?: string;
  readonly width?: number;
  /** Said beside the marker or the place. */
  readonly hint?: string;
}

/** One problem, note or warning: UX.md 1.7. The same object is printed, put in JSON, and shown on a page. */
export interface Diagnostic {
  readonly code: Code;
  readonly level: Level;
  /** One sentence that stands alone. */
  readonly message: string;
  readonly locations: readonly Location[];
  readonly cause?: string;
  readonly fixes: readonly string[];
  /** How to read more: an `explain` command line. */
  readonly docs: string;
}

export interface Problem {
  readonly message: string;
  readonly at?: Location | readonly Location[];
  readonly cause?: string;
  readonly fix?: string | readonly string[];
}

const list = <T>(x: T | readonly T[] | undefined): readonly T[] =>
  x === undefined ? [] : Array.isArray(x) ? (x as readonly T[]) : [x as T];

export function diagnostic(level: Level, code: Code, problem: Problem): Diagnostic {
  return {
    code,
    level,
    message: problem.message,
    locations: list(problem.at),
    ...(problem.cause === undefined ? {} : { cause: problem.cause }),
    fixes: list(problem.fix),
    docs: `netloom explain ${code}`,
  };
}

/** The one exception that means "the user's input, not our code": carries every problem of a stage. */
export class NetloomError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  override readonly name = 'NetloomError';

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
    this.diagnostics = diagnostics;
  }

  /** The exit code of UX.md 1.4: that of the first error. */
  get exitCode(): number {
    const first = this.diagnostics.find((d) => d.level === 'error');
    return first ? codePages[first.code].exit : 1;
  }
}

/** True for errors that carry diagnostics, also across copies of this module. */
export const isNetloomError = (e: unknown): e is NetloomError =>
  e instanceof Error && e.name === 'NetloomError' && Array.isArray((e as Partial<NetloomError>).diagnostics);

/** Throws one error at once, for faults after which nothing more can be checked. */
export function fail(code: Code, problem: Problem): never {
  throw new NetloomError([diagnostic('error', code, problem)]);
}

/** A fault of netloom itself (exit code 70): an invariant of ours does not hold. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/** Whether an exception says that memory, not logic, failed: a size asked for is beyond what the engine can hold. */
export const isOutOfMemory = (e: unknown): boolean =>
  e instanceof RangeError &&
  /^(Invalid (typed )?array (buffer )?length|Array buffer allocation failed|Invalid string length)/.test(e.message);

export function invariant(claim: unknown, message: string): asserts claim {
  if (!claim) throw new InternalError(message);
}

/** So many problems no person reads, and more would fill the memory. */
const problemLimit = 10_000;

/** Collects the problems of one stage, so that the user sees all of them at once. */
export class Problems {
  readonly #found: Diagnostic[] = [];

  error(code: Code, problem: Problem): void {
    this.#found.push(diagnostic('error', code, problem));
  }

  warn(code: Code, problem: Problem): void {
    this.#found.push(diagnostic('warning', code, problem));
  }

  note(code: Code, problem: Problem): void {
    this.#found.push(diagnostic('note', code, problem));
  }

  add(diagnostics: Iterable<Diagnostic>): void {
    for (const d of diagnostics) this.#found.push(d);
  }

  /** Runs a step and keeps the problems it throws, so that its siblings are still checked. */
  attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (e) {
      if (!isNetloomError(e)) throw e;
      this.add(e.diagnostics);
      return undefined;
    }
  }

  get all(): readonly Diagnostic[] {
    return this.#found;
  }

  /** Whether looking for more is pointless. */
  get isFull(): boolean {
    return this.#found.length >= problemLimit;
  }

  /** Ends the stage at once when a damaged or hostile file has problems without end. @throws NetloomError */
  stopWhenMany(): void {
    if (!this.isFull) return;
    this.error('NL1002', {
      message: `there are more than ${problemLimit} problems`,
      cause: 'the file is damaged, or made to keep its reader busy; what follows was not looked at',
      fix: 'mend the problems before this one first',
    });
    this.finish();
  }

  get hasErrors(): boolean {
    return this.#found.some((d) => d.level === 'error');
  }

  /** Ends a stage: throws everything found if any of it is an error, else answers the warnings and notes. */
  finish(): readonly Diagnostic[] {
    if (this.hasErrors) throw new NetloomError(this.#found);
    return this.#found;
  }
}
