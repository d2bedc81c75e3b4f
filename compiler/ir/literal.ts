import { sha256 } from '../../src/base/sha256.ts';
import { forLoom } from '../../src/base/text.ts';
import { is64, type Format } from '../formats/index.ts';
import { allocate, tensor, type NumberData, type Tensor } from '../tensor/tensor.ts';

/** Constants of at most this many elements are written out in the text form; larger ones are named by their hash. */
export const inlineLimit = 16;

const hashes = new WeakMap<Tensor, string>();

/** 16 hexadecimal digits of the SHA-256 over format, shape and elements: the name of a large constant in text. */
export function hashOf(t: Tensor): string {
  const known = hashes.get(t);
  if (known !== undefined) return known;
  const bytes = Array.isArray(t.data)
    ? JSON.stringify(t.data)
    : new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength);
  const hash = sha256(`${t.format.name}[${t.shape.join(',')}]\n`, bytes).slice(0, 16);
  hashes.set(t, hash);
  return hash;
}

/** A number so that it reads back exactly; `inf`, `-inf`, `nan` and `-0` included. */
export function numberText(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  return Object.is(x, -0) ? '-0' : String(x);
}

/** The shortest decimal that becomes the same 32-bit float. */
function floatText(x: number): string {
  if (!Number.isFinite(x) || Number.isInteger(x)) return numberText(x);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return numberText(short);
  }
  return numberText(x);
}

/** The elements of a tensor as they stand in a .loom file. */
export function elementsText(t: Tensor): string {
  const { data } = t;
  if (Array.isArray(data)) return data.map(forLoom).join(', ');
  const show = data instanceof Float32Array ? floatText : numberText;
  const shown =
    data instanceof BigInt64Array || data instanceof BigUint64Array ? Array.from(data, String) : Array.from(data, show);
  return shown.join(', ');
}

export const numberOf = (word: string): number =>
  word === 'inf' ? Infinity : word === '-inf' ? -Infinity : word === 'nan' ? NaN : Number(word);

/** The tensor that a list of words stands for, or a sentence that says why there is none. */
export function tensorOf(format: Format, shape: readonly number[], words: readonly string[]): Tensor | string {
  const n = shape.reduce((p, d) => p * d, 1);
  if (words.length !== n) return `${words.length} elements are given; the type has ${n}`;
  const data = allocate(format, n);
  for (let i = 0; i < n; i++) {
    const word = words[i]!;
    if (Array.isArray(data)) data[i] = word;
    else if (is64(format)) {
      const x = /^-?[0-9]{1,20}$/.test(word) ? BigInt(word) : undefined;
      if (x === undefined || x !== (format.signed ? BigInt.asIntN(64, x) : BigInt.asUintN(64, x)))
        return `${word} is no ${format.name}`;
      (data as BigInt64Array)[i] = x;
    } else {
      const x = numberOf(word);
      if (format.kind !== 'float' && !(x >= format.min && x <= format.max && Number.isInteger(x)))
        return `${word} is no ${format.name}`;
      (data as NumberData)[i] = format.round(x);
    }
  }
  return tensor(format, shape, data);
}
