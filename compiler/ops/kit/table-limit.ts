import { fail } from '../../../src/base/diagnostics.ts';

/** Entries that a table of an op (source positions, weights, roots of unity) may have: far above real axes. */
export const tableLimit = 2 ** 24;

/**
 * The length again, where a table of it may be built: a size that a small file merely declares must not fill the memory.
 * @throws NetloomError NL1002
 */
export function tableLength(entries: number, what: string, limit = tableLimit): number {
  if (entries <= limit) return entries;
  return fail('NL1002', {
    message: `${what} would have ${entries} entries`,
    cause: `netloom works with tables of up to ${limit}`,
    fix: 'correct the sizes in the model, or the shapes given for its inputs',
  });
}
