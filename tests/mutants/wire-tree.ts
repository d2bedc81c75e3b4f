import { messages } from '../../compiler/onnx/schema.ts';

/** One field of a protobuf message as it stands on the wire. */
export interface Field {
  readonly number: number;
  readonly wire: 0 | 1 | 2 | 5;
  /** The field's name, where the schema knows it. */
  readonly name: string;
  /** The message that holds it. */
  readonly message: string;
  /** Bytes of the value, without its length; empty for messages. */
  readonly bytes: Uint8Array;
  /** Fields of a message; undefined for other kinds. */
  readonly fields?: readonly Field[];
}

function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined || scale > 2 ** 63) throw new RangeError('no varint');
    value += (byte & 127) * scale;
    if (byte < 128) return { value, next: at };
  }
}

export function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** The fields of a message, as deep as the schema goes. @throws RangeError where it cannot be taken apart */
export function parseFields(bytes: Uint8Array, message: string): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    const number = Math.floor(tag.value / 8);
    const wire = (tag.value % 8) as Field['wire'];
    if (![0, 1, 2, 5].includes(wire)) throw new RangeError('a group');
    const spec = messages[message]?.get(number);
    const name = spec?.name ?? `#${number}`;
    const length = wire === 2 ? readVarint(bytes, tag.next) : undefined;
    const start = length?.next ?? tag.next;
    at =
      wire === 0
        ? readVarint(bytes, start).next
        : wire === 1
          ? start + 8
          : wire === 5
            ? start + 4
            : start + length!.value;
    if (at > bytes.length) throw new RangeError('a field is cut off');
    const value = bytes.subarray(start, at);
    const inner = wire === 2 && spec && typeof spec.kind === 'object' ? spec.kind.message : undefined;
    fields.push({
      number,
      wire,
      name,
      message,
      ...(inner ? { bytes: new Uint8Array(0), fields: parseFields(value, inner) } : { bytes: value }),
    });
  }
  return fields;
}

export function encodeFields(fields: readonly Field[]): number[] {
  const out: number[] = [];
  for (const f of fields) {
    out.push(...varint(BigInt(f.number * 8 + f.wire)));
    const value = f.fields ? encodeFields(f.fields) : f.bytes;
    if (f.wire === 2) out.push(...varint(BigInt(value.length)));
    for (const byte of value) out.push(byte);
  }
  return out;
}

/** Every field of a tree, with the way to it by index. */
export function allFields(
  fields: readonly Field[],
  way: readonly number[] = [],
): { field: Field; way: readonly number[] }[] {
  return fields.flatMap((field, i) => [{ field, way: [...way, i] }, ...allFields(field.fields ?? [], [...way, i])]);
}

/** The tree with the field at the end of a way replaced by any number of others. */
export function replaced(
  fields: readonly Field[],
  way: readonly number[],
  by: (field: Field) => readonly Field[],
): Field[] {
  const [first, ...rest] = way;
  return fields.flatMap((f, i) =>
    i !== first ? [f] : rest.length === 0 ? by(f) : [{ ...f, fields: replaced(f.fields ?? [], rest, by) }],
  );
}
