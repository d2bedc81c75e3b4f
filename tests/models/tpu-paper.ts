import { ModelBuilder, type AttrText } from './onnx-builder.ts';

/**
 * Networks of the sizes in Table 1 of Jouppi et al., "In-Datacenter Performance Analysis of a Tensor Processing Unit"
 * (ISCA 2017). The paper gives layers, weights, batch and operations a weight byte, but no shapes: these are the plainest
 * that agree with all of them.
 */
export interface PaperNet {
  readonly name: string;
  readonly build: () => ModelBuilder;
  /** Millions of weights. */
  readonly weights: number;
  readonly batch: number;
  /** Multiply-accumulates for each byte of weights. */
  readonly intensity: number;
  readonly bound: 'memory' | 'compute';
  /** Useful MACs as a share of the peak (Table 3). */
  readonly useful: number;
}

function mlp0(): ModelBuilder {
  const b = new ModelBuilder('mlp0');
  let x = b.input('x', [200, 2000]);
  for (let i = 0; i < 5; i++)
    x = b.node('Relu', [b.node('Gemm', [x, b.outsideWeight([2000, 2000])])], {}, { name: `fc${i}` });
  b.output(x);
  return b;
}

/** One step of six LSTM cells: 24 products of matrices, one a gate, and the vector operations between them. */
function lstm0(): ModelBuilder {
  const b = new ModelBuilder('lstm0');
  const [batch, width] = [64, 1040];
  let x = b.input('x', [batch, width]);
  for (let i = 0; i < 6; i++) {
    const [h, c] = [b.input(`h${i}`, [batch, width]), b.input(`c${i}`, [batch, width])];
    const joined = b.node('Concat', [x, h], { axis: 1 });
    const gate = (act: string): string =>
      b.node(act, [b.node('Gemm', [joined, b.outsideWeight([2 * width, width]), b.outsideWeight([width])])]);
    const kept = b.node('Mul', [gate('Sigmoid'), c]);
    const cell = b.node('Add', [kept, b.node('Mul', [gate('Sigmoid'), gate('Tanh')])]);
    x = b.node('Mul', [gate('Sigmoid'), b.node('Tanh', [cell])]);
    b.output(cell);
    b.output(x);
  }
  return b;
}

/** 2888 MACs a weight byte are 8 boards of 19 x 19 points: a network that plays Go, all convolutions. */
function cnn0(): ModelBuilder {
  const b = new ModelBuilder('cnn0');
  let x = b.input('board', [8, 48, 19, 19]);
  let channels = 48;
  const conv = (out: number, k: number): void => {
    const attrs: Record<string, AttrText> = { pads: new Array<number>(4).fill((k - 1) / 2) };
    x = b.node('Relu', [b.node('Conv', [x, b.outsideWeight([out, channels, k, k])], attrs)]);
    channels = out;
  };
  conv(256, 5);
  for (let i = 0; i < 13; i++) conv(256, 3);
  conv(256, 1);
  conv(1, 1);
  b.output(x);
  return b;
}

export const paperNets: readonly PaperNet[] = [
  { name: 'MLP0', build: mlp0, weights: 20, batch: 200, intensity: 200, bound: 'memory', useful: 0.125 },
  { name: 'LSTM0', build: lstm0, weights: 52, batch: 64, intensity: 64, bound: 'memory', useful: 0.082 },
  { name: 'CNN0', build: cnn0, weights: 8, batch: 8, intensity: 2888, bound: 'compute', useful: 0.782 },
];
