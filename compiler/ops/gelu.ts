import { erf } from '../tensor/scalar.ts';
import type { NodeReader, ReadNode } from '../onnx/node-reader.ts';
import { absent } from '../ir/types.ts';
import { choice } from './attrs.ts';
import { unaryOp } from './kit/elementwise.ts';
import { geluOf, geluValue } from './kit/expressions.ts';

/** Forms of ONNX Runtime that add a bias to x first. */
function biased(node: NodeReader, approximate: 'none' | 'tanh'): ReadNode {
  const [x, bias] = node.inputs;
  const sum = bias === undefined || bias === absent ? x! : node.emit('add', [x!, bias]);
  return { inputs: [sum], attrs: { approximate } };
}

/** Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415). Exporters also write it before opset 20. */
export const gelu = unaryOp('gelu', {
  doc: 'x times the normal distribution function of x, exact or by tanh.',
  onnx: [
    { type: 'Gelu' },
    { type: 'Gelu', domains: ['com.microsoft'], read: () => ({ attrs: { approximate: 'none' } }) },
    { type: 'BiasGelu', domains: ['com.microsoft'], read: (node) => biased(node, 'none') },
    { type: 'FastGelu', domains: ['com.microsoft'], read: (node) => biased(node, 'tanh') },
  ],
  accepts: 'float',
  attrs: { approximate: choice('how the distribution function is computed', ['none', 'tanh'], 'none') },
  evaluate: (x, { approximate }) => geluValue(x, erf, approximate === 'tanh'),
  point: (x, { approximate }) => geluOf(x, approximate === 'tanh'),
  examples: [
    { x: 'f32[3] -1 0 1', out: 'f32[3] -0.15865526 0 0.8413447' },
    { x: 'f32[3] -1 0 1', attrs: { approximate: 'tanh' }, out: 'f32[3] -0.158808 0 0.841192' },
  ],
});
