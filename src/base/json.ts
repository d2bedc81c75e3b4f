import * as jsoncParser from 'jsonc-parser';
import { fail, type Location } from './diagnostics.ts';

// Node takes the CommonJS form of the package, whose names stand on `default`; bundlers for browsers the other.
const jsonc: typeof jsoncParser =
  (jsoncParser as unknown as { readonly default?: typeof jsoncParser }).default ?? jsoncParser;

/** Strict JSON from a user: values, and where in the text each of them stands. */
export interface JsonDocument {
  readonly file: string;
  readonly text: string;
  /** Objects have no prototype, so a key from a file can never reach one. */
  readonly value: unknown;
  /** The place of a value (or, with `key`, of the name before it) by JSON Pointer. */
  locate(pointer: string, key?: 'key'): Location;
}

export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly items: number;
}

/** ROBUSTNESS.md section 2: hardware and option files. */
export const optionFileLimits: JsonLimits = { bytes: 2 ** 20, depth: 64, items: 10_000 };

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

const escapePointer = (key: string): string => key.replace(/~/g, '~0').replace(/\//g, '~1');

export const pointerOf = (path: readonly (string | number)[]): string =>
  path.map((k) => `/${escapePointer(String(k))}`).join('');

/** Line, column and text of an offset, both 1-based. */
function placeOf(text: string, offset: number): { line: number; column: number; text: string } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const start = before.lastIndexOf('\n') + 1;
  const end = text.indexOf('\n', start);
  return { line, column: offset - start + 1, text: text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '') };
}

/** Depth of nesting without recursion: the library below recurses, so it only sees what is shallow enough. */
function deepest(text: string): { depth: number; offset: number } {
  let depth = 0;
  let found = { depth: 0, offset: 0 };
  for (let i = 0, inString = false; i < text.length; i++) {
    const c = text[i];
    if (inString) {
      if (c === '\\') i++;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{' || c === '[') {
      if (++depth > found.depth) found = { depth, offset: i };
    } else if (c === '}' || c === ']') depth--;
  }
  return found;
}

/**
 * Reads strict JSON: no comments, no trailing commas, no doubled or dangerous keys, only finite numbers.
 * @throws NetloomError NL2101 (not JSON), NL2102 (over a limit), NL2104 (doubled or forbidden key)
 */
export function readJson(
  bytes: Uint8Array | string,
  file: string,
  limits: JsonLimits = optionFileLimits,
): JsonDocument {
  const size = typeof bytes === 'string' ? byteLength(bytes) : bytes.byteLength;
  if (size > limits.bytes) {
    fail('NL2102', {
      message: `${file} is larger than ${limits.bytes} bytes`,
      at: { file },
      cause: `it has ${size} bytes, and files of this kind are read whole`,
      fix: 'shorten it: machine and option files are a few KB',
    });
  }
  const text = decodeUtf8(bytes, file).replace(/^\ufeff/, '');
  const at = (offset: number, width = 1): Location => ({ file, ...placeOf(text, offset), width });
  const deep = deepest(text);
  if (deep.depth > limits.depth) {
    fail('NL2102', {
      message: `${file} nests deeper than ${limits.depth} levels`,
      at: at(deep.offset),
      cause: `it has ${deep.depth} levels of objects and lists`,
      fix: 'flatten the file; no file that netloom reads needs such depth',
    });
  }

  const places = new Map<string, { value: number; key: number; length: number }>();
  const stack: { value: unknown; key: string | undefined }[] = [{ value: [], key: undefined }];
  let keyOffset = 0;
  let keyLength = 1;
  const put = (value: unknown, offset: number, length: number, path: readonly (string | number)[]): void => {
    const holder = stack.at(-1)!;
    if (Array.isArray(holder.value)) {
      if (holder.value.length >= limits.items) {
        fail('NL2102', {
          message: `a list has more than ${limits.items} entries`,
          at: { ...at(offset), pointer: pointerOf(path.slice(0, -1)) },
          cause: 'lists are limited so that a damaged file cannot fill the memory',
          fix: 'shorten the list',
        });
      }
      holder.value.push(value);
    } else (holder.value as Record<string, unknown>)[holder.key!] = value;
    const pointer = pointerOf(path);
    places.set(pointer, { value: offset, key: keyOffset, length });
    places.set(`${pointer}#key`, { value: keyOffset, key: keyOffset, length: keyLength });
  };
  const open = (value: object, offset: number, path: readonly (string | number)[]): void => {
    put(value, offset, 1, path);
    stack.push({ value, key: undefined });
  };

  jsonc.visit(
    text,
    {
      onObjectBegin: (offset, _length, _line, _char, path) => open(Object.create(null) as object, offset, path()),
      onArrayBegin: (offset, _length, _line, _char, path) => open([], offset, path()),
      onObjectEnd: () => void stack.pop(),
      onArrayEnd: () => void stack.pop(),
      onObjectProperty: (key, offset, length, _line, _char, path) => {
        const holder = stack.at(-1)!;
        const twice = Object.hasOwn(holder.value as object, key);
        if (twice || forbiddenKeys.has(key)) {
          fail('NL2104', {
            message: twice ? `the key "${key}" stands twice in one object` : `"${key}" cannot be a key`,
            at: { ...at(offset, length), pointer: pointerOf([...path(), key]) },
            cause: twice
              ? 'which of the two values holds would depend on the reader'
              : 'the name has a meaning of its own in JavaScript',
            fix: twice ? 'remove one of them' : 'choose another name',
          });
        }
        [holder.key, keyOffset, keyLength] = [key, offset, length];
      },
      onLiteralValue: (value, offset, length, _line, _char, path) => {
        if (typeof value === 'number' && !Number.isFinite(value)) {
          fail('NL2101', {
            message: 'a number is out of range',
            at: { ...at(offset, length), pointer: pointerOf(path()) },
            cause: `${text.slice(offset, offset + Math.min(length, 40))} is larger than a 64-bit float can hold`,
            fix: 'write a finite number',
          });
        }
        put(value, offset, length, path());
      },
      onError: (error, offset, length) => {
        fail('NL2101', {
          message: `${file} is not valid JSON`,
          at: at(offset, Math.max(1, length)),
          cause: `${jsonErrors[error] ?? 'unexpected text'} at this place`,
          fix: 'correct the text; comments and trailing commas are not part of JSON',
        });
      },
    },
    { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false },
  );

  return {
    file,
    text,
    value: (stack[0]!.value as unknown[])[0],
    locate: (pointer, key) => {
      // A key that is absent has no place of its own: the nearest holder that has one stands for it.
      for (let p = pointer; ; p = p.slice(0, p.lastIndexOf('/'))) {
        const place = places.get(key && p === pointer ? `${p}#key` : p);
        if (place) return { ...at(place.value, Math.min(place.length, 60)), pointer };
        if (p === '') return { file, pointer };
      }
    },
  };
}

const jsonErrors: Record<number, string> = {
  1: 'an unknown symbol',
  2: 'a number in a form that JSON does not have',
  3: 'a property name was expected',
  4: 'a value was expected',
  5: 'a colon was expected',
  6: 'a comma was expected',
  7: 'a closing brace was expected',
  8: 'a closing bracket was expected',
  9: 'the end of the file was expected',
  10: 'a comment',
  11: 'a comment without an end',
  12: 'a text without an end',
  13: 'a number without an end',
  14: 'a wrong unicode escape',
  15: 'a wrong escape',
  16: 'a character that must be escaped',
};

const byteLength = (text: string): number => new TextEncoder().encode(text).byteLength;

function decodeUtf8(bytes: Uint8Array | string, file: string): string {
  if (typeof bytes === 'string') return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail('NL2101', {
      message: `${file} is not UTF-8 text`,
      at: { file },
      cause: 'a byte in it is not part of any UTF-8 character',
      fix: 'save the file as UTF-8',
    });
  }
}
