import { at, axisLoops, nest, read, value, work } from '../../hw-models/work/build.ts';
import { fail } from '../../src/base/diagnostics.ts';
import { bool } from '../formats/index.ts';
import { absent } from '../ir/types.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { build, scalarOf, type Tensor } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';

/** Share that training drops when a node does not say. */
const usualRatio = 0.5;

/** @throws NetloomError NL1106 when elements would be dropped at random */
function mustBeInference(training: Tensor | undefined, ratio: Tensor | undefined): void {
  if (!training || scalarOf(training) === 0 || (ratio ? scalarOf(ratio) : usualRatio) === 0) return;
  fail('NL1106', {
    message: 'Dropout is in training mode',
    cause: 'it drops elements at random; netloom computes inference',
    fix: 'export the model for inference (training_mode false; is_test 1 before opset 7)',
  });
}

function readDropout(node: NodeReader): ReadNode {
  const { attributes, inputs, version } = node;
  const [x, ratio = absent, training = absent] = inputs;
  if (version < 7 && !attributes.int('is_test') && (attributes.float('ratio') ?? usualRatio) !== 0) {
    mustBeInference(
      build(bool, [], () => 1),
      undefined,
    );
  }
  const isSettled = training === absent || node.info(training).value !== undefined;
  if (isSettled && training !== absent)
    mustBeInference(node.info(training).value, ratio === absent ? undefined : node.info(ratio).value);
  if (node.outputCount <= 1 && isSettled) return { kind: 'identity', inputs: [x!], attrs: {} };
  return { attrs: { sameMask: version < 10 } };
}

/** Inference of Dropout: x itself, and a mask that keeps every element. */
export const dropout = defineOp('dropout', {
  doc: 'The input, unchanged (inference), and a mask of ones.',
  onnx: { type: 'Dropout', attrs: ['ratio', 'is_test', 'seed', 'consumed_inputs'], read: readDropout },
  operands: ['x', 'ratio?', 'trainingMode?'],
  outputs: ['out', 'mask?'],
  attrs: { sameMask: flag('the mask has the format of x, as before opset 10', false) },
  infer: ({ x, ratio, trainingMode }, { sameMask }) => {
    mustBeInference(trainingMode?.value, ratio?.value);
    return [
      { format: x.format, shape: x.shape },
      { format: sameMask ? x.format : bool, shape: x.shape },
    ];
  },
  evaluate: ({ x, ratio, trainingMode }, { sameMask }) => {
    mustBeInference(trainingMode, ratio);
    return [x, build(sameMask ? x.format : bool, x.shape, () => 1)];
  },
  work: ({ x }, _, { out, wanted }) => {
    const loops = axisLoops('i', x.shape);
    const here = (name: string) => at(name, ...loops.map((l) => l.name));
    const copy = nest({ loops, reads: [here('x')], write: here('out'), compute: read(0) });
    const operands = { x: operandOf(x), out: operandOf(out[0]!, 'output') };
    if (!wanted[1] || !out[1]) return work(operands, copy);
    return work(
      { ...operands, mask: operandOf(out[1], 'output') },
      copy,
      nest({ loops, write: here('mask'), compute: value(1) }),
    );
  },
  examples: [
    { x: 'f32[2] 1 2', out: 'f32[2] 1 2', mask: 'bool[2] 1 1' },
    {
      x: 'f32[2] 1 2',
      ratio: 'f32[] 0.5',
      trainingMode: 'bool[] 0',
      out: 'f32[2] 1 2',
      attrs: { sameMask: true },
      mask: 'f32[2] 1 1',
    },
    { x: 'f32[2] 1 2', ratio: 'f32[] 0', trainingMode: 'bool[] 1', out: 'f32[2] 1 2' },
  ],
});
