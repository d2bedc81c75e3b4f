import { fail } from '../../src/base/diagnostics.ts';
import { messages, type FieldSpec } from './schema.ts';

/** A field that onnx-proto's decoder drops: where it belongs, and its bytes. */
export interface NewerField {
  /** From the model down: field name, and index when the field repeats. */
  readonly path: readonly (readonly [field: string, index: number | undefined])[];
  readonly name: string;
  readonly kind: FieldSpec['kind'];
  readonly bytes: Uint8Array;
}

/** ROBUSTNESS.md section 2. */
export const wireDepthLimit = 100;

interface Frame {
  readonly end: number;
  /** Undefined inside unknown fields and groups. */
  readonly message: ReadonlyMap<number, FieldSpec> | undefined;
  /** The field number of an open group, which only its own end closes. */
  readonly group: number | undefined;
  readonly path: NewerField['path'];
  readonly counts: Map<number, number>;
}

const wireNames = ['a varint', '8 bytes', 'a length and bytes', 'a group', 'the end of a group', '4 bytes'];
const wireOf = { varint: 0, float: 5, double: 1, bytes: 2, text: 2 } as const;

/** Reads one unsigned varint; more than 10 bytes, or 10 that overflow 64 bits, are no varint. */
function varint(bytes: Uint8Array, start: number, end: number, file: string): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  for (let i = start; i < start + 10; i++) {
    if (i >= end) broken(file, start, 'a number is cut off by the end of the message');
    const byte = bytes[i]!;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) {
      if (i === start + 9 && byte > 1) break;
      return { value, next: i + 1 };
    }
  }
  return broken(file, start, 'a number (varint) is longer than 64 bits');
}

function broken(file: string, offset: number, cause: string): never {
  return fail('NL1001', {
    message: `${file} is not a readable ONNX file`,
    at: { file, offset },
    cause: `at byte ${offset}: ${cause}`,
    fix: 'export the model again, or copy it again; a cut-off download looks like this',
  });
}

/**
 * Checks the protobuf wire format of a model from end to end, without recursion, and collects the fields that are
 * newer than onnx-proto's generated code. What passes can be decoded without surprise.
 * @throws NetloomError NL1001 with the byte offset; NL1002 when messages nest too deep
 */
export function scanWire(bytes: Uint8Array, file: string, root = 'Model'): NewerField[] {
  const newer: NewerField[] = [];
  const stack: Frame[] = [
    { end: bytes.length, message: messages[root], group: undefined, path: [], counts: new Map() },
  ];
  let at = 0;
  while (stack.length > 0) {
    const frame = stack.at(-1)!;
    if (at === frame.end) {
      if (frame.group !== undefined) broken(file, at, `group ${frame.group} has no end`);
      stack.pop();
      continue;
    }
    const start = at;
    const tag = varint(bytes, at, frame.end, file);
    at = tag.next;
    const number = Math.floor(tag.value / 8);
    const wire = tag.value % 8;
    if (number === 0 || number > 0x1fffffff) broken(file, start, `field number ${number} does not exist`);
    const spec = frame.message?.get(number);
    if (spec) checkWire(file, start, spec, wire);
    const index = frame.counts.get(number) ?? 0;

    if (wire === 0) at = varint(bytes, at, frame.end, file).next;
    else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    else if (wire === 2) {
      const length = varint(bytes, at, frame.end, file);
      const end = length.next + length.value;
      if (end > frame.end)
        broken(
          file,
          start,
          `field ${spec?.name ?? number} claims ${length.value} bytes, but only ${frame.end - length.next} are left`,
        );
      at = length.next;
      if (spec?.newer)
        newer.push({ path: frame.path, name: spec.name, kind: spec.kind, bytes: bytes.subarray(at, end) });
      if (spec && typeof spec.kind === 'object') {
        frame.counts.set(number, index + 1);
        push(stack, file, start, {
          end,
          message: messages[spec.kind.message],
          group: undefined,
          path: [...frame.path, [spec.name, spec.repeated ? index : undefined]],
          counts: new Map(),
        });
      } else {
        if (spec) checkPacked(bytes, at, end, spec, file);
        at = end;
      }
    } else if (wire === 3)
      push(stack, file, start, {
        end: frame.end,
        message: undefined,
        group: number,
        path: frame.path,
        counts: new Map(),
      });
    else if (wire === 4) {
      if (frame.group !== number) broken(file, start, `the end of group ${number} stands where no such group is open`);
      stack.pop();
    } else broken(file, start, `wire type ${wire} does not exist`);
    if (at > frame.end) broken(file, start, `field ${spec?.name ?? number} is cut off by the end of the message`);
  }
  return newer;
}

function push(stack: Frame[], file: string, offset: number, frame: Frame): void {
  if (stack.length > wireDepthLimit) {
    fail('NL1002', {
      message: `${file} nests messages deeper than ${wireDepthLimit} levels`,
      at: { file, offset },
      cause: 'no model needs such nesting; a damaged or hostile file may have it',
      fix: 'export the model again',
    });
  }
  stack.push(frame);
}

function checkWire(file: string, offset: number, spec: FieldSpec, wire: number): void {
  const expected = typeof spec.kind === 'object' ? 2 : wireOf[spec.kind];
  const packed = spec.repeated && wire === 2 && typeof spec.kind !== 'object';
  if (wire !== expected && !packed) {
    broken(
      file,
      offset,
      `field ${spec.name} is stored as ${wireNames[wire] ?? `wire type ${wire}`}, but must be ${wireNames[expected]}`,
    );
  }
}

/** A packed list must consist of whole elements. */
function checkPacked(bytes: Uint8Array, start: number, end: number, spec: FieldSpec, file: string): void {
  if (spec.kind === 'float' || spec.kind === 'double') {
    const width = spec.kind === 'float' ? 4 : 8;
    if ((end - start) % width !== 0)
      broken(file, start, `list ${spec.name} has ${end - start} bytes, which is no multiple of ${width}`);
  } else if (spec.kind === 'varint') {
    for (let at = start; at < end;) at = varint(bytes, at, end, file).next;
  }
}
