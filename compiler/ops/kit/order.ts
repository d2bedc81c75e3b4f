import type { TensorData } from '../../tensor/tensor.ts';

/**
 * Compares two elements of a tensor by position: ascending, NaN greater than all numbers and equal to NaN, as numpy
 * sorts.
 */
export function orderOf(data: TensorData): (i: number, j: number) => number {
  if (Array.isArray(data) || data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const plain = data as readonly string[];
    return (i, j) => (plain[i]! < plain[j]! ? -1 : plain[i]! > plain[j]! ? 1 : 0);
  }
  return (i, j) => {
    const [a, b] = [data[i]!, data[j]!];
    if (a < b) return -1;
    if (a > b) return 1;
    return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  };
}

/** Comparisons of a sort of `n`, or of keeping the best `k` of `n`. */
export const sortSteps = (n: number, k = n): number => Math.ceil(n * Math.log2(Math.max(2, k)));
