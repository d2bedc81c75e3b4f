import { OnnxWriter } from '../models/onnx-writer.ts';

/** Small numbers of either sign that cost little to make and fold to nothing. */
function weights(length: number): Float32Array {
  const values = new Float32Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = state / 2 ** 36;
  }
  return values;
}

/** ResNet-50 (He et al. 2016, table 1) as exporters write it, batch norms apart: 25.6 million parameters, 102 MB. */
export function resnet50(): Uint8Array {
  const w = new OnnxWriter('resnet50');
  const filled = (name: string, dims: readonly number[]): string =>
    w.weight(name, dims, weights(dims.reduce((a, b) => a * b, 1)));
  const positive = (name: string, n: number): string => w.weight(name, [n], new Float32Array(n).fill(1));

  const conv = (name: string, x: string, from: number, to: number, kernel: number, stride: number): string => {
    const pad = (kernel - 1) / 2;
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
    const y = w.node('Conv', `${name}/conv`, [x, filled(`${name}.weight`, [to, from, kernel, kernel])], attributes);
    const statistics = [
      positive(`${name}.scale`, to),
      filled(`${name}.bias`, [to]),
      filled(`${name}.mean`, [to]),
      positive(`${name}.variance`, to),
    ];
    return w.node('BatchNormalization', `${name}/bn`, [y, ...statistics]);
  };
  const relu = (name: string, x: string): string => w.node('Relu', `${name}/relu`, [x]);
  const bottleneck = (name: string, x: string, from: number, mid: number, stride: number): string => {
    const a = relu(`${name}/1`, conv(`${name}/1`, x, from, mid, 1, 1));
    const b = relu(`${name}/2`, conv(`${name}/2`, a, mid, mid, 3, stride));
    const c = conv(`${name}/3`, b, mid, 4 * mid, 1, 1);
    const around = from === 4 * mid && stride === 1 ? x : conv(`${name}/around`, x, from, 4 * mid, 1, stride);
    return relu(name, w.node('Add', `${name}/add`, [c, around]));
  };

  let x = relu('stem', conv('stem', w.input('image', [1, 3, 224, 224]), 3, 64, 7, 2));
  x = w.node('MaxPool', 'pool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  [3, 4, 6, 3].forEach((count, stage) => {
    const mid = 64 << stage;
    for (let i = 0; i < count; i++) {
      x = bottleneck(`layer${stage + 1}/${i}`, x, channels, mid, i === 0 && stage > 0 ? 2 : 1);
      channels = 4 * mid;
    }
  });
  const flat = w.node('Flatten', 'flatten', [w.node('GlobalAveragePool', 'average', [x])]);
  const scores = w.node('Gemm', 'classifier', [flat, filled('fc.weight', [1000, 2048]), filled('fc.bias', [1000])], {
    transB: 1,
  });
  w.output(scores, [1, 1000]);
  return w.bytes();
}

/** A chain of element-wise nodes, one of them a sum with a constant at every fourth place. */
export function chain(length: number): Uint8Array {
  const w = new OnnxWriter('chain');
  const bias = w.weight('bias', [16], weights(16));
  let x = w.input('x', [1, 16]);
  for (let i = 0; i < length; i++) x = i % 4 === 0 ? w.node('Add', `n${i}`, [x, bias]) : w.node('Relu', `n${i}`, [x]);
  w.output(x, [1, 16]);
  return w.bytes();
}
