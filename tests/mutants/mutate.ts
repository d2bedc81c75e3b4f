import type { Random } from '../../src/base/random.ts';
import { allFields, encodeFields, parseFields, replaced, varint, type Field } from './wire-tree.ts';

/** A sound model in its parts, from which mutants are made. */
export interface Seedling {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly tree: readonly Field[];
  readonly places: readonly { readonly field: Field; readonly way: readonly number[] }[];
}

export function seedlingOf(name: string, bytes: Uint8Array): Seedling {
  const tree = parseFields(bytes, 'Model');
  return { name, bytes, tree, places: allFields(tree) };
}

export interface Mutant {
  readonly what: string;
  readonly bytes: Uint8Array;
}

const pick = <T>(random: Random, list: readonly T[]): T => list[random.whole(0, list.length - 1)]!;

/** Numbers on which readers stumble. */
const oddNumbers = [
  0n,
  1n,
  2n,
  3n,
  7n,
  64n,
  127n,
  255n,
  65_536n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 40n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n,
  2n ** 64n - 1n,
  2n ** 64n - 2n,
];

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const show = (f: Field): string => `${f.message}.${f.name}`;

type Mutation = (seedling: Seedling, random: Random, words: readonly string[]) => Mutant;

/** On the bytes: what a bad disk, a cut-off download or a crude fuzzer makes. */
const byteMutations: readonly Mutation[] = [
  ({ bytes }, random) => {
    const end = random.whole(0, bytes.length - 1);
    return { what: `cut at ${end}`, bytes: bytes.subarray(0, end) };
  },
  ({ bytes }, random) => {
    const out = new Uint8Array(bytes);
    const [at, bit] = [random.whole(0, out.length - 1), random.whole(0, 7)];
    out[at]! ^= 1 << bit;
    return { what: `bit ${bit} of byte ${at}`, bytes: out };
  },
  ({ bytes }, random) => {
    const out = new Uint8Array(bytes);
    const at = random.whole(0, out.length - 1);
    out[at] = pick(random, [0, 0x7f, 0x80, 0xff, random.whole(0, 255)]);
    return { what: `byte ${at} is ${out[at]}`, bytes: out };
  },
  ({ bytes }, random) => {
    const [from, length] = [random.whole(0, bytes.length - 1), random.whole(1, 16)];
    return {
      what: `${length} bytes from ${from} left out`,
      bytes: Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(from + length)]),
    };
  },
  ({ bytes }, random) => {
    const [from, to, length] = [
      random.whole(0, bytes.length - 1),
      random.whole(0, bytes.length - 1),
      random.whole(1, 32),
    ];
    const out = new Uint8Array(bytes);
    out.copyWithin(to, from, from + length);
    return { what: `${length} bytes from ${from} over ${to}`, bytes: out };
  },
];

const atPlace =
  (
    choose: (f: Field) => boolean,
    change: (f: Field, random: Random, words: readonly string[]) => { what: string; by: readonly Field[] },
  ): Mutation =>
  (seedling, random, words) => {
    const places = seedling.places.filter(({ field }) => choose(field));
    const { field, way } = pick(random, places.length > 0 ? places : seedling.places);
    const { what, by } = places.length > 0 ? change(field, random, words) : { what: 'left out', by: [] };
    return {
      what: `${show(field)} at ${way.join('.')}: ${what}`,
      bytes: Uint8Array.from(encodeFields(replaced(seedling.tree, way, () => by))),
    };
  };

/** On the tree, with lengths put right again: the file stays protobuf, and its meaning is what breaks. */
const fieldMutations: readonly Mutation[] = [
  atPlace(
    () => true,
    () => ({ what: 'left out', by: [] }),
  ),
  atPlace(
    () => true,
    (f) => ({ what: 'doubled', by: [f, f] }),
  ),
  atPlace(
    (f) => f.wire === 0,
    (f, random) => {
      const value = pick(random, oddNumbers);
      return { what: `is ${value}`, by: [{ ...f, bytes: Uint8Array.from(varint(value)) }] };
    },
  ),
  atPlace(
    (f) => f.wire === 2 && f.fields === undefined,
    (f, random) => {
      const packed = Array.from({ length: random.whole(0, 5) }, () => varint(pick(random, oddNumbers))).flat();
      return { what: 'packed numbers', by: [{ ...f, bytes: Uint8Array.from(packed) }] };
    },
  ),
  atPlace(
    (f) => ['input', 'output', 'name', 'opType', 'domain', 'dimParam'].includes(f.name) && f.fields === undefined,
    (f, random, words) => {
      const word = pick(random, words);
      return { what: `is "${word}"`, by: [{ ...f, bytes: text(word) }] };
    },
  ),
  atPlace(
    (f) => f.name === 'opType',
    (f, random, words) => {
      const word = pick(
        random,
        words.filter((w) => /^[A-Z]/.test(w)),
      );
      return { what: `is "${word}"`, by: [{ ...f, bytes: text(word) }] };
    },
  ),
  atPlace(
    () => true,
    (f, random) => {
      const wire = pick(random, [0, 1, 2, 5] as const);
      const { fields: _, ...plain } = f;
      return {
        what: `has wire type ${wire}`,
        by: [{ ...plain, bytes: f.fields ? Uint8Array.from(encodeFields(f.fields)) : f.bytes, wire }],
      };
    },
  ),
  atPlace(
    () => true,
    (f, random) => ({ what: 'has another number', by: [{ ...f, number: random.whole(1, 30) }] }),
  ),
  atPlace(
    (f) => f.wire === 2 && f.fields === undefined && f.bytes.length > 0,
    (f, random) => {
      const length = random.whole(0, f.bytes.length - 1);
      return { what: `cut to ${length} bytes`, by: [{ ...f, bytes: f.bytes.subarray(0, length) }] };
    },
  ),
  (seedling, random) => {
    // A field from elsewhere in its place.
    const [here, there] = [pick(random, seedling.places), pick(random, seedling.places)];
    return {
      what: `${show(there.field)} in place of ${show(here.field)}`,
      bytes: Uint8Array.from(
        encodeFields(replaced(seedling.tree, here.way, () => [{ ...there.field, number: here.field.number }])),
      ),
    };
  },
  (seedling, random) => {
    const siblings = seedling.places.filter(({ field }) => (field.fields?.length ?? 0) > 1);
    if (siblings.length === 0) return { what: 'as it was', bytes: seedling.bytes };
    const { field, way } = pick(random, siblings);
    const fields = [...field.fields!];
    const [i, j] = [random.whole(0, fields.length - 1), random.whole(0, fields.length - 1)];
    [fields[i], fields[j]] = [fields[j]!, fields[i]!];
    return {
      what: `${show(field)}: fields ${i} and ${j} swapped`,
      bytes: Uint8Array.from(encodeFields(replaced(seedling.tree, way, (f) => [{ ...f, fields }]))),
    };
  },
];

/** One mutant of a model: of its bytes, or of its fields, of which now and then two are changed. */
export function mutate(seedling: Seedling, random: Random, words: readonly string[]): Mutant {
  const once = pick(random, random.next() < 0.3 ? byteMutations : fieldMutations)(seedling, random, words);
  if (random.next() < 0.6) return once;
  const again = reparsed(once);
  if (!again) return once;
  const twice = pick(random, fieldMutations)(again, random, words);
  return { what: `${once.what}; ${twice.what}`, bytes: twice.bytes };
}

/** A mutant that can still be taken apart. */
function reparsed({ what, bytes }: Mutant): Seedling | undefined {
  try {
    const seedling = seedlingOf(what, bytes);
    return seedling.places.length > 2 ? seedling : undefined;
  } catch {
    return undefined;
  }
}

/** The model cut before and in every field. */
export function* truncations(seedling: Seedling): Generator<Mutant> {
  const ends = new Set<number>();
  for (const { way } of seedling.places) {
    // The length of everything before a field, with lengths of its ancestors as in the whole file.
    const marker = offsetOf(seedling, way);
    ends.add(marker);
    ends.add(marker + 1);
  }
  for (const end of [...ends].filter((e) => e < seedling.bytes.length).sort((a, b) => a - b))
    yield { what: `cut at ${end}`, bytes: seedling.bytes.subarray(0, end) };
}

function offsetOf({ tree }: Seedling, way: readonly number[]): number {
  let at = 0;
  let level: readonly Field[] = tree;
  for (const [depth, index] of way.entries()) {
    at += encodeFields(level.slice(0, index)).length;
    if (depth === way.length - 1) return at;
    const inner = level[index]!;
    const body = encodeFields(inner.fields!).length;
    at += encodeFields([inner]).length - body;
    level = inner.fields!;
  }
  return at;
}
