import { index, lookup } from '../../../hw-models/work/build.ts';
import type { Access, Loop } from '../../../hw-models/work/types.ts';
import type { TensorType } from '../../ir/types.ts';
import { normalAxis, showShape } from '../../tensor/shape.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { misfit } from './layout.ts';
import { tableLength } from './table-limit.ts';

/** Which elements share a scale: all, those of one position along an axis, or blocks of an axis. */
export interface Granularity {
  readonly kind: 'tensor' | 'axis' | 'block';
  readonly axis: number;
  readonly block: number;
}

/**
 * Reads from the shape of the scale how it is shared (page of ONNX QuantizeLinear-25).
 * @throws NetloomError NL1014 when the scale does not go with x
 */
export function granularityOf(x: TensorType, scale: TensorType, axis: number, blockSize: number): Granularity {
  const rank = scale.shape.length;
  const wrong = (cause: string): never =>
    misfit(
      'the scale of a quantisation does not fit',
      `${cause}: the scale has shape ${showShape(scale.shape)}, the tensor ${showShape(x.shape)}`,
    );
  if (sizeOf(scale.shape) === 1 && blockSize === 0) return { kind: 'tensor', axis: 0, block: 0 };
  if (rank === 0) return { kind: 'tensor', axis: 0, block: 0 };
  const a = normalAxis(axis, x.shape.length);
  if (blockSize === 0) {
    if (rank !== 1) wrong('without a block size it must be a number or a list');
    if (scale.shape[0] !== x.shape[a]) wrong(`a list goes along axis ${a}`);
    return { kind: 'axis', axis: a, block: 0 };
  }
  if (blockSize < 0) wrong(`the block size is ${blockSize}`);
  const fits =
    rank === x.shape.length && x.shape.every((d, i) => scale.shape[i] === (i === a ? Math.ceil(d / blockSize) : d));
  if (!fits) wrong(`blocks of ${blockSize} along axis ${a} need one scale each`);
  return { kind: 'block', axis: a, block: blockSize };
}

/** @throws NetloomError NL1014 when the zero point does not have the shape of its scale */
export function sameShape(scale: TensorType, zeroPoint: TensorType | undefined): void {
  if (!zeroPoint || showShape(zeroPoint.shape) === showShape(scale.shape)) return;
  if (sizeOf(zeroPoint.shape) === 1 && sizeOf(scale.shape) === 1) return;
  misfit(
    'the zero point of a quantisation does not fit',
    `it has shape ${showShape(zeroPoint.shape)}, its scale ${showShape(scale.shape)}`,
  );
}

/** Calls `visit` with each position of x, in order, and the position of the scale that goes with it. */
export function eachScaled(shape: readonly number[], g: Granularity, visit: (i: number, s: number) => void): void {
  const n = sizeOf(shape);
  if (g.kind === 'tensor') {
    for (let i = 0; i < n; i++) visit(i, 0);
    return;
  }
  const size = shape[g.axis]!;
  const inner = sizeOf(shape.slice(g.axis + 1));
  const outer = sizeOf(shape.slice(0, g.axis));
  const blocks = g.kind === 'block' ? Math.ceil(size / g.block) : 0;
  let i = 0;
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < size; k++) {
      const start = (o * blocks + Math.floor(k / g.block)) * inner;
      for (let j = 0; j < inner; j++, i++) visit(i, g.kind === 'axis' ? k : start + j);
    }
  }
}

/** The access to a scale or zero point while the loops run over x. */
export function scaleAccess(name: string, scale: TensorType, loops: readonly Loop[], g: Granularity): Access {
  if (g.kind === 'tensor') return { operand: name, at: scale.shape.map(() => index(0)) };
  const along = loops[g.axis]!;
  if (g.kind === 'axis') return { operand: name, at: [index(along.name)] };
  const blocks = Int32Array.from({ length: tableLength(along.size, 'the table of blocks') }, (_, k) =>
    Math.floor(k / g.block),
  );
  return { operand: name, at: loops.map((l, axis) => (axis === g.axis ? lookup(l.name, blocks) : index(l.name))) };
}
