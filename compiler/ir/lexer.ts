import { fail, type Location } from '../../src/base/diagnostics.ts';

export interface Token {
  readonly kind: 'word' | 'text' | 'mark' | 'end';
  /** The word, the text without its quotes, or the mark. */
  readonly value: string;
  readonly at: number;
  readonly width: number;
}

const space = /(?:[ \t\r\n]+|#[^\n]*)*/y;
const word = /[A-Za-z0-9_./~+-][A-Za-z0-9_./~#+-]*/y;
const quoted = /"(?:[^"\\\n]|\\.)*"/y;
const marks = '%(){}[],:=';

/** Splits .loom text into tokens, one at a time, and tells where in the text each one stands. */
export class Lexer {
  readonly #text: string;
  readonly #file: string;
  #offset = 0;
  #next: Token;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
    this.#next = this.#scan();
  }

  get next(): Token {
    return this.#next;
  }

  take(): Token {
    const token = this.#next;
    this.#next = this.#scan();
    return token;
  }

  /** The line and column of a token. */
  place(token: Pick<Token, 'at' | 'width'>): Location {
    const before = this.#text.slice(0, token.at);
    const start = before.lastIndexOf('\n') + 1;
    const end = this.#text.indexOf('\n', start);
    const line = before.split('\n').length;
    return {
      file: this.#file,
      line,
      column: token.at - start + 1,
      text: this.#text.slice(start, end < 0 ? undefined : end),
      width: Math.max(1, token.width),
    };
  }

  /** @throws NetloomError NL1030 */
  unexpected(token: Token, wanted: string): never {
    const found = token.kind === 'end' ? 'the text ends' : `"${token.value.slice(0, 60)}" stands`;
    return fail('NL1030', {
      message: `${this.#file} is no graph text`,
      at: this.place(token),
      cause: `${found} where ${wanted} was expected`,
      fix: 'correct the line; `netloom explain NL1030` shows the form',
    });
  }

  #scan(): Token {
    const text = this.#text;
    space.lastIndex = this.#offset;
    const at = this.#offset + space.exec(text)![0].length;
    const token = (kind: Token['kind'], value: string, width = value.length): Token => {
      this.#offset = at + width;
      return { kind, value, at, width };
    };
    if (at >= text.length) return token('end', '');
    const c = text[at]!;
    if (marks.includes(c)) return token('mark', c);
    const kind = c === '"' ? quoted : word;
    kind.lastIndex = at;
    const found = kind.exec(text)?.[0];
    if (found === undefined)
      this.unexpected({ kind: 'word', value: c, at, width: 1 }, c === '"' ? 'the closing quote of a name' : 'a name');
    if (c !== '"') return token('word', found);
    try {
      return token('text', JSON.parse(found) as string, found.length);
    } catch {
      return this.unexpected({ kind: 'text', value: found, at, width: found.length }, 'a name with valid escapes');
    }
  }
}
