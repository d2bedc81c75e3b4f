import { fail, type Location } from '../../src/base/diagnostics.ts';
import type { AttrKind } from '../ops/attrs.ts';
import type { AttrValue } from '../ir/types.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { toNumber, type AttributeProto, type GraphProto } from './decode.ts';
import { readSparse, readTensor, type ReadExternal } from './tensors.ts';

/** AttributeProto.AttributeType of onnx.proto3: each name stands at its code. */
export const attributeTypes = [
  'UNDEFINED',
  'FLOAT',
  'INT',
  'STRING',
  'TENSOR',
  'GRAPH',
  'FLOATS',
  'INTS',
  'STRINGS',
  'TENSORS',
  'GRAPHS',
  'SPARSE_TENSOR',
  'SPARSE_TENSORS',
  'TYPE_PROTO',
  'TYPE_PROTOS',
] as const;
export type AttrType = (typeof attributeTypes)[number];

/** The type of an attribute: as declared, or for files older than IR 2 by the field that is filled. */
export function attrTypeOf(proto: AttributeProto): AttrType {
  const declared = attributeTypes[proto.type ?? 0] ?? 'UNDEFINED';
  if (declared !== 'UNDEFINED') return declared;
  if (proto.t) return 'TENSOR';
  if (proto.g) return 'GRAPH';
  if (proto.floats?.length) return 'FLOATS';
  if (proto.ints?.length) return 'INTS';
  if (proto.strings?.length) return 'STRINGS';
  if (proto.s?.length) return 'STRING';
  if (proto.f) return 'FLOAT';
  return 'INT';
}

/** Fields of values and whether they are filled: zero numbers and empty lists cannot be told from absent ones. */
const valueFields: readonly (readonly [AttrType, (a: AttributeProto) => boolean])[] = [
  ['FLOAT', (a) => Boolean(a.f)],
  ['INT', (a) => toNumber(a.i) !== 0],
  ['STRING', (a) => Boolean(a.s?.length)],
  ['TENSOR', (a) => Boolean(a.t)],
  ['GRAPH', (a) => Boolean(a.g)],
  ['FLOATS', (a) => Boolean(a.floats?.length)],
  ['INTS', (a) => Boolean(a.ints?.length)],
  ['STRINGS', (a) => Boolean(a.strings?.length)],
];

const wanted: Record<AttrKind, readonly AttrType[]> = {
  int: ['INT'],
  bool: ['INT'],
  float: ['FLOAT', 'INT'],
  string: ['STRING'],
  ints: ['INTS', 'FLOATS'],
  floats: ['FLOATS', 'INTS'],
  strings: ['STRINGS'],
};

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/**
 * The attributes of one node, each name once, read by the kind the op expects.
 * @throws NetloomError NL1009 for a doubled name or a wrong type
 */
export class AttributeReader {
  readonly #protos = new Map<string, AttributeProto>();
  readonly #at: Location;
  readonly #readExternal: ReadExternal;

  constructor(protos: readonly AttributeProto[], at: Location, readExternal: ReadExternal) {
    this.#at = at;
    this.#readExternal = readExternal;
    for (const proto of protos) {
      const name = proto.name ?? '';
      if (this.#protos.has(name))
        this.#wrong(`attribute "${name}" stands twice`, 'which of the two holds is not defined');
      this.#check(name, proto);
      this.#protos.set(name, proto);
    }
  }

  /** One type, one value; and no reference where there is no function whose attribute it could mean. */
  #check(name: string, proto: AttributeProto): void {
    if (proto.refAttrName)
      this.#wrong(
        `attribute "${name}" refers to "${proto.refAttrName}"`,
        'only nodes of a function refer to attributes, namely to those of the function',
      );
    const declared = proto.type ?? 0;
    const type = attributeTypes[declared];
    if (type === undefined)
      this.#wrong(`attribute "${name}" has type ${declared}`, 'ONNX has no such type of attributes');
    const filled = valueFields.filter(([, isFilled]) => isFilled(proto)).map(([t]) => t);
    const other = type === 'UNDEFINED' ? filled[1] : filled.find((t) => t !== type);
    if (other)
      this.#wrong(`attribute "${name}" has more than one value`, `it is ${attrTypeOf(proto)}, but holds ${other}, too`);
  }

  get names(): Iterable<string> {
    return this.#protos.keys();
  }

  has(name: string): boolean {
    return this.#protos.has(name);
  }

  type(name: string): AttrType | undefined {
    const proto = this.#protos.get(name);
    return proto && attrTypeOf(proto);
  }

  read(name: string, kind: AttrKind): AttrValue | undefined {
    const proto = this.#protos.get(name);
    if (!proto) return undefined;
    this.#expect(name, proto, wanted[kind]);
    const type = attrTypeOf(proto);
    switch (kind) {
      case 'int':
        return toNumber(proto.i);
      case 'bool':
        return toNumber(proto.i) !== 0;
      case 'float':
        return type === 'INT' ? toNumber(proto.i) : (proto.f ?? 0);
      case 'string':
        return text(proto.s ?? new Uint8Array());
      case 'ints':
      case 'floats':
        return type === 'INTS' ? (proto.ints ?? []).map(toNumber) : (proto.floats ?? []).map(Number);
      case 'strings':
        return (proto.strings ?? []).map(text);
    }
  }

  int(name: string): number | undefined {
    return this.read(name, 'int') as number | undefined;
  }

  float(name: string): number | undefined {
    return this.read(name, 'float') as number | undefined;
  }

  string(name: string): string | undefined {
    return this.read(name, 'string') as string | undefined;
  }

  ints(name: string): readonly number[] | undefined {
    return this.read(name, 'ints') as readonly number[] | undefined;
  }

  floats(name: string): readonly number[] | undefined {
    return this.read(name, 'floats') as readonly number[] | undefined;
  }

  strings(name: string): readonly string[] | undefined {
    return this.read(name, 'strings') as readonly string[] | undefined;
  }

  tensor(name: string): Tensor | undefined {
    const proto = this.#protos.get(name);
    if (!proto) return undefined;
    const at = { ...this.#at, hint: `attribute "${name}"` };
    if (attrTypeOf(proto) === 'SPARSE_TENSOR') return readSparse(proto.sparseTensor ?? {}, at, this.#readExternal);
    this.#expect(name, proto, ['TENSOR']);
    return readTensor(proto.t ?? {}, at, this.#readExternal);
  }

  graph(name: string): GraphProto | undefined {
    const proto = this.#protos.get(name);
    if (!proto) return undefined;
    this.#expect(name, proto, ['GRAPH']);
    if (!proto.g) this.#wrong(`attribute "${name}" holds no graph`, 'it says that it is one');
    return proto.g ?? undefined;
  }

  #expect(name: string, proto: AttributeProto, types: readonly AttrType[]): void {
    const type = attrTypeOf(proto);
    if (!types.includes(type))
      this.#wrong(`attribute "${name}" has the wrong type`, `it is ${type}, and must be ${types.join(' or ')}`);
  }

  #wrong(message: string, cause: string): never {
    return fail('NL1009', { message, at: this.#at, cause, fix: 'correct the node in the model, or export it again' });
  }
}
