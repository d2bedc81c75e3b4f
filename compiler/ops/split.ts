import { at, axisLoops, nest, read, work } from '../../hw-models/work/build.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { normalAxis, rowMajor } from '../tensor/shape.ts';
import { wholes } from '../tensor/tensor.ts';
import { int, optionalInt } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { valueOf } from './kit/known.ts';
import { misfit } from './kit/layout.ts';
import { strided } from './kit/moves.ts';

/**
 * Sizes of the parts of an axis: as given, or `count` equal ones, of which the last may be smaller.
 * @throws NetloomError NL1014 when they do not add up to the axis
 */
export function partSizes(size: number, given: readonly number[] | undefined, count: number): readonly number[] {
  if (given) {
    const total = given.reduce((n, d) => n + d, 0);
    if (total !== size || given.some((d) => d < 0))
      misfit(
        `parts [${given.join(', ')}] do not make up the axis`,
        `they have ${total} elements together, the axis has ${size}`,
      );
    return given;
  }
  if (count < 1) misfit('an axis is split into no parts', `num_outputs is ${count}`);
  const each = Math.ceil(size / count);
  const last = size - each * (count - 1);
  if (last < 0)
    misfit(
      `an axis of ${size} does not split into ${count} parts`,
      `${count - 1} parts of ${each} already have more elements`,
    );
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : each));
}

/** Sizes were an attribute before opset 13; without any, the number of outputs says how many parts there are. */
function readSplit(node: NodeReader): ReadNode {
  const attrs = { axis: node.attributes.int('axis') ?? 0 };
  const asAttribute = node.version < 13 ? node.attributes.ints('split') : undefined;
  if (asAttribute) return { inputs: [node.inputs[0]!, node.wholes(asAttribute, 'split')], attrs };
  if (node.inputs[1]) return { attrs };
  const numOutputs = node.attributes.int('num_outputs') ?? node.outputCount;
  const { shape } = node.info(node.inputs[0]!);
  const size = shape[attrs.axis < 0 ? attrs.axis + shape.length : attrs.axis];
  if (node.version < 18 && size !== undefined && !node.info(node.inputs[0]!).unknown && size % numOutputs !== 0) {
    misfit(
      `an axis of ${size} does not split into ${numOutputs} equal parts`,
      'parts may differ in size from opset 18 on',
    );
  }
  return { attrs: { ...attrs, numOutputs } };
}

/** Parts of a tensor along one axis. */
export const split = defineOp('split', {
  doc: 'A tensor cut into parts along one axis.',
  onnx: { type: 'Split', attrs: ['axis', 'split', 'num_outputs'], read: readSplit },
  operands: ['x', 'split?'],
  outputs: ['outs...'],
  attrs: {
    axis: int('axis that is cut', 0),
    numOutputs: optionalInt('number of parts, where their sizes are not given'),
  },
  infer: ({ x, split: sizes }, attrs, { wanted }) => {
    const axis = normalAxis(attrs.axis, x.shape.length);
    const parts = partSizes(
      x.shape[axis]!,
      sizes && wholes(valueOf(sizes, 'the sizes of the parts')),
      attrs.numOutputs ?? wanted.length,
    );
    if (wanted.length > parts.length)
      misfit(`${wanted.length} outputs for ${parts.length} parts`, 'each part is one output');
    return parts.map((d) => ({ format: x.format, shape: x.shape.map((s, i) => (i === axis ? d : s)) }));
  },
  evaluate: ({ x, split: sizes }, attrs, { wanted }) => {
    const axis = normalAxis(attrs.axis, x.shape.length);
    const steps = rowMajor(x.shape);
    let before = 0;
    return partSizes(x.shape[axis]!, sizes && wholes(sizes), attrs.numOutputs ?? wanted.length).map((d) => {
      const start = before;
      before += d;
      return strided(
        x,
        x.shape.map((s, i) => (i === axis ? d : s)),
        steps,
        start * steps[axis]!,
      );
    });
  },
  work: ({ x, split: sizes }, attrs, { out, wanted }) => {
    const axis = normalAxis(attrs.axis, x.shape.length);
    const isKnown = sizes === undefined || sizes.value !== undefined;
    const parts = isKnown
      ? partSizes(x.shape[axis]!, sizes?.value && wholes(sizes.value), attrs.numOutputs ?? wanted.length)
      : out.map((o) => o.shape[axis]!);
    const used = out.flatMap((o, k) => (wanted[k] === false ? [] : [{ o, k }]));
    const nests = used.map(({ o, k }) => {
      const loops = axisLoops('i', o.shape);
      const start = parts.slice(0, k).reduce((n, d) => n + d, 0);
      const source = loops.map((l, i) => (i === axis ? [l.name, 1, start] : l.name));
      return nest({
        loops,
        reads: [at('x', ...source)],
        write: at(`outs${k}`, ...loops.map((l) => l.name)),
        compute: read(0),
      });
    });
    const outs = Object.fromEntries(used.map(({ o, k }) => [`outs${k}`, operandOf(o, 'output')]));
    return work({ x: operandOf(x), ...outs }, ...nests);
  },
  examples: [
    { x: 'f32[6] 1 2 3 4 5 6', attrs: { numOutputs: 3 }, outs: ['f32[2] 1 2', 'f32[2] 3 4', 'f32[2] 5 6'] },
    { x: 'f32[7] +1', attrs: { numOutputs: 4 }, outs: ['f32[2] 1 2', 'f32[2] 3 4', 'f32[2] 5 6', 'f32[1] 7'] },
    {
      x: 'i8[2,4] +1',
      split: 'i64[3] 1 0 3',
      attrs: { axis: -1 },
      outs: ['i8[2,1] 1 5', 'i8[2,0]', 'i8[2,3] 2 3 4 6 7 8'],
    },
  ],
});
