import { writeFileSync } from 'node:fs';
import { seededRandom } from '../src/base/random.ts';
import { OnnxWriter } from '../tests/models/onnx-writer.ts';

/**
 * Makes examples/small-cnn.onnx: a small residual network for 32 x 32 images with ten classes. The weights are seeded
 * random numbers, so the file is the same each time; it shows costs, and classifies nothing.
 *
 *     npx tsx scripts/example-model.ts [file]
 */
export function exampleModel(): Uint8Array {
  const random = seededRandom(1);
  const w = new OnnxWriter('small-cnn');

  /** Normal numbers with the variance that keeps activations in range (He et al. 2015). */
  const normal = (name: string, dims: readonly number[]): string => {
    const fanIn = dims.slice(1).reduce((a, b) => a * b, 1);
    const size = dims.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: size }, () => random.normal() * Math.sqrt(2 / fanIn));
    return w.weight(name, dims, values);
  };
  const filled = (name: string, length: number, value: () => number): string =>
    w.weight(name, [length], Float32Array.from({ length }, value));

  const convolution = (name: string, x: string, from: number, to: number, kernel: number, stride: number): string => {
    const pad = (kernel - 1) / 2;
    const y = w.node('Conv', `${name}/conv`, [x, normal(`${name}.weight`, [to, from, kernel, kernel])], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
    const statistics = [
      filled(`${name}.scale`, to, () => 0.5 + random.next()),
      filled(`${name}.bias`, to, () => random.next() - 0.5),
      filled(`${name}.mean`, to, () => random.next() - 0.5),
      filled(`${name}.variance`, to, () => 0.5 + random.next()),
    ];
    return w.node('BatchNormalization', `${name}/bn`, [y, ...statistics], { epsilon: 1e-5 });
  };
  const relu = (name: string, x: string): string => w.node('Relu', name, [x]);

  /** conv-bn-relu-conv-bn beside the identity, or beside a 1 x 1 convolution where the shape changes. */
  const block = (name: string, x: string, from: number, to: number, stride: number): string => {
    const a = relu(`${name}/relu1`, convolution(`${name}/a`, x, from, to, 3, stride));
    const b = convolution(`${name}/b`, a, to, to, 3, 1);
    const around = from === to && stride === 1 ? x : convolution(`${name}/around`, x, from, to, 1, stride);
    return relu(`${name}/relu2`, w.node('Add', `${name}/add`, [b, around]));
  };

  const image = w.input('image', ['batch', 3, 32, 32]);
  const stem = relu('stem/relu', convolution('stem', image, 3, 16, 3, 1));
  const pooled = w.node('MaxPool', 'stem/pool', [stem], { kernel_shape: [2, 2], strides: [2, 2] });
  const features = block('block2', block('block1', pooled, 16, 16, 1), 16, 32, 2);
  const flat = w.node('Flatten', 'flatten', [w.node('GlobalAveragePool', 'average', [features])], { axis: 1 });
  const bias = filled('classifier.bias', 10, () => 0);
  const scores = w.node('Gemm', 'classifier', [flat, normal('classifier.weight', [10, 32]), bias], { transB: 1 });
  w.output(scores, ['batch', 10]);
  return w.bytes();
}

if (import.meta.filename === process.argv[1]) {
  const file = process.argv[2] ?? 'examples/small-cnn.onnx';
  writeFileSync(file, exampleModel());
  console.log(`wrote ${file}`);
}
