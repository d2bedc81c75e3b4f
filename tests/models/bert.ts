import { ModelBuilder } from './onnx-builder.ts';

/** The encoder of BERT (Devlin et al., 2019) after its embeddings: base has 12 layers of 768, large 24 of 1024. */
export function bertEncoder(size: 'base' | 'large', tokens: number, batch = 1): ModelBuilder {
  const [layers, width, heads] = size === 'base' ? [12, 768, 12] : [24, 1024, 16];
  const depth = width / heads;
  const b = new ModelBuilder(`bert-${size}`);
  const linear = (x: string, from: number, to: number): string =>
    b.node('Add', [b.node('MatMul', [x, b.outsideWeight([from, to])]), b.outsideWeight([to])]);
  const split = (x: string, perm: number[]): string =>
    b.node('Transpose', [b.node('Reshape', [x, b.wholes([batch, tokens, heads, depth])])], { perm });
  const norm = (x: string): string =>
    b.node('LayerNormalization', [x, b.outsideWeight([width]), b.outsideWeight([width])]);
  let x = b.input('x', [batch, tokens, width]);
  for (let i = 0; i < layers; i++) {
    const [q, k, v] = [
      split(linear(x, width, width), [0, 2, 1, 3]),
      split(linear(x, width, width), [0, 2, 3, 1]),
      split(linear(x, width, width), [0, 2, 1, 3]),
    ];
    const scores = b.node('Softmax', [b.node('Mul', [b.node('MatMul', [q, k]), b.scalar(depth ** -0.5)])]);
    const seen = b.node('Transpose', [b.node('MatMul', [scores, v])], { perm: [0, 2, 1, 3] });
    const joined = linear(b.node('Reshape', [seen, b.wholes([batch, tokens, width])]), width, width);
    x = norm(b.node('Add', [x, joined]));
    x = norm(b.node('Add', [x, linear(b.node('Gelu', [linear(x, width, 4 * width)]), 4 * width, width)]));
  }
  b.output(x);
  return b;
}
