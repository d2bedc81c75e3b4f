import { call, nest, read } from '../../../hw-models/work/build.ts';
import type { Access, Loop, Operand, Scalar, Step } from '../../../hw-models/work/types.ts';

/** Mean and 1 / sqrt(variance + epsilon) of one group of elements. */
export interface Moments {
  readonly mean: number;
  readonly inverse: number;
}

/**
 * Mean and inverse standard deviation of `count` elements that follow each other from `start`, in doubles.
 * Without `centred` the mean is left at 0: root mean square.
 */
export function momentsOf(
  values: ArrayLike<number>,
  start: number,
  count: number,
  epsilon: number,
  centred = true,
): Moments {
  let sum = 0;
  if (centred) for (let i = start; i < start + count; i++) sum += values[i]!;
  const mean = centred ? sum / count : 0;
  let squares = 0;
  for (let i = start; i < start + count; i++) squares += (values[i]! - mean) ** 2;
  return { mean, inverse: 1 / Math.sqrt(squares / count + epsilon) };
}

export interface MomentNests {
  /** All loops over the elements, and those among them that tell groups apart. */
  readonly loops: readonly Loop[];
  readonly groups: readonly Loop[];
  readonly x: Access;
  /** Where the values of a group lie: the same in `mean` and `inverse`. */
  readonly group: (operand: string) => Access;
  /** Elements in a group. */
  readonly count: number;
  readonly epsilon: number;
  readonly centred?: boolean;
}

/** Nests that fill the operands `mean` (when centred) and `inverse`; they use the scratch operand `total`. */
export function momentSteps({ loops, groups, x, group, count, epsilon, centred = true }: MomentNests): Step[] {
  const on = (operand: string, compute: Scalar, from: string): Step =>
    nest({ loops: groups, reads: [group(from)], write: group(operand), compute });
  const difference = call('sub', read(0), read(1));
  const square = centred ? call('mul', difference, difference) : call('mul', read(0), read(0));
  return [
    ...(centred
      ? [
          nest({ loops, reads: [x], write: group('total'), combine: 'add', compute: read(0) }),
          on('mean', call('div', read(0), count), 'total'),
        ]
      : []),
    nest({ loops, reads: centred ? [x, group('mean')] : [x], write: group('total'), combine: 'add', compute: square }),
    on('inverse', call('div', 1, call('sqrt', call('add', call('div', read(0), count), epsilon))), 'total'),
  ];
}

/** The scratch operands that `momentSteps` needs, of the shape that `group` indexes. */
export const momentScratch = (
  shape: readonly number[],
  format: Operand['format'],
  centred = true,
): Record<string, Operand> => ({
  total: { role: 'scratch', format, shape },
  ...(centred ? { mean: { role: 'scratch', format, shape } as const } : {}),
  inverse: { role: 'scratch', format, shape },
});
