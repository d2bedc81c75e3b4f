import { fail } from '../../src/base/diagnostics.ts';
import { closest } from '../../src/base/suggest.ts';
import {
  bf16,
  bipolar,
  f16,
  f32,
  f64,
  f8e4m3fn,
  formatNamed,
  isFloat,
  ternary,
  type Format,
} from '../formats/index.ts';

/**
 * In which formats a network is priced: what its float tensors become. Tensors that are integers in the model stay what
 * they are. Sums are kept in 32 bits.
 */
export interface Precision {
  readonly name: string;
  /** Undefined: as in the model. */
  readonly weights?: Format;
  readonly activations?: Format;
}

const int = (bits: number, name: string): Precision => ({
  name,
  weights: formatNamed(`i${bits}`)!,
  activations: formatNamed(`i${bits}`)!,
});
const same = (name: string, format: Format): Precision => ({ name, weights: format, activations: format });

const named: readonly Precision[] = [
  { name: 'native' },
  same('fp64', f64),
  same('fp32', f32),
  same('fp16', f16),
  same('bf16', bf16),
  same('fp8', f8e4m3fn),
  int(16, 'int16'),
  int(8, 'int8'),
  int(4, 'int4'),
  int(2, 'int2'),
  same('ternary', ternary),
  same('binary', bipolar),
];

export const precisionNames: readonly string[] = [...named.map((p) => p.name), 'w4a8'];

const bitsFormat = (bits: number): Format => (bits === 1 ? bipolar : formatNamed(`i${bits}`)!);

/**
 * Reads `int8`, `w4a8`, ...
 * @throws NetloomError NL3101
 */
export function parsePrecision(text: string): Precision {
  const found = named.find((p) => p.name === text || (text === 'f32' && p.name === 'fp32'));
  if (found) return found;
  const match = /^w([0-9]{1,2})a([0-9]{1,2})$/.exec(text);
  const [w, a] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (w >= 1 && w <= 16 && a >= 1 && a <= 16) return { name: text, weights: bitsFormat(w), activations: bitsFormat(a) };
  const near = closest(text, precisionNames);
  return fail('NL3101', {
    message: `there is no precision "${text.slice(0, 40)}"`,
    cause: `known are ${precisionNames.join(', ')}, and wNaM with 1 to 16 bits each`,
    fix: near ? `did you mean "${near}"?` : 'choose one of them',
  });
}

/** True when sums of products must be brought back to the stored format by a multiplication and a rounding. */
export const requantises = (p: Precision): boolean => p.activations !== undefined && !isFloat(p.activations);
