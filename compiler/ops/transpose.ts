import { rowMajor } from '../tensor/shape.ts';
import { optionalInts } from './attrs.ts';
import { defineOp } from './define.ts';
import { copyWork, misfit } from './kit/layout.ts';
import { strided } from './kit/moves.ts';

/**
 * The order of axes, reversed when none is given.
 * @throws NetloomError NL1014 when it does not name each axis once
 */
export function permutation(perm: readonly number[] | undefined, rank: number): readonly number[] {
  if (!perm) return Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const isWhole =
    perm.length === rank && new Set(perm).size === rank && perm.every((p) => Number.isInteger(p) && p >= 0 && p < rank);
  if (!isWhole)
    misfit(
      `perm [${perm.join(', ')}] does not order the axes`,
      `the input has ${rank} axes; each of 0 to ${rank - 1} must stand in perm once`,
    );
  return perm;
}

/** Axis k of the result is axis perm[k] of the input. */
export const transpose = defineOp('transpose', {
  doc: 'The axes in another order (reversed without `perm`).',
  onnx: { type: 'Transpose' },
  operands: ['x'],
  attrs: { perm: optionalInts('which axis of x each axis of the result is') },
  infer: ({ x }, { perm }) => ({ format: x.format, shape: permutation(perm, x.shape.length).map((p) => x.shape[p]!) }),
  evaluate: ({ x }, attrs) => {
    const perm = permutation(attrs.perm, x.shape.length);
    const steps = rowMajor(x.shape);
    return strided(
      x,
      perm.map((p) => x.shape[p]!),
      perm.map((p) => steps[p]!),
    );
  },
  work: ({ x }, attrs, { out }) => {
    const perm = permutation(attrs.perm, x.shape.length);
    return copyWork(x, out[0]!, (loops) => x.shape.map((_, axis) => loops[perm.indexOf(axis)]!.name));
  },
  examples: [
    { x: 'f32[2,3] 1 2 3 4 5 6', out: 'f32[3,2] 1 4 2 5 3 6' },
    { x: 'i8[1,2,3] 1 2 3 4 5 6', attrs: { perm: [2, 0, 1] }, out: 'i8[3,1,2] 1 4 2 5 3 6' },
    { x: 'i64[3,2,2,5] ~1', attrs: { perm: [3, 0, 2, 1] } },
    { x: 'f16[40,1,35] ~2', attrs: { perm: [2, 1, 0] } },
    { x: 'f32[] 3', out: 'f32[] 3' },
    { x: 'f32[2,0]', out: 'f32[0,2]' },
  ],
});
