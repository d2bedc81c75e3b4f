import { call } from '../../hw-models/work/build.ts';
import type { Scalar } from '../../hw-models/work/types.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { absent, type TensorType, type ValueId } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { showShape } from '../tensor/shape.ts';
import { fromNumbers, isBig, numbers, scalarOf, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { mustBe, sameFormats } from './kit/accepts.ts';
import { buildBig, buildWrapped, elementwiseWork } from './kit/elementwise.ts';

/** Before opset 11 the bounds were attributes. */
function boundsAsOperands(node: NodeReader): ReadNode {
  if (node.version >= 11) return { attrs: {} };
  const [x] = node.inputs;
  const { format } = node.info(x!);
  const bound = (name: string): ValueId => {
    const given = node.attributes.float(name);
    return given === undefined ? absent : node.constant(fromNumbers(format, [], [given]), name);
  };
  return { attrs: {}, inputs: [x!, bound('min'), bound('max')] };
}

/** @throws NetloomError NL1014 when a bound is not one number */
function oneElement(name: string, bound: TensorType | undefined): void {
  if (!bound || sizeOf(bound.shape) === 1) return;
  fail('NL1014', {
    message: `${name} of a clip must be one number`,
    cause: `it has shape ${showShape(bound.shape)}`,
    fix: 'use Min and Max for a bound of each element',
  });
}

function clipBig(x: Tensor, low: bigint | undefined, high: bigint | undefined): Tensor {
  const data = x.data as BigInt64Array;
  return buildBig(x.format, x.shape, (i) => {
    const raised = low !== undefined && data[i]! < low ? low : data[i]!;
    return high !== undefined && raised > high ? high : raised;
  });
}

/** Values held between two bounds; where they cross, the upper one wins. NaN stays NaN. */
export const clip = defineOp('clip', {
  doc: 'min(max(x, min), max); a bound that is absent does not limit.',
  onnx: { type: 'Clip', attrs: ['min', 'max', 'consumed_inputs'], read: boundsAsOperands },
  operands: ['x', 'min?', 'max?'],
  infer: ({ x, min, max }) => {
    mustBe('clip', 'number', x);
    sameFormats('clip', x, min, max);
    oneElement('min', min);
    oneElement('max', max);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, min, max }) => {
    if (isBig(x)) return clipBig(x, min?.data[0] as bigint | undefined, max?.data[0] as bigint | undefined);
    const [low, high] = [min ? scalarOf(min) : -Infinity, max ? scalarOf(max) : Infinity];
    const values = numbers(x);
    return buildWrapped(x.format, x.shape, (i) => Math.min(high, Math.max(low, values[i]!)));
  },
  work: ({ x, min, max }, _, { out }) => {
    // The bounds are single elements whatever their rank; as scalars they stretch to any shape.
    const scalar = <T extends TensorType>(t: T | undefined): T | undefined =>
      t && { ...t, shape: t.shape.length > out[0]!.shape.length ? [] : t.shape };
    return elementwiseWork({ x, min: scalar(min), max: scalar(max) }, out[0]!, (value, ...bounds) => {
      const raised: Scalar = min ? call('max', value, bounds[0]!) : value;
      return max ? call('min', raised, bounds[min ? 1 : 0]!) : raised;
    });
  },
  examples: [
    { x: 'f32[4] -2 0.5 3 nan', min: 'f32[] -1', max: 'f32[] 1', out: 'f32[4] -1 0.5 1 nan' },
    { x: 'i8[3] -100 0 100', max: 'i8[] 6', out: 'i8[3] -100 0 6' },
    { x: 'f32[2] -5 5', min: 'f32[] 2', max: 'f32[] 1', out: 'f32[2] 1 1' },
    { x: 'i64[2] -5 5', min: 'i64[] 0', out: 'i64[2] 0 5' },
    { x: 'f32[2] -5 5', out: 'f32[2] -5 5' },
  ],
});
