import { normalAxis } from '../../tensor/shape.ts';
import { sizeOf } from '../../tensor/tensor.ts';

/** A tensor seen along one axis: `outer` x `length` x `inner` elements, row by row. */
export interface Lines {
  readonly axis: number;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** @throws NetloomError NL1014 when the axis does not exist */
export function linesAlong(shape: readonly number[], axis: number): Lines {
  const a = normalAxis(axis, shape.length);
  return { axis: a, outer: sizeOf(shape.slice(0, a)), length: shape[a]!, inner: sizeOf(shape.slice(a + 1)) };
}

/** Calls `visit(start)` with the offset of the first element of each line; the next ones follow `inner` apart. */
export function eachLine({ outer, length, inner }: Lines, visit: (start: number, line: number) => void): void {
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) visit(o * length * inner + i, o * inner + i);
}
