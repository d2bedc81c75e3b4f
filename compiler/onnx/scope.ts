import type { GraphBuilder } from '../ir/builder.ts';
import { valueId, type ValueId } from '../ir/types.ts';

/**
 * The names visible at one place of a model, and the values they stand for. An inlined function or branch has a scope
 * of its own over the same builder; names it does not know are looked up in `outer`, where it has one.
 */
export class GraphScope {
  readonly builder: GraphBuilder;
  readonly #prefix: string;
  readonly #outer: GraphScope | undefined;
  readonly #renamed: ReadonlyMap<string, string>;
  readonly #names = new Map<string, ValueId>();
  readonly #broken = new Set<string>();

  /** `renamed`: results of this scope that carry a name of the graph around it. */
  constructor(
    builder: GraphBuilder,
    prefix = '',
    outer?: GraphScope,
    renamed: ReadonlyMap<string, string> = new Map<string, string>(),
  ) {
    this.builder = builder;
    this.#prefix = prefix;
    this.#outer = outer;
    this.#renamed = renamed;
  }

  #full(name: string): string {
    return this.#renamed.get(name) ?? `${this.#prefix}${name}`;
  }

  /** Under which names an inlined scope makes its results, so that reports and outputs show those of the caller. */
  namesFor(outer: readonly string[], results: readonly string[]): ReadonlyMap<string, string> {
    const pairs = outer.flatMap((name, i): [string, string][] =>
      name !== '' && results[i] ? [[results[i], this.#full(name)]] : [],
    );
    return new Map(pairs.reverse());
  }

  /** A value for a name that this scope defines. */
  define(name: string): ValueId {
    const id = this.builder.fresh(valueId(this.#full(name)));
    this.#names.set(name, id);
    return id;
  }

  /** Makes a name stand for a value that exists already. */
  alias(name: string, id: ValueId): void {
    this.#names.set(name, id);
  }

  /** A value that an unsupported or faulty node would have made: what needs it is not reported again. */
  markBroken(name: string): void {
    // The node may have failed after it defined its results.
    this.#names.delete(name);
    this.#broken.add(name);
  }

  find(name: string): ValueId | undefined {
    return this.#names.get(name) ?? this.#outer?.find(name);
  }

  isBroken(name: string): boolean {
    return this.#broken.has(name) || (!this.#names.has(name) && (this.#outer?.isBroken(name) ?? false));
  }

  isDefined(name: string): boolean {
    return this.find(name) !== undefined || this.isBroken(name);
  }

  get names(): Iterable<string> {
    return this.#names.keys();
  }
}
