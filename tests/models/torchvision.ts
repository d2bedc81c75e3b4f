import { float, ModelBuilder } from './onnx-builder.ts';

/** What torch's tools count for a network of torchvision (measured, batch 1; see tests/suites/published-nets.test.ts). */
export interface CountedNet {
  readonly name: string;
  readonly build: () => ModelBuilder;
  /** Multiply-accumulates of convolutions and linear layers. */
  readonly macs: number;
  /** Trained parameters, scales and shifts of normalisation among them. */
  readonly params: number;
  /** Elements of buffers: running means and variances, and one counter a batch normalisation. */
  readonly buffers: number;
}

/** A feature map and its channels. */
interface Map {
  readonly id: string;
  readonly c: number;
}

type Act = 'relu' | 'relu6' | 'hard-swish' | 'none';

interface ConvSpec {
  readonly out: number;
  readonly k?: number | readonly number[];
  readonly s?: number | readonly number[];
  readonly p?: number | readonly number[];
  readonly groups?: number;
  readonly bn?: boolean;
  /** True without batch normalisation, unless said. */
  readonly bias?: boolean;
  readonly act?: Act;
  readonly dilation?: number;
  readonly rank?: number;
}

const list = (x: number | readonly number[], rank: number): number[] =>
  typeof x === 'number' ? new Array<number>(rank).fill(x) : [...x];

/** Layers as torch.nn names them, over outside weights. */
class Net {
  readonly b: ModelBuilder;
  batchNorms = 0;

  constructor(name: string) {
    this.b = new ModelBuilder(name);
  }

  conv(
    x: Map,
    { out, k = 3, s = 1, p, groups = 1, bn = true, bias = !bn, act = 'relu', dilation = 1, rank = 2 }: ConvSpec,
  ): Map {
    const kernel = list(k, rank);
    const pads = p === undefined ? kernel.map((d) => (dilation * (d - 1)) / 2) : list(p, rank);
    const w = this.b.outsideWeight([out, x.c / groups, ...kernel]);
    const shift = bias ? [this.b.outsideWeight([out])] : [];
    const y = this.b.node('Conv', [x.id, w, ...shift], {
      kernel_shape: kernel,
      strides: list(s, rank),
      pads: [...pads, ...pads],
      group: groups,
      dilations: list(dilation, rank),
    });
    return this.act({ id: bn ? this.norm(y, out) : y, c: out }, act);
  }

  norm(x: string, c: number): string {
    this.batchNorms++;
    return this.b.node('BatchNormalization', [x, ...[0, 0, 0, 0].map(() => this.b.outsideWeight([c]))]);
  }

  bnRelu({ id, c }: Map): Map {
    return this.act({ id: this.norm(id, c), c }, 'relu');
  }

  act(x: Map, kind: Act): Map {
    switch (kind) {
      case 'none':
        return x;
      case 'relu':
        return { ...x, id: this.b.node('Relu', [x.id]) };
      case 'relu6':
        return { ...x, id: this.b.node('Clip', [x.id, this.b.scalar(0), this.b.scalar(6)]) };
      case 'hard-swish':
        return { ...x, id: this.b.node('HardSwish', [x.id]) };
    }
  }

  pool(op: 'MaxPool' | 'AveragePool', x: Map, k: number, s: number, p = 0, ceil = 0): Map {
    return {
      ...x,
      id: this.b.node(op, [x.id], { kernel_shape: [k, k], strides: [s, s], pads: [p, p, p, p], ceil_mode: ceil }),
    };
  }

  add(x: Map, y: Map): Map {
    return { ...x, id: this.b.node('Add', [x.id, y.id]) };
  }

  concat(...xs: readonly Map[]): Map {
    return {
      id: this.b.node(
        'Concat',
        xs.map((x) => x.id),
        { axis: 1 },
      ),
      c: xs.reduce((n, x) => n + x.c, 0),
    };
  }

  linear(x: Map, out: number): Map {
    return {
      id: this.b.node('Gemm', [x.id, this.b.outsideWeight([out, x.c]), this.b.outsideWeight([out])], { transB: 1 }),
      c: out,
    };
  }

  globalPool(x: Map): Map {
    return { ...x, id: this.b.node('GlobalAveragePool', [x.id]) };
  }

  flatten(x: Map, c = x.c): Map {
    return { id: this.b.node('Flatten', [x.id]), c };
  }

  classify(x: Map, classes = 1000): ModelBuilder {
    return this.end(this.linear(this.flatten(this.globalPool(x)), classes));
  }

  end(x: Map): ModelBuilder {
    this.b.output(x.id);
    return this.b;
  }
}

const image = (net: Net, shape: readonly number[] = [1, 3, 224, 224]): Map => ({
  id: net.b.input('image', shape),
  c: shape[1]!,
});

function vgg(name: string, plan: readonly (number | 'M')[], bn: boolean): ModelBuilder {
  const net = new Net(name);
  let x = image(net);
  for (const layer of plan)
    x = layer === 'M' ? net.pool('MaxPool', x, 2, 2) : net.conv(x, { out: layer, bn, bias: true });
  x = net.flatten(x, 512 * 7 * 7);
  x = net.act(net.linear(x, 4096), 'relu');
  return net.end(net.linear(net.act(net.linear(x, 4096), 'relu'), 1000));
}

const vgg16Plan = [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 'M', 512, 512, 512, 'M', 512, 512, 512, 'M'] as const;

interface Residual {
  readonly blocks: readonly number[];
  readonly bottleneck?: boolean;
  /** Width of the 3x3 convolutions over that of the plain network. */
  readonly wide?: number;
  /** Dilations in place of strides in the last two stages, for segmentation. */
  readonly dilated?: boolean;
}

function residualStages(
  net: Net,
  input: Map,
  { blocks, bottleneck = false, wide = 1, dilated = false }: Residual,
): Map {
  let x = net.pool('MaxPool', net.conv(input, { out: 64, k: 7, s: 2 }), 3, 2, 1);
  const expansion = bottleneck ? 4 : 1;
  blocks.forEach((count, stage) => {
    const width = 64 * 2 ** stage;
    for (let i = 0; i < count; i++) {
      const keeps = stage === 0 || i > 0 || (dilated && stage >= 2);
      const s = keeps ? 1 : 2;
      const dilation = dilated && stage >= 2 ? (i === 0 ? 2 ** (stage - 2) : 2 ** (stage - 1)) : 1;
      const first = bottleneck ? net.conv(x, { out: width * wide, k: 1 }) : net.conv(x, { out: width, s });
      const second = bottleneck
        ? net.conv(net.conv(first, { out: width * wide, s, dilation }), { out: width * 4, k: 1, act: 'none' })
        : net.conv(first, { out: width, act: 'none' });
      const out = width * expansion;
      const side = s !== 1 || x.c !== out ? net.conv(x, { out, k: 1, s, act: 'none' }) : x;
      x = net.act(net.add(second, side), 'relu');
    }
  });
  return x;
}

function resnet(name: string, residual: Residual): ModelBuilder {
  const net = new Net(name);
  return net.classify(residualStages(net, image(net), residual));
}

function fcnResnet50(): ModelBuilder {
  const net = new Net('fcn_resnet50');
  const x = residualStages(net, image(net, [1, 3, 520, 520]), {
    blocks: [3, 4, 6, 3],
    bottleneck: true,
    dilated: true,
  });
  const scores = net.conv(net.conv(x, { out: 512 }), { out: 21, k: 1, bn: false, act: 'none' });
  return net.end({
    ...scores,
    id: net.b.node('Resize', [scores.id, '', '', net.b.wholes([1, 21, 520, 520])], { mode: 'linear' }),
  });
}

function squeezenet(version: '1_0' | '1_1'): ModelBuilder {
  const net = new Net(`squeezenet${version}`);
  const fire = (x: Map, squeeze: number, expand: number): Map => {
    const s = net.conv(x, { out: squeeze, k: 1, bn: false });
    return net.concat(net.conv(s, { out: expand, k: 1, bn: false }), net.conv(s, { out: expand, k: 3, bn: false }));
  };
  const pool = (x: Map): Map => net.pool('MaxPool', x, 3, 2, 0, 1);
  const sizes = [
    [16, 64],
    [16, 64],
    [32, 128],
    [32, 128],
    [48, 192],
    [48, 192],
    [64, 256],
    [64, 256],
  ] as const;
  const poolBefore = version === '1_0' ? [0, 3, 7] : [0, 2, 4];
  let x = net.conv(
    image(net),
    version === '1_0' ? { out: 96, k: 7, s: 2, p: 0, bn: false } : { out: 64, k: 3, s: 2, p: 0, bn: false },
  );
  sizes.forEach(([squeeze, expand], i) => (x = fire(poolBefore.includes(i) ? pool(x) : x, squeeze, expand)));
  return net.end(net.flatten(net.globalPool(net.conv(x, { out: 1000, k: 1, bn: false }))));
}

/** t: expansion, c: channels, n: repeats, s: stride of the first, k: kernel. */
type InvertedRow = readonly [t: number, c: number, n: number, s: number, k: number];

function inverted(name: string, rows: readonly InvertedRow[], act: Act, stem: (net: Net, x: Map) => Map): ModelBuilder {
  const net = new Net(name);
  let x = stem(net, image(net));
  for (const [t, c, n, s, k] of rows) {
    for (let i = 0; i < n; i++) {
      const wide = t === 1 ? x : net.conv(x, { out: x.c * t, k: 1, act });
      const y = net.conv(net.conv(wide, { out: wide.c, k, s: i === 0 ? s : 1, groups: wide.c, act }), {
        out: c,
        k: 1,
        act: 'none',
      });
      x = i > 0 || (s === 1 && x.c === c) ? net.add(x, y) : y;
    }
  }
  return net.classify(net.conv(x, { out: 1280, k: 1, act }));
}

const mobilenetV2Rows: readonly InvertedRow[] = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 32, 3, 2, 3],
  [6, 64, 4, 2, 3],
  [6, 96, 3, 1, 3],
  [6, 160, 3, 2, 3],
  [6, 320, 1, 1, 3],
];
const mnasnetRows: readonly InvertedRow[] = [
  [3, 24, 3, 2, 3],
  [3, 40, 3, 2, 5],
  [6, 80, 3, 2, 5],
  [6, 96, 2, 1, 3],
  [6, 192, 4, 2, 5],
  [6, 320, 1, 1, 3],
];

function mobilenetV3Small(): ModelBuilder {
  const net = new Net('mobilenet_v3_small');
  const b = net.b;
  const squeeze = (x: Map, c: number): Map => {
    const small = net.conv(net.conv(net.globalPool(x), { out: c, k: 1, bn: false }), {
      out: x.c,
      k: 1,
      bn: false,
      act: 'none',
    });
    return { ...x, id: b.node('Mul', [x.id, b.node('HardSigmoid', [small.id], { alpha: float(1 / 6) })]) };
  };
  // kernel, expanded, out, squeeze-and-excitation channels (0: none), activation, stride
  const rows: readonly (readonly [number, number, number, number, Act, number])[] = [
    [3, 16, 16, 8, 'relu', 2],
    [3, 72, 24, 0, 'relu', 2],
    [3, 88, 24, 0, 'relu', 1],
    [5, 96, 40, 24, 'hard-swish', 2],
    [5, 240, 40, 64, 'hard-swish', 1],
    [5, 240, 40, 64, 'hard-swish', 1],
    [5, 120, 48, 32, 'hard-swish', 1],
    [5, 144, 48, 40, 'hard-swish', 1],
    [5, 288, 96, 72, 'hard-swish', 2],
    [5, 576, 96, 144, 'hard-swish', 1],
    [5, 576, 96, 144, 'hard-swish', 1],
  ];
  let x = net.conv(image(net), { out: 16, s: 2, act: 'hard-swish' });
  for (const [k, expanded, out, se, act, s] of rows) {
    const wide = expanded === x.c ? x : net.conv(x, { out: expanded, k: 1, act });
    const deep = net.conv(wide, { out: expanded, k, s, groups: expanded, act });
    const y = net.conv(se ? squeeze(deep, se) : deep, { out, k: 1, act: 'none' });
    x = s === 1 && x.c === out ? net.add(x, y) : y;
  }
  const pooled = net.flatten(net.globalPool(net.conv(x, { out: 576, k: 1, act: 'hard-swish' })));
  return net.end(net.linear(net.act(net.linear(pooled, 1024), 'hard-swish'), 1000));
}

function densenet121(): ModelBuilder {
  const net = new Net('densenet121');
  const growth = 32;
  let x = net.pool('MaxPool', net.conv(image(net), { out: 64, k: 7, s: 2 }), 3, 2, 1);
  // Pre-activation: a convolution without bias or normalisation of its own follows each of these.
  const bare = (y: Map, out: number, k: number): Map => ({
    id: net.b.node('Conv', [y.id, net.b.outsideWeight([out, y.c, k, k])], {
      pads: k === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0],
    }),
    c: out,
  });
  [6, 12, 24, 16].forEach((layers, stage) => {
    for (let i = 0; i < layers; i++) x = net.concat(x, bare(net.bnRelu(bare(net.bnRelu(x), 4 * growth, 1)), growth, 3));
    if (stage < 3) x = net.pool('AveragePool', bare(net.bnRelu(x), x.c / 2, 1), 2, 2);
  });
  return net.classify(net.bnRelu(x));
}

/** 3-D ResNet for video: 16 frames of 112x112. */
function r3d18(): ModelBuilder {
  const net = new Net('r3d_18');
  let x = net.conv(image(net, [1, 3, 16, 112, 112]), { out: 64, k: [3, 7, 7], s: [1, 2, 2], rank: 3 });
  for (let stage = 0; stage < 4; stage++) {
    const out = 64 * 2 ** stage;
    for (let i = 0; i < 2; i++) {
      const s = stage > 0 && i === 0 ? 2 : 1;
      const y = net.conv(net.conv(x, { out, s, rank: 3 }), { out, act: 'none', rank: 3 });
      x = net.act(net.add(y, s === 1 ? x : net.conv(x, { out, k: 1, s, act: 'none', rank: 3 })), 'relu');
    }
  }
  return net.classify(x, 400);
}

/** Wide depthwise convolutions, layer normalisation and linear layers over channels-last maps. */
function convnextTiny(): ModelBuilder {
  const net = new Net('convnext_tiny');
  const b = net.b;
  const last = (x: string): string => b.node('Transpose', [x], { perm: [0, 2, 3, 1] });
  const first = (x: string): string => b.node('Transpose', [x], { perm: [0, 3, 1, 2] });
  const norm = (x: string, c: number): string =>
    b.node('LayerNormalization', [x, b.outsideWeight([c]), b.outsideWeight([c])], { epsilon: float(1e-6) });
  const linear = (x: string, from: number, to: number): string =>
    b.node('Add', [b.node('MatMul', [x, b.outsideWeight([from, to])]), b.outsideWeight([to])]);
  const gelu = (x: string): string =>
    b.node('Mul', [
      b.node('Mul', [x, b.node('Add', [b.node('Erf', [b.node('Div', [x, b.scalar(Math.SQRT2)])]), b.scalar(1)])]),
      b.scalar(0.5),
    ]);
  const plain = { bn: false, act: 'none' } as const;
  let x = net.conv(image(net), { out: 96, k: 4, s: 4, p: 0, ...plain });
  x = { ...x, id: first(norm(last(x.id), 96)) };
  [3, 3, 9, 3].forEach((blocks, stage) => {
    if (stage > 0)
      x = net.conv({ ...x, id: first(norm(last(x.id), x.c)) }, { out: x.c * 2, k: 2, s: 2, p: 0, ...plain });
    for (let i = 0; i < blocks; i++) {
      const { c } = x;
      const inner = norm(last(net.conv(x, { out: c, k: 7, groups: c, ...plain }).id), c);
      const y = first(linear(gelu(linear(inner, c, 4 * c)), 4 * c, c));
      x = net.add(x, { c, id: b.node('Mul', [y, b.outsideWeight([c, 1, 1])]) });
    }
  });
  const pooled = norm(last(net.globalPool(x).id), x.c);
  return net.end(net.linear({ id: b.node('Flatten', [pooled]), c: x.c }, 1000));
}

const m = 'M' as const;

/**
 * Measured with torch 2.13.0 and torchvision 0.28.0 on a CPU, in evaluation mode: MACs by FlopCounterMode / 2, parameters
 * and buffers by module.parameters() and module.buffers(). densenet121: parameters of torchvision's table, MACs of its
 * convolutions and classifier worked out from the layers.
 */
export const countedNets: readonly CountedNet[] = [
  {
    name: 'vgg11',
    build: () => vgg('vgg11', [64, m, 128, m, 256, 256, m, 512, 512, m, 512, 512, m], false),
    macs: 7_609_090_048,
    params: 132_863_336,
    buffers: 0,
  },
  { name: 'vgg16', build: () => vgg('vgg16', vgg16Plan, false), macs: 15_470_264_320, params: 138_357_544, buffers: 0 },
  {
    name: 'vgg16_bn',
    build: () => vgg('vgg16_bn', vgg16Plan, true),
    macs: 15_470_264_320,
    params: 138_365_992,
    buffers: 8461,
  },
  {
    name: 'resnet18',
    build: () => resnet('resnet18', { blocks: [2, 2, 2, 2] }),
    macs: 1_814_073_344,
    params: 11_689_512,
    buffers: 9620,
  },
  {
    name: 'resnet34',
    build: () => resnet('resnet34', { blocks: [3, 4, 6, 3] }),
    macs: 3_663_761_408,
    params: 21_797_672,
    buffers: 17_060,
  },
  {
    name: 'resnet50',
    build: () => resnet('resnet50', { blocks: [3, 4, 6, 3], bottleneck: true }),
    macs: 4_089_184_256,
    params: 25_557_032,
    buffers: 53_173,
  },
  {
    name: 'resnet101',
    build: () => resnet('resnet101', { blocks: [3, 4, 23, 3], bottleneck: true }),
    macs: 7_801_405_440,
    params: 44_549_160,
    buffers: 105_448,
  },
  {
    name: 'resnet152',
    build: () => resnet('resnet152', { blocks: [3, 8, 36, 3], bottleneck: true }),
    macs: 11_513_626_624,
    params: 60_192_808,
    buffers: 151_579,
  },
  {
    name: 'wide_resnet50_2',
    build: () => resnet('wide_resnet50_2', { blocks: [3, 4, 6, 3], bottleneck: true, wide: 2 }),
    macs: 11_398_021_120,
    params: 68_883_240,
    buffers: 68_277,
  },
  { name: 'fcn_resnet50', build: fcnResnet50, macs: 142_725_772_800, params: 32_957_013, buffers: 54_198 },
  { name: 'squeezenet1_0', build: () => squeezenet('1_0'), macs: 818_924_576, params: 1_248_424, buffers: 0 },
  { name: 'squeezenet1_1', build: () => squeezenet('1_1'), macs: 349_151_936, params: 1_235_496, buffers: 0 },
  {
    name: 'mobilenet_v2',
    build: () =>
      inverted('mobilenet_v2', mobilenetV2Rows, 'relu6', (net, x) => net.conv(x, { out: 32, s: 2, act: 'relu6' })),
    macs: 300_774_272,
    params: 3_504_872,
    buffers: 34_164,
  },
  {
    name: 'mnasnet1_0',
    build: () =>
      inverted('mnasnet1_0', mnasnetRows, 'relu', (net, x) => {
        const stem = net.conv(x, { out: 32, s: 2 });
        return net.conv(net.conv(stem, { out: 32, groups: 32 }), { out: 16, k: 1, act: 'none' });
      }),
    macs: 314_415_872,
    params: 4_383_312,
    buffers: 37_972,
  },
  { name: 'mobilenet_v3_small', build: mobilenetV3Small, macs: 56_510_400, params: 2_542_856, buffers: 12_146 },
  { name: 'densenet121', build: densenet121, macs: 2_834_161_664, params: 7_978_856, buffers: 83_769 },
  { name: 'convnext_tiny', build: convnextTiny, macs: 4_455_531_264, params: 28_589_128, buffers: 0 },
  { name: 'r3d_18', build: r3d18, macs: 40_696_553_472, params: 33_371_472, buffers: 9620 },
];
