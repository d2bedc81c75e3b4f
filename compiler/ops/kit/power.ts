import { call } from '../../../hw-models/work/build.ts';
import type { Scalar } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';

/** The p-norm as a sum of powers and its root: as numbers, and as expressions that machines count. */
export interface PowerNorm {
  readonly power: (x: number) => number;
  readonly root: (sum: number) => number;
  readonly powerOf: (x: Scalar) => Scalar;
  readonly rootOf: (sum: Scalar) => Scalar;
}

/** @throws NetloomError NL1009 when p is not positive */
export function powerNorm(p: number): PowerNorm {
  if (!(p > 0))
    fail('NL1009', {
      message: `attribute "p" is ${p}`,
      cause: 'the order of a norm must be above 0',
      fix: 'correct the node in the model',
    });
  if (p === 1) return { power: Math.abs, root: (s) => s, powerOf: (x) => call('abs', x), rootOf: (s) => s };
  if (p === 2)
    return { power: (x) => x * x, root: Math.sqrt, powerOf: (x) => call('mul', x, x), rootOf: (s) => call('sqrt', s) };
  return {
    power: (x) => Math.abs(x) ** p,
    root: (s) => s ** (1 / p),
    powerOf: (x) => call('pow', call('abs', x), p),
    rootOf: (s) => call('pow', s, 1 / p),
  };
}
