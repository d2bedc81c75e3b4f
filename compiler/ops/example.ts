import { invariant } from '../../src/base/diagnostics.ts';
import { seededRandom } from '../../src/base/random.ts';
import { bool, formatNamed } from '../formats/index.ts';
import { fromNumbers, sizeOf, tensor, toBig, allocate, type Tensor } from '../tensor/tensor.ts';

const numberOf = (word: string): number =>
  word === 'nan' ? NaN : word === 'inf' ? Infinity : word === '-inf' ? -Infinity : Number(word);

/**
 * A tensor from the text of an example: `f32[2,2] 1 2 3 4`, `i8[4] ~7` (random from seed 7: floats in [-2, 2), integers
 * over their range or at most 100 wide), `u8[9] +1` (counting up from 1), `f32[3] *0.5` (all the same).
 */
export function exampleTensor(text: string): Tensor {
  const [, formatName, dims, rest] = /^([a-z0-9]+)\[([0-9,]*)\]\s*(.*)$/s.exec(text.trim()) ?? [];
  const format = formatNamed(formatName ?? '');
  invariant(format, `no format in example "${text}"`);
  const shape = dims === '' ? [] : dims!.split(',').map(Number);
  const n = sizeOf(shape);
  const first = rest!.trim();
  if (first.startsWith('~')) {
    const random = seededRandom(Number(first.slice(1)));
    const low = Math.max(format.min, -50);
    const high = Math.min(format.max, 50);
    const next = (): number =>
      format === bool ? random.whole(0, 1) : format.kind === 'float' ? random.next() * 4 - 2 : random.whole(low, high);
    return fromNumbers(format, shape, Array.from({ length: n }, next));
  }
  if (first.startsWith('+'))
    return fromNumbers(
      format,
      shape,
      Array.from({ length: n }, (_, i) => Number(first.slice(1)) + i),
    );
  if (first.startsWith('*')) return fromNumbers(format, shape, new Array<number>(n).fill(numberOf(first.slice(1))));
  const words = first === '' ? [] : first.split(/\s+/);
  invariant(words.length === n, `example "${text}" has ${words.length} of ${n} elements`);
  const data = allocate(format, n);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    words.forEach((w, i) => (data[i] = /^-?[0-9]+$/.test(w) ? BigInt(w) : toBig(Number(w))));
    return tensor(format, shape, data);
  }
  return fromNumbers(format, shape, words.map(numberOf));
}
