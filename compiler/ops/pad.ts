import { at, axisLoops, lookup, nest, padded, read, work } from '../../hw-models/work/build.ts';
import type { Work } from '../../hw-models/work/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { absent } from '../ir/types.ts';
import { normalAxes } from '../tensor/shape.ts';
import { fromNumbers, scalarOf, wholes } from '../tensor/tensor.ts';
import { choice } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { operandOf, sameFormats } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit, single } from './kit/layout.ts';
import { lookedUp } from './kit/moves.ts';
import { tableLength } from './kit/table-limit.ts';

export const padModes = ['constant', 'reflect', 'edge', 'wrap'] as const;
export type PadMode = (typeof padModes)[number];

/** Elements added (or with negative numbers taken away) before and after one axis. */
export interface AxisPads {
  readonly begin: number;
  readonly end: number;
}

/** Brings an axis to a size by adding or taking away on both sides alike; of an odd number the extra one is at the end. */
export function evenPads(size: number, wanted: number): AxisPads {
  const begin = Math.trunc((wanted - size) / 2);
  return { begin, end: wanted - size - begin };
}

/** @throws NetloomError NL1014 when the list does not have two entries for each axis named */
export function padsByAxis(rank: number, pads: readonly number[], axesGiven?: readonly number[]): AxisPads[] {
  const axes = normalAxes(axesGiven ?? Array.from({ length: rank }, (_, i) => i), rank);
  if (pads.length !== 2 * axes.length)
    misfit(
      `pads has ${pads.length} entries`,
      `${axes.length} axes are padded, so ${2 * axes.length} are needed: all begins, then all ends`,
    );
  const all = Array.from({ length: rank }, () => ({ begin: 0, end: 0 }));
  axes.forEach((axis, i) => (all[axis] = { begin: pads[i]!, end: pads[i + axes.length]! }));
  return all;
}

function paddedShape(shape: readonly number[], pads: readonly AxisPads[]): number[] {
  return shape.map((d, i) => {
    const size = d + pads[i]!.begin + pads[i]!.end;
    return size >= 0
      ? size
      : misfit(
          'Pad takes away more than there is',
          `axis ${i} has ${d} elements; pads of ${pads[i]!.begin} and ${pads[i]!.end} would leave ${size}`,
        );
  });
}

const floorMod = (x: number, n: number): number => ((x % n) + n) % n;

/** Which of `n` elements stands at position i, for i before, in or after them. */
const modes: Record<Exclude<PadMode, 'constant'>, (i: number, n: number) => number> = {
  edge: (i, n) => Math.min(n - 1, Math.max(0, i)),
  wrap: floorMod,
  // The ends are not repeated: ... 2 1 [0 1 2 3] 2 1 0 1 ...
  reflect: (i, n) => {
    const m = n === 1 ? 0 : floorMod(i, 2 * (n - 1));
    return m < n ? m : 2 * (n - 1) - m;
  },
};

/** Source positions along one axis; -1 stands for the constant. Negative pads cut first, what is left is then padded. */
export function padTable(size: number, { begin, end }: AxisPads, mode: PadMode): Int32Array {
  const out = tableLength(size + begin + end, 'the table of a padded axis');
  if (mode === 'constant')
    return Int32Array.from({ length: out }, (_, i) => (i - begin >= 0 && i - begin < size ? i - begin : -1));
  const { first, left } = keptOf(size, { begin, end }, mode);
  return Int32Array.from({ length: out }, (_, i) => first + modes[mode](i - Math.max(0, begin), left));
}

/** What is left of an axis once negative pads have cut it. @throws NetloomError NL1014 where there is nothing to repeat */
function keptOf(size: number, { begin, end }: AxisPads, mode: PadMode): { first: number; left: number } {
  const first = Math.max(0, -begin);
  const left = size - first - Math.max(0, -end);
  if (mode !== 'constant' && left <= 0 && size + begin + end > 0)
    misfit(`an axis without elements cannot be padded by ${mode}`, 'there is nothing to repeat');
  return { first, left };
}

/** Pads and value were attributes before opset 11; opset 1 called the pads `paddings`. */
function readPad(node: NodeReader): ReadNode {
  const attrs = { mode: node.attributes.string('mode') ?? 'constant' };
  if (node.version >= 11) return { attrs };
  const pads =
    node.attributes.ints('pads') ??
    node.attributes.ints('paddings') ??
    misfit('Pad has no pads', 'the attribute has no default');
  const x = node.inputs[0]!;
  const value = node.attributes.float('value') ?? 0;
  const fill = value === 0 ? absent : node.constant(fromNumbers(node.info(x).format, [], [value]), 'value');
  return { inputs: [x, node.wholes(pads, 'pads'), fill], attrs };
}

interface PadOperands {
  readonly x: OperandInfo;
  readonly pads: OperandInfo;
  readonly axes?: OperandInfo | undefined;
}

const knownPads = ({ x, pads, axes }: PadOperands): AxisPads[] =>
  padsByAxis(
    x.shape.length,
    wholes(valueOf(pads, 'the padding')),
    axes && wholes(valueOf(axes, 'the list of axes to pad')),
  );

/** Constant padding as it is. Computed padding is taken to be the same on both sides: as much is moved. */
function padsAtHand(operands: PadOperands, out: readonly number[]): AxisPads[] {
  if (operands.pads.value && (!operands.axes || operands.axes.value)) return knownPads(operands);
  return operands.x.shape.map((d, i) => evenPads(d, out[i]!));
}

/** Elements before and after each axis: a constant, a mirror image, the edge, or the other end. */
export const pad = defineOp('pad', {
  doc: 'A tensor with elements added around it; negative pads take away.',
  onnx: { type: 'Pad', attrs: ['pads', 'paddings', 'value', 'mode'], read: readPad },
  operands: ['x', 'pads', 'value?', 'axes?'],
  attrs: { mode: choice('what is added', padModes, 'constant') },
  infer: ({ x, pads, value, axes }, { mode }) => {
    if (value) sameFormats('pad', x, value);
    const byAxis = knownPads({ x, pads, axes });
    const shape = paddedShape(x.shape, byAxis);
    x.shape.forEach((d, i) => keptOf(d, byAxis[i]!, mode));
    return { format: x.format, shape };
  },
  evaluate: ({ x, pads, value, axes }, { mode }) => {
    const byAxis = padsByAxis(x.shape.length, wholes(pads), axes && wholes(axes));
    paddedShape(x.shape, byAxis);
    return lookedUp(
      x,
      x.shape.map((d, i) => padTable(d, byAxis[i]!, mode)),
      value?.data,
    );
  },
  work: ({ x, pads, value, axes }, { mode }, { out }) => {
    const byAxis = padsAtHand({ x, pads, axes }, out[0]!.shape);
    const loops = axisLoops('i', out[0]!.shape);
    const write = at('out', ...loops.map((l) => l.name));
    if (mode === 'constant') return constantWork(x, value, byAxis, operandOf(out[0]!, 'output'));
    const from = loops.map((l, i) => lookup(l.name, padTable(x.shape[i]!, byAxis[i]!, mode)));
    return work(
      { x: operandOf(x), out: operandOf(out[0]!, 'output') },
      nest({ loops, reads: [at('x', ...from)], write, compute: read(0) }),
    );
  },
  examples: [
    { x: 'f32[2] 1 2', pads: 'i64[2] 1 2', value: 'f32[] 9', out: 'f32[5] 9 1 2 9 9' },
    { x: 'i8[4] 1 2 3 4', pads: 'i64[2] 2 3', attrs: { mode: 'reflect' }, out: 'i8[9] 3 2 1 2 3 4 3 2 1' },
    {
      x: 'f32[1,3] 1 2 3',
      pads: 'i64[2] 2 2',
      axes: 'i64[1] -1',
      attrs: { mode: 'edge' },
      out: 'f32[1,7] 1 1 1 2 3 3 3',
    },
    { x: 'i64[3] 1 2 3', pads: 'i64[2] 2 4', attrs: { mode: 'wrap' }, out: 'i64[9] 2 3 1 2 3 1 2 3 1' },
    { x: 'f32[4] 1 2 3 4', pads: 'i64[2] -1 2', attrs: { mode: 'reflect' }, out: 'f32[5] 2 3 4 3 2' },
    { x: 'f32[3,4] ~1', pads: 'i64[4] -1 2 3 -2' },
  ],
});

/** The constant stands in for reads outside of x when it is known, else it is written first. */
function constantWork(
  x: OperandInfo,
  value: OperandInfo | undefined,
  byAxis: readonly AxisPads[],
  out: Work['operands'][string],
): Work {
  const loops = axisLoops('i', out.shape);
  const write = at('out', ...loops.map((l) => l.name));
  const reads = at('x', ...loops.map((l, i) => [l.name, 1, -byAxis[i]!.begin]));
  if (!value || value.value) {
    const fill = value?.value && x.format.kind !== 'text' ? scalarOf(value.value) : 0;
    return work({ x: operandOf(x), out }, nest({ loops, reads: [padded(reads, fill)], write, compute: read(0) }));
  }
  return work(
    { x: operandOf(x), value: operandOf(value), out },
    nest({ loops, reads: [single('value', value)], write, compute: read(0) }),
    nest({ loops, reads: [reads], write, compute: read(0), start: 'kept' }),
  );
}
