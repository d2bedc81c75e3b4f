import { readFileSync } from 'node:fs';
import { float, ModelBuilder, type BuilderOptions } from './onnx-builder.ts';

/** A layer of a published network: shapes are C,H,W (or C,D,H,W); `inputs` name earlier layers or 'input'. */
export interface Layer {
  readonly name: string;
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly kernel?: readonly number[];
  readonly stride?: readonly number[];
  /** Of each axis, on both sides; 'same' is TensorFlow's rule. */
  readonly pad?: readonly (number | 'same')[] | number;
  readonly groups?: number;
  readonly dilation?: number;
  readonly output_pad?: number;
  readonly ceil_mode?: boolean;
  readonly axis?: number;
  readonly pieces?: number;
  readonly size?: number;
  readonly act?: string;
  readonly out: readonly number[];
  readonly macs?: number;
  readonly weights?: number;
  readonly bias?: number;
}

/** A network as a paper gives it. Weights leave out biases and batch normalisation. */
export interface Architecture {
  readonly name: string;
  readonly source: string;
  readonly input: readonly number[];
  readonly totals: {
    readonly macs: number;
    readonly weights: number;
    readonly bias: number;
    readonly params_no_bn: number;
  };
  readonly layers: readonly Layer[];
}

/** 44 networks of the literature, layer by layer. */
export const architectures = JSON.parse(
  readFileSync(new URL('architectures.json', import.meta.url), 'utf8'),
) as readonly Architecture[];

export interface ArchitectureOptions extends BuilderOptions {
  readonly batch?: number;
  /** A BatchNormalization after each convolution, as trained models have it. */
  readonly batchNorm?: boolean;
  /** Makes a weight of a shape; outside of the file when absent, so that 500 MB of weights cost nothing. */
  readonly weight?: (builder: ModelBuilder, shape: readonly number[]) => string;
}

export interface BuiltArchitecture {
  readonly builder: ModelBuilder;
  /** Channels that batch normalisation was added to: it has four numbers for each. */
  readonly normalised: number;
}

/** The network as an ONNX model. */
export function buildArchitecture(architecture: Architecture, options: ArchitectureOptions = {}): BuiltArchitecture {
  const maker = new Maker(architecture, options);
  return maker.make();
}

/** One layer over values that stand already; answers the value it gives, before its activation. */
type Write = (maker: Maker, layer: Layer, inputs: readonly string[], shapes: readonly (readonly number[])[]) => string;

class Maker {
  readonly builder: ModelBuilder;
  readonly #architecture: Architecture;
  readonly #options: ArchitectureOptions;
  readonly #values = new Map<string, { readonly id: string; readonly shape: readonly number[] }>();
  #normalised = 0;

  constructor(architecture: Architecture, options: ArchitectureOptions) {
    this.builder = new ModelBuilder(architecture.name, options);
    this.#architecture = architecture;
    this.#options = options;
  }

  get batch(): number {
    return this.#options.batch ?? 1;
  }

  weight(shape: readonly number[]): string {
    return this.#options.weight?.(this.builder, shape) ?? this.builder.outsideWeight(shape);
  }

  make(): BuiltArchitecture {
    const { input, layers } = this.#architecture;
    this.#values.set('input', { id: this.builder.input('input', [this.batch, ...input]), shape: input });
    for (const layer of layers) this.#layer(layer);
    for (const name of this.#unread()) this.builder.output(this.#values.get(name)!.id);
    return { builder: this.builder, normalised: this.#normalised };
  }

  #layer(layer: Layer): void {
    const inputs = layer.inputs.map((name) => this.#values.get(name)!);
    const write = writers[layer.kind];
    if (!write) throw new Error(`${layer.kind} is not a kind of layer`);
    const made = write(
      this,
      layer,
      inputs.map((i) => i.id),
      inputs.map((i) => i.shape),
    );
    const isConv = layer.kind === 'conv';
    const id = this.#activation(
      isConv && this.#options.batchNorm ? this.#batchNorm(made, layer.out[0]!) : made,
      layer.act,
    );
    this.#values.set(layer.name, { id, shape: layer.out });
  }

  #batchNorm(x: string, channels: number): string {
    this.#normalised += channels;
    return this.builder.node('BatchNormalization', [x, ...[1, 2, 3, 4].map(() => this.weight([channels]))]);
  }

  #activation(x: string, act: string | undefined): string {
    const b = this.builder;
    switch (act) {
      case undefined:
        return x;
      case 'relu':
        return b.node('Relu', [x]);
      case 'relu6':
        return b.node('Clip', [x, b.scalar(0), b.scalar(6)]);
      case 'tanh':
      case 'scaled_tanh':
        return b.node('Tanh', [x]);
      case 'sigmoid':
        return b.node('Sigmoid', [x]);
      case 'softmax':
        return b.node('Softmax', [x], { axis: -1 });
      case 'bn_sign':
        return b.node('Sign', [x]);
      case 'leaky_relu_0.2':
        return b.node('LeakyRelu', [x], { alpha: float(0.2) });
      default:
        return x; // a maxout is a layer of its own
    }
  }

  /** Layers that nothing reads are results. */
  #unread(): string[] {
    const read = new Set(this.#architecture.layers.flatMap((l) => l.inputs));
    return this.#architecture.layers.map((l) => l.name).filter((name) => !read.has(name));
  }
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** kernel, strides and padding as ONNX attributes. */
function window(layer: Layer): Record<string, number | string | readonly number[]> {
  const { kernel = [], stride, pad } = layer;
  const attrs: Record<string, number | string | readonly number[]> = { kernel_shape: kernel };
  if (stride) attrs.strides = stride;
  if (Array.isArray(pad)) {
    const list = pad as readonly (number | 'same')[];
    if (list.includes('same')) attrs.auto_pad = 'SAME_UPPER';
    else attrs.pads = [...list, ...list] as number[];
  }
  return attrs;
}

const pool =
  (op: string): Write =>
  ({ builder }, layer, [x]) =>
    builder.node(op, [x!], { ...window(layer), ...(layer.ceil_mode ? { ceil_mode: 1 } : {}) });

const conv: Write = (maker, layer, [x], [shape]) => {
  const groups = layer.groups ?? 1;
  const [out] = layer.out;
  const w = maker.weight([out!, shape![0]! / groups, ...layer.kernel!]);
  const bias = layer.bias ? [maker.weight([out!])] : [];
  const dilations = layer.dilation === undefined ? {} : { dilations: layer.kernel!.map(() => layer.dilation!) };
  return maker.builder.node(
    'Conv',
    [x!, w, ...bias],
    { ...window(layer), group: groups, ...dilations },
    { name: layer.name },
  );
};

const crop: Write = ({ builder }, layer, [x], [shape]) => {
  const axes = layer.out
    .map((d, i) => ({ i, d, from: Math.floor((shape![i]! - d) / 2) }))
    .filter(({ i, d }) => shape![i] !== d);
  const list = (f: (a: (typeof axes)[number]) => number): string => builder.wholes(axes.map(f));
  return builder.node('Slice', [x!, list((a) => a.from), list((a) => a.from + a.d), list((a) => a.i + 1)]);
};

/** Weights of their own at each position: patches by slices, one product of matrices for all positions. */
const locallyConnected: Write = (maker, layer, [x], [shape]) => {
  const { builder: b } = maker;
  const [filters, height, width] = layer.out as [number, number, number];
  const [kh, kw] = layer.kernel as [number, number];
  const [sh, sw] = layer.stride as [number, number];
  const channels = shape![0]!;
  const taps = Array.from({ length: kh * kw }, (_, t) => {
    const [y, z] = [Math.floor(t / kw), t % kw];
    const ends = [y + (height - 1) * sh + 1, z + (width - 1) * sw + 1];
    return b.node('Slice', [x!, b.wholes([y, z]), b.wholes(ends), b.wholes([2, 3]), b.wholes([sh, sw])]);
  });
  const patches = b.node('Reshape', [
    b.node('Concat', taps, { axis: 1 }),
    b.wholes([maker.batch, kh * kw * channels, height * width]),
  ]);
  const rows = b.node('Unsqueeze', [b.node('Transpose', [patches], { perm: [0, 2, 1] }), b.wholes([2])]);
  const sums = b.node('MatMul', [rows, maker.weight([height * width, kh * kw * channels, filters])]);
  const biased = b.node('Add', [b.node('Squeeze', [sums, b.wholes([2])]), maker.weight([height * width, filters])]);
  return b.node('Reshape', [
    b.node('Transpose', [biased], { perm: [0, 2, 1] }),
    b.wholes([maker.batch, filters, height, width]),
  ]);
};

const writers: Readonly<Record<string, Write>> = {
  conv,
  conv3d: conv,
  conv_transpose: (maker, layer, [x], [shape]) => {
    const w = maker.weight([shape![0]!, layer.out[0]!, ...layer.kernel!]);
    const bias = layer.bias ? [maker.weight([layer.out[0]!])] : [];
    const padding = layer.output_pad ? { output_padding: layer.kernel!.map(() => layer.output_pad!) } : {};
    return maker.builder.node(
      'ConvTranspose',
      [x!, w, ...bias],
      { ...window(layer), ...padding },
      { name: layer.name },
    );
  },
  fc: (maker, layer, [x], [shape]) => {
    const inputs = size(shape!);
    const flat = shape!.length > 1 ? maker.builder.node('Flatten', [x!], { axis: 1 }) : x!;
    const bias = layer.bias ? [maker.weight([layer.out[0]!])] : [];
    return maker.builder.node(
      'Gemm',
      [flat, maker.weight([layer.out[0]!, inputs]), ...bias],
      { transB: 1 },
      { name: layer.name },
    );
  },
  locally_connected: locallyConnected,
  maxpool: pool('MaxPool'),
  // The list names no padding for C3D's last pool, whose edge is rounded up.
  maxpool3d: ({ builder }, layer, [x]) => builder.node('MaxPool', [x!], { ...window(layer), ceil_mode: 1 }),
  l2pool: ({ builder }, layer, [x]) => builder.node('LpPool', [x!], { ...window(layer), p: 2 }),
  global_avgpool: ({ builder }, _, [x]) => builder.node('GlobalAveragePool', [x!]),
  lrn: ({ builder }, layer, [x]) => builder.node('LRN', [x!], { size: layer.size ?? 5 }),
  softmax: ({ builder }, _, [x]) => builder.node('Softmax', [x!], { axis: -1 }),
  add: ({ builder }, _, inputs) => builder.node('Add', inputs),
  concat: ({ builder }, layer, inputs) => builder.node('Concat', inputs, { axis: layer.axis ?? 1 }),
  l2norm: ({ builder }, _, [x]) => builder.node('LpNormalization', [x!], { axis: -1, p: 2 }),
  reshape: (maker, layer, [x]) =>
    maker.builder.node('Reshape', [x!, maker.builder.wholes([maker.batch, ...layer.out])]),
  maxout: (maker, layer, [x]) => {
    const { builder: b } = maker;
    const split = b.node('Reshape', [x!, b.wholes([maker.batch, layer.out[0]!, layer.pieces!])]);
    return b.node('ReduceMax', [split], { axes: [2], keepdims: 0 });
  },
  reflection_pad: ({ builder: b }, layer, [x]) =>
    b.node(
      'Pad',
      [x!, b.wholes([0, 0, layer.pad as number, layer.pad as number, 0, 0, layer.pad as number, layer.pad as number])],
      { mode: 'reflect' },
    ),
  center_crop: crop,
  crop,
};
