import { absent, type Attrs, type ValueId } from '../../ir/types.ts';
import type { NodeReader, ReadNode } from '../../onnx/node-reader.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { fromNumbers } from '../../tensor/tensor.ts';
import { readConv } from './conv-sizes.ts';

/** Parameters of a fused activation in the order in which FusedConv lists them; they have the names of the op's attributes. */
const activations: Readonly<Record<string, { readonly kind: string; readonly parameters: readonly string[] }>> = {
  Relu: { kind: 'relu', parameters: [] },
  Tanh: { kind: 'tanh', parameters: [] },
  Sigmoid: { kind: 'sigmoid', parameters: [] },
  Softplus: { kind: 'softplus', parameters: [] },
  Softsign: { kind: 'softsign', parameters: [] },
  HardSwish: { kind: 'hard-swish', parameters: [] },
  LeakyRelu: { kind: 'leaky-relu', parameters: ['alpha'] },
  Elu: { kind: 'elu', parameters: ['alpha'] },
  ThresholdedRelu: { kind: 'thresholded-relu', parameters: ['alpha'] },
  HardSigmoid: { kind: 'hard-sigmoid', parameters: ['alpha', 'beta'] },
  Clip: { kind: 'clip', parameters: ['min', 'max'] },
};

/**
 * The op that an activation named inside another operator becomes.
 * @throws NetloomError NL1009 for a name that is none
 */
function activated(node: NodeReader, name: string, parameters: readonly (number | undefined)[], x: ValueId): ReadNode {
  const form = activations[name];
  if (!form) {
    return fail('NL1009', {
      message: `attribute "activation" is "${name}"`,
      cause: `it can be ${Object.keys(activations).join(', ')}`,
      fix: 'correct the node in the model',
    });
  }
  if (form.kind === 'clip') {
    const { format } = node.info(x);
    const bound = (value: number | undefined, hint: string): ValueId =>
      value === undefined ? absent : node.constant(fromNumbers(format, [], [value]), hint);
    return { kind: 'clip', inputs: [x, bound(parameters[0], 'min'), bound(parameters[1], 'max')], attrs: {} };
  }
  const attrs: Record<string, number> = {};
  form.parameters.forEach((p, i) => {
    if (parameters[i] !== undefined) attrs[p] = parameters[i];
  });
  return { kind: form.kind, inputs: [x], attrs };
}

/** com.microsoft FusedConv: a convolution, the sum with a tensor of the result's shape, then an activation. */
export function readFusedConv(node: NodeReader): ReadNode {
  const [x, w, bias, residual] = node.inputs as readonly [ValueId, ValueId, ValueId?, ValueId?];
  const name = node.attributes.string('activation') ?? '';
  const attrs: Attrs = { ...readConv(node, x, w) };
  const inputs = [x, w, ...(bias && bias !== absent ? [bias] : [])];
  const hasResidual = residual !== undefined && residual !== absent;
  if (name === '' && !hasResidual) return { kind: 'conv', inputs, attrs };
  const conv = node.emit('conv', inputs, attrs);
  if (name === '') return { kind: 'add', inputs: [conv, residual!], attrs: {} };
  const sum = hasResidual ? node.emit('add', [conv, residual]) : conv;
  return activated(node, name, node.attributes.floats('activation_params') ?? [], sum);
}

/** com.microsoft FusedGemm: a Gemm, then an activation. */
export function readFusedGemm(node: NodeReader): ReadNode {
  const { attributes: a } = node;
  const attrs: Attrs = {
    alpha: a.float('alpha') ?? 1,
    beta: a.float('beta') ?? 1,
    transA: a.int('transA') ?? 0,
    transB: a.int('transB') ?? 0,
  };
  const name = a.string('activation') ?? '';
  if (name === '') return { attrs };
  return activated(
    node,
    name,
    [a.float('activation_alpha'), a.float('activation_beta')],
    node.emit('gemm', node.inputs, attrs),
  );
}

/**
 * com.microsoft FusedMatMul: factors transposed in their last two axes (`trans`), or with their first axis moved behind
 * the batch (`transBatch`), and the product times alpha.
 */
export function readFusedMatmul(node: NodeReader): ReadNode {
  const { attributes: a } = node;
  const turned = (id: ValueId, trans: number | undefined, transBatch: number | undefined): ValueId => {
    const { shape, unknown } = node.info(id);
    if (!trans && !transBatch) return id;
    if (unknown)
      fail('NL1107', {
        message: `the shape under ${node.type} is only known at run time`,
        cause: 'its transposition needs the number of axes',
        fix: 'fix the shapes of the model',
      });
    const rank = shape.length;
    if (rank < 2) return id;
    let perm = shape.map((_, i) => i);
    if (transBatch) perm = [...perm.slice(1, -1), 0, rank - 1];
    if (trans) perm = [...perm.slice(0, -2), perm[rank - 1]!, perm[rank - 2]!];
    return node.emit('transpose', [id], { perm });
  };
  const [left, right] = node.inputs as readonly [ValueId, ValueId];
  const inputs = [
    turned(left, a.int('transA'), a.int('transBatchA')),
    turned(right, a.int('transB'), a.int('transBatchB')),
  ];
  const alpha = a.float('alpha') ?? 1;
  if (alpha === 1) return { kind: 'matmul', inputs, attrs: {} };
  const product = node.emit('matmul', inputs);
  const factor = node.constant(fromNumbers(node.info(product).format, [], [alpha]), 'alpha');
  return { kind: 'mul', inputs: [product, factor], attrs: {} };
}

/**
 * com.microsoft NhwcConv: images with their channels last; the weights are as in Conv. Transposes on both sides, which
 * a machine with channels-last memory need not perform.
 */
export function readNhwcConv(node: NodeReader): ReadNode {
  const [x, w, bias, residual] = node.inputs as readonly [ValueId, ValueId, ValueId?, ValueId?];
  const first = channelsFirst(node, x);
  const conv = node.emit('conv', [first, w, ...(bias && bias !== absent ? [bias] : [])], {
    ...readConv(node, first, w),
  });
  const name = node.attributes.string('activation') ?? '';
  const hasResidual = residual !== undefined && residual !== absent;
  if (name === '' && !hasResidual) return channelsLast(node, conv);
  const last = node.emit('transpose', [conv], { perm: lastPerm(node, conv) });
  if (name === '') return { kind: 'add', inputs: [last, residual!], attrs: {} };
  return activated(
    node,
    name,
    node.attributes.floats('activation_params') ?? [],
    hasResidual ? node.emit('add', [last, residual]) : last,
  );
}

/** x[n, ..., c] as [n, c, ...]. */
export function channelsFirst(node: NodeReader, x: ValueId): ValueId {
  const rank = rankOf(node, x);
  return node.emit('transpose', [x], { perm: [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)] });
}

/** The last op of a node whose result is to be [n, ..., c], made from y[n, c, ...]. */
export const channelsLast = (node: NodeReader, y: ValueId): ReadNode => ({
  kind: 'transpose',
  inputs: [y],
  attrs: { perm: lastPerm(node, y) },
});

function lastPerm(node: NodeReader, y: ValueId): number[] {
  const rank = rankOf(node, y);
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

function rankOf(node: NodeReader, id: ValueId): number {
  const { shape, unknown } = node.info(id);
  if (unknown || shape.length < 3) {
    fail(unknown ? 'NL1107' : 'NL1014', {
      message: `the input of ${node.type} has no channels-last shape`,
      cause: unknown
        ? 'it is only known at run time'
        : `it has ${shape.length} axes; batch, spatial axes and channels are needed`,
      fix: 'fix the shapes of the model',
    });
  }
  return shape.length;
}
