import { fail, type Location } from '../../src/base/diagnostics.ts';
import { attributeTypes, attrTypeOf } from './attributes.ts';
import { subgraphsOf } from './order.ts';
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto } from './decode.ts';

/** ROBUSTNESS.md section 2: how deep functions and subgraphs nest, and how many nodes they may become. */
export const nestingLimit = 16;
export const nodeLimit = 1_000_000;

export const domainOf = (domain: string | null | undefined): string => (!domain || domain === 'ai.onnx' ? '' : domain);

/** The functions that a model defines for itself, by domain, name and overload. */
export class LocalFunctions {
  readonly #byKey = new Map<string, FunctionProto>();

  constructor(model: ModelProto, file: string) {
    for (const f of (model.functions ?? []) as FunctionProto[]) {
      const key = keyOf(f.domain, f.name, f.overload);
      if (this.#byKey.has(key)) {
        fail('NL1018', {
          message: `function "${f.name}" is defined twice`,
          at: { file },
          cause: 'domain, name and overload together must be unique',
          fix: 'export the model again',
        });
      }
      this.#byKey.set(key, f);
    }
  }

  find(node: NodeProto): FunctionProto | undefined {
    return this.#byKey.get(keyOf(node.domain, node.opType, node.overload));
  }

  get all(): Iterable<FunctionProto> {
    return this.#byKey.values();
  }

  /**
   * Counts what a graph becomes once every call is written out, without writing it out: a few lines of functions that
   * call each other may stand for any number of nodes.
   * @throws NetloomError NL1002 for more nodes than the limit, calls that nest too deep, and functions that call themselves
   */
  checkExpansion(nodes: readonly NodeProto[], file: string): void {
    const sizes = new Map<FunctionProto, number>();
    const tooMuch = (message: string, cause: string): never =>
      fail('NL1002', { message, at: { file }, cause, fix: 'export the model without nested functions' });
    const sizeOfCall = (f: FunctionProto, depth: number): number => {
      const known = sizes.get(f);
      if (known !== undefined) return known;
      if (depth > nestingLimit)
        tooMuch(
          `functions or subgraphs nest deeper than ${nestingLimit} levels`,
          `function "${f.name ?? ''}" is reached by that many calls; one that calls itself nests without end`,
        );
      const size = sizeOfAll(f.node ?? [], depth);
      sizes.set(f, size);
      return size;
    };
    const sizeOfAll = (list: readonly NodeProto[], depth: number): number => {
      let total = 0;
      const open = [list];
      for (let next = open.pop(); next; next = open.pop()) {
        for (const node of next) {
          const f = this.find(node);
          total += f ? sizeOfCall(f, depth + 1) : 1;
          if (total > nodeLimit)
            tooMuch(`the model has more than ${nodeLimit} nodes`, 'functions are counted as often as they are called');
          for (const g of subgraphsOf(node)) open.push(g.node ?? []);
        }
      }
      return total;
    };
    sizeOfAll(nodes, 0);
  }
}

const keyOf = (domain?: string | null, name?: string | null, overload?: string | null): string =>
  JSON.stringify([domainOf(domain), name ?? '', overload ?? '']);

/**
 * The nodes of a function's body with references to its attributes replaced by what the call gives, or by the
 * function's own defaults. An attribute that neither gives is left out, so that the op's default holds.
 */
export function boundNodes(f: FunctionProto, call: NodeProto, at: Location): NodeProto[] {
  const given = new Map<string, AttributeProto>();
  for (const a of f.attributeProto ?? []) given.set(a.name ?? '', a);
  for (const a of call.attribute ?? []) given.set(a.name ?? '', a);
  return (f.node ?? []).map((n) => bindNode(n as NodeProto, given, at, 0));
}

function bindNode(node: NodeProto, given: ReadonlyMap<string, AttributeProto>, at: Location, depth: number): NodeProto {
  if (!node.attribute?.some((a) => a.refAttrName || a.g || a.graphs?.length)) return node;
  if (depth > nestingLimit)
    fail('NL1002', {
      message: 'subgraphs nest too deep',
      at,
      cause: `more than ${nestingLimit} levels`,
      fix: 'export the model again',
    });
  const attribute = node.attribute.flatMap((a): AttributeProto[] => {
    if (a.refAttrName) {
      const value = given.get(a.refAttrName);
      return value ? [{ ...value, name: a.name ?? '', type: typeCode(value) }] : [];
    }
    if (a.g) return [{ ...a, type: typeCode(a), g: bindGraph(a.g, given, at, depth + 1) }];
    return [a];
  });
  return { ...node, attribute };
}

const bindGraph = (
  g: GraphProto,
  given: ReadonlyMap<string, AttributeProto>,
  at: Location,
  depth: number,
): GraphProto => ({
  ...g,
  node: (g.node ?? []).map((n) => bindNode(n as NodeProto, given, at, depth)),
});

const typeCode = (a: AttributeProto): number => attributeTypes.indexOf(attrTypeOf(a));
