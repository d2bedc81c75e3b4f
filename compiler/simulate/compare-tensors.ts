import { sameFormat } from '../formats/index.ts';
import { showShape } from '../tensor/shape.ts';
import { numbers, type Tensor } from '../tensor/tensor.ts';

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** That of ONNX's backend tests; integers and booleans must be equal. */
export const standardTolerance: Tolerance = { relative: 1e-3, absolute: 1e-7 };

export interface Comparison {
  readonly ok: boolean;
  /** Largest |got - wanted|, and largest |got - wanted| / |wanted|; null where nothing can be compared. */
  readonly maxAbsError: number | null;
  readonly maxRelError: number | null;
  /** Elements outside the tolerance. */
  readonly mismatched: number;
  /** Why format or shape alone make them differ. */
  readonly reason?: string;
}

/** Holds a computed tensor to a wanted one: |got - wanted| <= absolute + relative * |wanted|, as numpy's allclose. */
export function compareTensors(got: Tensor, wanted: Tensor, tolerance: Tolerance = standardTolerance): Comparison {
  const differ = (reason: string): Comparison => ({
    ok: false,
    maxAbsError: null,
    maxRelError: null,
    mismatched: wanted.data.length,
    reason,
  });
  if (!sameFormat(got.format, wanted.format))
    return differ(`element type ${got.format.name}, wanted ${wanted.format.name}`);
  if (got.shape.length !== wanted.shape.length || got.shape.some((d, i) => d !== wanted.shape[i]))
    return differ(`shape ${showShape(got.shape)}, wanted ${showShape(wanted.shape)}`);
  if (Array.isArray(got.data) || Array.isArray(wanted.data)) {
    const mismatched = (wanted.data as string[]).filter((s, i) => s !== got.data[i]).length;
    return { ok: mismatched === 0, maxAbsError: null, maxRelError: null, mismatched };
  }
  if (wanted.data instanceof BigInt64Array || wanted.data instanceof BigUint64Array) return compareBig(got, wanted);
  const exact = wanted.format.kind !== 'float';
  const [a, b] = [numbers(got), numbers(wanted)];
  let [maxAbsError, maxRelError, mismatched] = [0, 0, 0];
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    const error = Math.abs(x - y);
    if (!(error <= (exact ? 0 : tolerance.absolute + tolerance.relative * Math.abs(y)))) mismatched++;
    if (!Number.isFinite(error)) maxAbsError = maxRelError = Infinity;
    else {
      maxAbsError = Math.max(maxAbsError, error);
      if (y !== 0) maxRelError = Math.max(maxRelError, error / Math.abs(y));
    }
  }
  return { ok: mismatched === 0, maxAbsError, maxRelError, mismatched };
}

function compareBig(got: Tensor, wanted: Tensor): Comparison {
  let mismatched = 0;
  let worst = 0n;
  for (let i = 0; i < wanted.data.length; i++) {
    const [x, y] = [got.data[i] as bigint, wanted.data[i] as bigint];
    if (x === y) continue;
    mismatched++;
    const error = x > y ? x - y : y - x;
    if (error > worst) worst = error;
  }
  return { ok: mismatched === 0, maxAbsError: Number(worst), maxRelError: null, mismatched };
}
