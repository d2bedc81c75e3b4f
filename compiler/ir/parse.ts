import { fail } from '../../src/base/diagnostics.ts';
import { closest } from '../../src/base/suggest.ts';
import { formatNamed } from '../formats/index.ts';
import type { OpRegistry } from '../ops/registry.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Lexer, type Token } from './lexer.ts';
import { numberOf, tensorOf } from './literal.ts';
import {
  absent,
  valueId,
  type AttrValue,
  type Attrs,
  type Graph,
  type Op,
  type Origin,
  type Removed,
  type TensorType,
  type ValueId,
} from './types.ts';
import { checkGraph } from './verify.ts';

export interface ParseOptions {
  /** Shown in messages. */
  readonly file?: string;
  /** Finds the elements of a constant by its hash. */
  readonly weights?: (hash: string) => Tensor | undefined;
}

/** ROBUSTNESS.md allows 16 levels of subgraphs; fused ops inside them add one. */
const deepest = 20;
const rankLimit = 64;

/**
 * Reads the text form of a graph, and holds it to the same rules as every graph of netloom.
 * @throws NetloomError NL1030 (not in this form), NL1031 (values, types or ops that do not fit), with line and column
 */
export function parseGraph(text: string, registry: OpRegistry, options: ParseOptions = {}): Graph {
  const parser = new Parser(text, registry, options);
  const graph = parser.graph(0);
  if (parser.lexer.next.kind !== 'end') parser.lexer.unexpected(parser.lexer.next, 'the end of the text');
  checkGraph(graph, registry, (message, op) =>
    parser.refuse((op && parser.places.get(op)) ?? { kind: 'word', value: '', at: 0, width: 1 }, message),
  );
  return graph;
}

/** One graph while it is read. */
interface Draft {
  readonly types: Map<ValueId, TensorType>;
  readonly consts: Map<ValueId, Tensor>;
  readonly ops: Op[];
  readonly removed: Removed[];
}

class Parser {
  readonly lexer: Lexer;
  /** Where each op starts. */
  readonly places = new Map<Op, Token>();
  readonly #registry: OpRegistry;
  readonly #options: ParseOptions;

  constructor(text: string, registry: OpRegistry, options: ParseOptions) {
    this.lexer = new Lexer(text, options.file ?? 'graph text');
    this.#registry = registry;
    this.#options = options;
  }

  refuse(token: Token, cause: string, fix = 'correct the text, or print the graph again'): never {
    return fail('NL1031', {
      message: 'the text does not describe a graph that could run',
      at: this.lexer.place(token),
      cause,
      fix,
    });
  }

  graph(depth: number): Graph {
    const start = this.#word('graph');
    if (depth > deepest) this.refuse(start, `bodies nest deeper than ${deepest} levels`);
    const name = this.#name('the name of the graph');
    const draft: Draft = { types: new Map(), consts: new Map(), ops: [], removed: [] };
    this.#mark('(');
    const inputs = this.#list(')', () => this.#typed(draft));
    this.#mark('{');
    let outputs: ValueId[] | undefined;
    while (!outputs) {
      const { next } = this.lexer;
      if (next.kind === 'word' && next.value === 'return') outputs = this.#outputs();
      else if (next.kind === 'word' && next.value === 'removed') this.#removed(draft);
      else this.#op(draft, depth);
    }
    this.#mark('}');
    return { name, inputs, outputs, ...draft };
  }

  #outputs(): ValueId[] {
    this.lexer.take();
    const outputs: ValueId[] = [];
    if (this.#isMark('}')) return outputs;
    do outputs.push(this.#value());
    while (this.#accept(','));
    return outputs;
  }

  #removed(draft: Draft): void {
    this.lexer.take();
    const origins = this.#origins();
    this.#word('by');
    const by = this.#name('the name of a pass');
    for (const origin of origins) draft.removed.push({ origin, by });
  }

  #op(draft: Draft, depth: number): void {
    const start = this.lexer.next;
    const outputs = this.#isMark('(') ? this.#nothing() : this.#results(draft);
    this.#mark('=');
    const kindAt = this.lexer.next;
    const kind = this.#name('the kind of an op');
    let inputs: ValueId[] = [];
    let attrs: Attrs = {};
    if (kind === 'const') attrs = this.#constant(draft, outputs[0] ?? absent, kindAt);
    else {
      this.#mark('(');
      inputs = this.#list(')', () => this.#value());
    }
    // Attributes and bodies both stand in braces; bodies come after the origins.
    if (this.#accept('{')) attrs = { ...attrs, ...this.#attrs() };
    const origins = this.#acceptWord('from') ? this.#origins() : [];
    const bodies = this.#accept('{') ? this.#bodies(depth) : undefined;
    if (!this.#registry.find(kind)) {
      const near = closest(
        kind,
        [...this.#registry.all].map((d) => d.kind),
      );
      this.refuse(
        kindAt,
        `there is no op "${kind}"`,
        near ? `did you mean "${near}"?` : 'docs/reference/ops.md lists all ops',
      );
    }
    const op: Op = { kind, inputs, outputs, attrs, origins, ...(bodies ? { bodies } : {}) };
    this.places.set(op, start);
    draft.ops.push(op);
  }

  #nothing(): ValueId[] {
    this.#mark('(');
    this.#mark(')');
    return [];
  }

  #results(draft: Draft): ValueId[] {
    const results = [this.#typed(draft)];
    while (this.#accept(',')) results.push(this.#typed(draft));
    return results;
  }

  #bodies(depth: number): Graph[] {
    const bodies: Graph[] = [];
    while (!this.#accept('}')) bodies.push(this.graph(depth + 1));
    return bodies;
  }

  /** `%x: f32[2,3]`, or `_`. A value that stands twice is found later, with the other faults of the graph. */
  #typed(draft: Draft): ValueId {
    const start = this.lexer.next;
    const id = this.#value();
    if (id === absent) return id;
    if (draft.types.has(id)) this.refuse(start, `%${id} is defined twice`);
    this.#mark(':');
    draft.types.set(id, this.#type());
    return id;
  }

  #value(): ValueId {
    if (this.#acceptWord('_')) return absent;
    this.#mark('%');
    return valueId(this.#name('the name of a value'));
  }

  #type(): TensorType {
    const at = this.lexer.next;
    const name = this.#name('a number format');
    const format =
      formatNamed(name) ??
      this.refuse(at, `there is no number format "${name}"`, 'use one such as f32, i8, u4, i17, bool');
    const isUnknown = this.#acceptWord('unknown');
    let shape: number[] = [];
    if (!isUnknown) {
      this.#mark('[');
      shape = this.#list(']', () => this.#size());
      if (shape.length > rankLimit) this.refuse(at, `it has ${shape.length} axes; at most ${rankLimit} are allowed`);
      if (!Number.isSafeInteger(shape.reduce((n, d) => n * d, 1))) this.refuse(at, 'it has more than 2^53 elements');
    }
    return {
      format,
      shape,
      ...(isUnknown ? { unknown: true as const } : {}),
      ...(this.#acceptWord('assumed') ? { assumed: true as const } : {}),
    };
  }

  #size(): number {
    const token = this.lexer.take();
    const size = Number(token.value);
    if (token.kind !== 'word' || !/^[0-9]+$/.test(token.value) || !Number.isSafeInteger(size))
      this.lexer.unexpected(token, 'the size of an axis');
    return size;
  }

  /** The elements in brackets, or the hash that names them. */
  #constant(draft: Draft, id: ValueId, at: Token): Attrs {
    const type = draft.types.get(id) ?? this.refuse(at, 'a const has one output');
    if (this.#acceptWord('sha256')) {
      this.#mark(':');
      const hash = this.#name('a hash');
      const value = this.#options.weights?.(hash);
      if (!value) return { sha256: hash };
      draft.consts.set(id, value);
      return {};
    }
    this.#mark('[');
    const words = this.#list(']', () => this.#element(type.format.kind === 'text'));
    const value = tensorOf(type.format, type.shape, words);
    if (typeof value === 'string') this.refuse(at, value);
    else draft.consts.set(id, value);
    return {};
  }

  #element(isText: boolean): string {
    const token = this.lexer.take();
    const fits = isText
      ? token.kind === 'text'
      : token.kind === 'word' && (/^(-?inf|nan)$/.test(token.value) || isNumber(token.value));
    if (!fits) this.lexer.unexpected(token, isText ? 'a text in quotes' : 'a number');
    return token.value;
  }

  #attrs(): Attrs {
    const entries = this.#list('}', () => {
      const at = this.lexer.next;
      const name = this.#name('the name of an attribute');
      this.#mark('=');
      return [name, this.#attr(), at] as const;
    });
    const attrs: Record<string, AttrValue> = Object.create(null) as Record<string, AttrValue>;
    for (const [name, value, at] of entries) {
      if (name in attrs) this.refuse(at, `attribute "${name}" stands twice`);
      attrs[name] = value;
    }
    return { ...attrs };
  }

  #attr(): AttrValue {
    if (!this.#accept('[')) return this.#scalar();
    const list = this.#list(']', () => ({ at: this.lexer.next, value: this.#scalar() }));
    const isText = typeof list[0]?.value === 'string';
    const odd = list.find((x) => typeof x.value !== (isText ? 'string' : 'number'));
    if (odd) this.lexer.unexpected(odd.at, isText ? 'a text in quotes' : 'a number');
    return list.map((x) => x.value) as readonly number[] | readonly string[];
  }

  #scalar(): number | string | boolean {
    const token = this.lexer.take();
    if (token.kind === 'text') return token.value;
    if (token.kind === 'word' && (token.value === 'true' || token.value === 'false')) return token.value === 'true';
    if (token.kind !== 'word' || !(/^(-?inf|nan)$/.test(token.value) || isNumber(token.value)))
      this.lexer.unexpected(token, 'a number, true, false, a list or a text in quotes');
    return numberOf(token.value);
  }

  #origins(): Origin[] {
    const origins: Origin[] = [];
    do {
      const node = this.#name('the name of an ONNX node');
      let op = '';
      if (this.#accept('(')) {
        op = this.#name('an ONNX operator');
        this.#mark(')');
      }
      origins.push({ node, op });
    } while (this.#accept(','));
    return origins;
  }

  #list<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.#accept(end)) return items;
    do items.push(item());
    while (this.#accept(','));
    this.#mark(end);
    return items;
  }

  #name(wanted: string): string {
    const token = this.lexer.take();
    if (token.kind !== 'word' && token.kind !== 'text') this.lexer.unexpected(token, wanted);
    return token.value;
  }

  #word(word: string): Token {
    const token = this.lexer.take();
    if (token.kind !== 'word' || token.value !== word) this.lexer.unexpected(token, `"${word}"`);
    return token;
  }

  #mark(mark: string): void {
    const token = this.lexer.take();
    if (token.kind !== 'mark' || token.value !== mark) this.lexer.unexpected(token, `"${mark}"`);
  }

  #isMark(mark: string): boolean {
    const { next } = this.lexer;
    return next.kind === 'mark' && next.value === mark;
  }

  #accept(mark: string): boolean {
    if (!this.#isMark(mark)) return false;
    this.lexer.take();
    return true;
  }

  #acceptWord(word: string): boolean {
    const { next } = this.lexer;
    if (next.kind !== 'word' || next.value !== word) return false;
    this.lexer.take();
    return true;
  }
}

const isNumber = (word: string): boolean => /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(word);
