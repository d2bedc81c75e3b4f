import { fail, type Location, type Problems } from '../../src/base/diagnostics.ts';
import { plural } from '../../src/base/text.ts';
import type { OpDef, OperandInfo } from '../ops/define.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What a float tensor holds beside plain numbers. */
interface Oddities {
  readonly nans: number;
  readonly infinities: number;
  /** True when every finite element is zero: a mask of 0 and infinity, or infinity alone, is meant so. */
  readonly isMask: boolean;
}

function odditiesOf({ format, data }: Tensor): Oddities | undefined {
  if (format.kind !== 'float' || !(data instanceof Float32Array || data instanceof Float64Array)) return undefined;
  let [nans, infinities, others] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (x - x === 0) others += x === 0 ? 0 : 1;
    else if (x !== x) nans++;
    else infinities++;
  }
  return nans + infinities === 0 ? undefined : { nans, infinities, isMask: others === 0 };
}

/** Warns of weights that are no numbers. Infinity in masks and limits is meant so, and passes. */
export function warnOfNonFinite(problems: Problems, name: string, value: Tensor, at: Location): void {
  const found = odditiesOf(value);
  if (!found || (found.nans === 0 && found.isMask)) return;
  const { nans, infinities } = found;
  problems.warn('NL1019', {
    message: `constant "${name}" holds ${nans > 0 ? 'NaN' : 'infinity'}`,
    at: { ...at, tensor: `"${name}" ${value.format.name}[${value.shape.join(',')}]` },
    cause: `of ${plural(value.data.length, 'element')} ${nans} are NaN and ${infinities} infinite; they spread to every result they touch`,
    fix: 'repair the weights, or train and export the model again',
  });
}

/** Kinds of ops whose scales are those of quantised values; norms have scales, too, which may be anything. */
const isQuantiser = (kind: string): boolean => /^(q|quant|dequantize|bipolar-quant|float-quant|trunc-quant)/.test(kind);

/**
 * Checks constants that an op can only use within limits.
 * @throws NetloomError NL1020 for the scale of a quantiser that is not finite and positive
 */
export function checkOperands(
  problems: Problems,
  def: OpDef,
  operands: readonly (OperandInfo | undefined)[],
  names: readonly string[],
  at: Location,
): void {
  def.operands.forEach((declared, i) => {
    const [info, name] = [operands[i], declared.replace(/\W/g, '')];
    if (!info?.value) return;
    const tensor = `"${names[i]}" ${info.format.name}[${info.shape.join(',')}]`;
    if (/scale$/i.test(name) && isQuantiser(def.kind)) {
      const bad = firstWhere(info.value, (x) => !(x > 0 && x < Infinity));
      if (bad !== undefined)
        fail('NL1020', {
          message: `a scale of ${def.kind} is ${bad}`,
          at: { ...at, tensor },
          cause: 'a code stands for scale x (code - zero point): the scale must be finite and positive',
          fix: 'quantise the model again, with calibration data that reaches this tensor',
        });
    }
    if (name === 'variance') {
      const bad = firstWhere(info.value, (x) => x < 0);
      if (bad !== undefined)
        problems.warn('NL1019', {
          message: `a variance is ${bad}`,
          at: { ...at, tensor },
          cause: 'its square root is NaN, which spreads to the whole channel',
          fix: 'train and export the model again',
        });
    }
  });
}

function firstWhere({ data }: Tensor, holds: (x: number) => boolean): number | undefined {
  for (let i = 0; i < data.length; i++) if (holds(Number(data[i]))) return Number(data[i]);
  return undefined;
}
