import { call, loopValue, nest, read } from '../../../hw-models/work/build.ts';
import type { Access, Step } from '../../../hw-models/work/types.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { eachLine, type Lines } from './lines.ts';
import type { LineNests } from './softmax.ts';

export interface ExtremeChoice {
  readonly find: 'max' | 'min';
  /** Of equal elements take the last one instead of the first. */
  readonly last: boolean;
}

/** Calls `visit` with the position along each line of its greatest or least element. NaN counts as the extreme. */
export function eachExtreme(
  x: Tensor,
  lines: Lines,
  { find, last }: ExtremeChoice,
  visit: (start: number, line: number, position: number) => void,
): void {
  const isNaN_ = (v: unknown): boolean => typeof v === 'number' && Number.isNaN(v);
  eachLine(lines, (start, line) => {
    let best = 0;
    for (let i = 1; i < lines.length; i++) {
      const [old, next] = [x.data[start + best * lines.inner]!, x.data[start + i * lines.inner]!];
      const beats = isNaN_(old)
        ? isNaN_(next) && last
        : isNaN_(next) || (find === 'max' ? next > old : next < old) || (last && next === old);
      if (beats) best = i;
    }
    visit(start, line, best);
  });
}

/** The same as nests: the extreme of each line into `extreme`, then its position into `position`. */
export function extremeSteps(n: LineNests, axis: number, { find, last }: ExtremeChoice, position: Access): Step[] {
  const hit = call('or', call('eq', read(0), read(1)), call('isnan', read(0)));
  return [
    nest({ loops: n.loops, reads: [n.all('x')], write: n.perLine('extreme'), combine: find, compute: read(0) }),
    nest({
      loops: n.loops,
      reads: [n.all('x'), n.perLine('extreme')],
      write: position,
      combine: last ? 'max' : 'min',
      compute: call('select', hit, loopValue(n.loops[axis]!.name), last ? -1 : n.loops[axis]!.size),
    }),
  ];
}
