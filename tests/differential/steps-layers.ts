import { float, type AttrText } from '../models/onnx-builder.ts';
import type { GraphMaker, Value } from './graph-maker.ts';
import type { Step } from './steps-elementwise.ts';

type Attrs = Record<string, AttrText>;

const exactly = { keepsExact: true } as const;
const rankFrom = (m: GraphMaker, least: number, most: number, exact = false): Value =>
  m.value({ rank: [least, most], exact });
const axisOf = (m: GraphMaker, rank: number): number => m.whole(-rank, rank - 1);

const reduceOps = [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceSumSquare',
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceLogSumExp',
] as const;

const reduce: Step = (m) => {
  const op = m.pick(reduceOps);
  const x = op === 'ReduceLogSum' ? positive(m) : rankFrom(m, 1, 4);
  const axes = m
    .shuffled(x.shape.map((_, i) => i))
    .slice(0, m.whole(1, x.shape.length))
    .map((a) => (m.chance(0.3) ? a - x.shape.length : a));
  const keepdims = m.whole(0, 1);
  const asInput = m.opset >= 18 || (op === 'ReduceSum' && m.opset >= 13);
  if (m.chance(0.2)) m.apply(op, [x], { keepdims, ...(asInput && m.chance(0.3) ? { noop_with_empty_axes: 1 } : {}) });
  else if (asInput) m.apply(op, [x, m.wholes(axes)], { keepdims });
  else m.apply(op, [x], { axes, keepdims });
};

function positive(m: GraphMaker): Value {
  const shape = m.shape(m.whole(1, 3));
  return m.fresh('f32', shape, m.elements('f32', shape, 1, 24));
}

const argReduce: Step = (m) => {
  const x = m.value({ rank: [1, 4], exact: true });
  m.apply(
    m.pick(['ArgMax', 'ArgMin']),
    [x],
    {
      axis: axisOf(m, x.shape.length),
      keepdims: m.whole(0, 1),
      ...(m.opset >= 12 ? { select_last_index: m.whole(0, 1) } : {}),
    },
    exactly,
  );
};

const softmax: Step = (m) => {
  const x = rankFrom(m, 1, 4);
  m.apply(m.pick(['Softmax', 'LogSoftmax']), [x], { axis: axisOf(m, x.shape.length) });
};

const hardmax: Step = (m) => {
  const x = m.value({ rank: [1, 4], exact: true });
  m.apply('Hardmax', [x], { axis: axisOf(m, x.shape.length) }, exactly);
};

const norms: Step = (m) => {
  const x = rankFrom(m, 3, 4);
  const c = x.shape[1]!;
  const scales = (n: number): string => m.weight([n], 'f32', 1, 16);
  m.pick<() => void>([
    () =>
      m.apply('BatchNormalization', [x, scales(c), m.weight([c]), m.weight([c]), scales(c)], { epsilon: float(1e-3) }),
    () => m.apply('InstanceNormalization', [x, scales(c), m.weight([c])], { epsilon: float(0.1) }),
    () => {
      if (m.opset < 17) return;
      const axis = m.whole(1, x.shape.length - 1);
      const rest = x.shape.slice(axis);
      m.apply('LayerNormalization', [x, m.weight(rest), ...(m.chance(0.5) ? [m.weight(rest)] : [])], {
        axis: m.chance(0.5) ? axis : axis - x.shape.length,
        epsilon: float(0.1),
      });
    },
    () =>
      m.opset >= 21 &&
      m.apply('GroupNormalization', [x, m.weight([c]), m.weight([c])], { num_groups: 1, epsilon: float(0.1) }),
    () =>
      m.apply('LRN', [m.value({ rank: [4, 4] })], {
        size: m.pick([1, 3, 5]),
        alpha: float(0.1),
        beta: float(0.75),
        bias: float(1.5),
      }),
    () =>
      m.apply('LpNormalization', [m.apply('Add', [x, m.constant('f32', [], [40])])[0]!], {
        axis: axisOf(m, x.shape.length),
        p: m.whole(1, 2),
      }),
    () =>
      m.apply(
        'MeanVarianceNormalization',
        [m.fresh('f32', [2, m.whole(1, 3), 3, 4])],
        m.chance(0.5) ? {} : { axes: [1, 2, 3] },
      ),
  ])();
};

interface Windowed {
  readonly x: Value;
  readonly kernel: number[];
  readonly attrs: Attrs;
}

/** A map with 1 to 3 axes of space and a window that fits it. */
function windowOf(m: GraphMaker, options: { dilated?: boolean; auto?: boolean; most?: number } = {}): Windowed {
  const axes = m.pick([1, 2, 2, 2, 3]);
  const { most = 9 } = options;
  const x = m.fresh('f32', [
    m.whole(1, 2),
    m.pick([1, 2, 4, 6]),
    ...Array.from({ length: axes }, () => m.whole(4, most)),
  ]);
  const kernel = Array.from({ length: axes }, () => m.whole(1, 3));
  const dilations = kernel.map((k) => (options.dilated && k <= 2 && m.chance(0.3) ? 2 : 1));
  const attrs: Attrs = { kernel_shape: kernel };
  if (m.chance(0.6)) attrs.strides = kernel.map(() => m.whole(1, 3));
  if (options.dilated) attrs.dilations = dilations;
  const strides = attrs.strides as number[] | undefined;
  // ONNX Runtime pads by less than nothing where a stride skips elements.
  const skips = strides?.some((s, i) => s > kernel[i]!) ?? false;
  if (options.auto && m.chance(0.25)) {
    attrs.auto_pad = skips ? 'VALID' : m.pick(['SAME_UPPER', 'SAME_LOWER', 'VALID']);
    attrs.dilations = kernel.map(() => 1);
  } else if (m.chance(0.7)) attrs.pads = [...kernel, ...kernel].map((k) => m.whole(0, k - 1));
  return { x, kernel, attrs };
}

const conv: Step = (m) => {
  const { x, kernel, attrs } = windowOf(m, { dilated: true, auto: true });
  const c = x.shape[1]!;
  const group = m.pick([1, 1, c, ...(c % 2 === 0 ? [2] : [])]);
  const filters = group * m.whole(1, 3);
  m.apply('Conv', [x, m.weight([filters, c / group, ...kernel]), ...(m.chance(0.5) ? [m.weight([filters])] : [])], {
    ...attrs,
    group,
  });
};

const convTranspose: Step = (m) => {
  const { x, kernel, attrs } = windowOf(m, { dilated: true, most: 6 });
  const c = x.shape[1]!;
  const group = m.pick([1, 1, c]);
  const filters = m.whole(1, 3);
  const strides = (attrs.strides as number[] | undefined) ?? kernel.map(() => 1);
  const padding = m.chance(0.3) ? { output_padding: strides.map((s) => m.whole(0, s - 1)) } : {};
  m.apply(
    'ConvTranspose',
    [x, m.weight([c, filters, ...kernel]), ...(m.chance(0.5) ? [m.weight([filters * group])] : [])],
    { ...attrs, ...padding, group },
  );
};

const pool: Step = (m) => {
  const op = m.pick(['MaxPool', 'MaxPool', 'AveragePool', 'AveragePool', 'LpPool']);
  const dilated = op === 'MaxPool' || (op === 'AveragePool' && m.opset >= 19);
  const { x, attrs } = windowOf(m, { dilated, auto: true });
  if (op === 'AveragePool') attrs.count_include_pad = m.whole(0, 1);
  if (op === 'LpPool') attrs.p = m.whole(1, 3);
  else if (attrs.auto_pad === undefined) attrs.ceil_mode = m.whole(0, 1);
  if (!dilated) delete attrs.dilations;
  const withIndices = op === 'MaxPool' && m.chance(0.3);
  m.apply(op, [x], attrs, { outputs: withIndices ? 2 : 1, keepsExact: op === 'MaxPool' });
};

const globalPool: Step = (m) => {
  // ONNX Runtime has no GlobalLpPool of opset 22.
  const op = m.pick(['GlobalAveragePool', 'GlobalMaxPool', ...(m.opset < 22 ? ['GlobalLpPool'] : [])]);
  m.apply(op, [rankFrom(m, 3, 5)], op === 'GlobalLpPool' ? { p: m.whole(1, 3) } : {}, {
    keepsExact: op === 'GlobalMaxPool',
  });
};

const gemm: Step = (m) => {
  const [a, b] = [m.whole(0, 1), m.whole(0, 1)];
  const x = m.value({ rank: [2, 2] });
  const [k, rows] = a ? [x.shape[0]!, x.shape[1]!] : [x.shape[1]!, x.shape[0]!];
  const n = m.whole(1, 6);
  const bias = m.pick([undefined, [n], [rows, 1], [1, n], [rows, n], []]);
  m.apply('Gemm', [x, m.weight(b ? [n, k] : [k, n]), ...(bias ? [m.weight(bias)] : [])], {
    transA: a,
    transB: b,
    alpha: float(m.pick([1, 0.5, -2])),
    beta: float(m.pick([1, 0.5])),
  });
};

const matmul: Step = (m) => {
  const x = rankFrom(m, 1, 4);
  const k = x.shape.at(-1)!;
  const n = m.whole(1, 5);
  const batch = x.shape.length > 2 && m.chance(0.5) ? m.broadcastable(x.shape.slice(0, -2)) : [];
  m.apply('MatMul', m.chance(0.8) ? [x, m.weight([...batch, k, n])] : [x, m.weight([k])]);
};

const einsum: Step = (m) => {
  if (m.opset < 12) return;
  const [equation, ...ranks] = m.pick([
    ['ij,jk->ik', 'ij', 'jk'],
    ['bij,bjk->bik', 'bij', 'bjk'],
    ['ij->ji', 'ij'],
    ['ij->', 'ij'],
    ['bij,bkj->bik', 'bij', 'bkj'],
    ['i,j->ij', 'i', 'j'],
    ['ii->i', 'ii'],
    ['bhwc,hkc->bhwk', 'bhwc', 'hkc'],
    ['ij,ij->i', 'ij', 'ij'],
    ['bn...,n->b...', 'bnp', 'n'],
  ] as const);
  const sizes = new Map<string, number>();
  const shapes = ranks.map((r) => [...r].map((l) => sizes.get(l) ?? (sizes.set(l, m.whole(1, 4)), sizes.get(l)!)));
  m.apply(
    'Einsum',
    shapes.map((s) => m.fresh('f32', s)),
    { equation },
  );
};

/** LSTM, GRU and RNN in all directions, with and without their optional inputs. */
const recurrent: Step = (m) => {
  const [op, gates] = m.pick([
    ['LSTM', 4],
    ['GRU', 3],
    ['RNN', 1],
  ] as const);
  const [steps, batch, width, hidden] = [m.whole(1, 4), m.whole(1, 3), m.whole(1, 4), m.whole(1, 4)];
  const direction = m.pick(['forward', 'reverse', 'bidirectional']);
  const d = direction === 'bidirectional' ? 2 : 1;
  const maybe = (make: () => string): string => (m.chance(0.5) ? make() : '');
  const inputs = [
    m.fresh('f32', [steps, batch, width]),
    m.weight([d, gates * hidden, width], 'f32', -8, 8),
    m.weight([d, gates * hidden, hidden], 'f32', -8, 8),
    maybe(() => m.weight([d, 2 * gates * hidden], 'f32', -8, 8)),
    maybe(() =>
      m.constant(
        'i32',
        [batch],
        Array.from({ length: batch }, () => m.whole(1, steps)),
      ),
    ),
    maybe(() => m.weight([d, batch, hidden], 'f32', -8, 8)),
    ...(op === 'LSTM'
      ? [maybe(() => m.weight([d, batch, hidden], 'f32', -8, 8)), maybe(() => m.weight([d, 3 * hidden], 'f32', -8, 8))]
      : []),
  ];
  const attrs: Attrs = { hidden_size: hidden, direction };
  if (op === 'GRU') attrs.linear_before_reset = m.whole(0, 1);
  if (op === 'LSTM' && m.chance(0.2)) attrs.input_forget = 1;
  if (m.chance(0.2)) attrs.clip = float(0.75);
  m.apply(op, inputs, attrs, { outputs: op === 'LSTM' ? 3 : 2 });
};

const quantize: Step = (m) => {
  const x = m.value({ rank: [1, 4], exact: true });
  const type = m.pick(['u8', 'i8'] as const);
  const axis = m.opset >= 13 && m.chance(0.4) ? m.whole(0, x.shape.length - 1) : undefined;
  const n = axis === undefined ? undefined : x.shape[axis]!;
  // Powers of two: quotients are exact, so that ties are ties everywhere.
  const scale = m.constant(
    'f32',
    n === undefined ? [] : [n],
    Array.from({ length: n ?? 1 }, () => m.pick([0.125, 0.25, 0.5])),
  );
  const zero = m.constant(
    type,
    n === undefined ? [] : [n],
    Array.from({ length: n ?? 1 }, () => m.whole(0, 10)),
  );
  const attrs: Attrs = axis === undefined ? {} : { axis };
  const [q] = m.apply('QuantizeLinear', [x, scale, zero], attrs, exactly);
  if (m.chance(0.7)) m.apply('DequantizeLinear', [q!, scale, zero], attrs, exactly);
};

const integerProducts: Step = (m) => {
  const [type, wType] = [m.pick(['u8', 'i8'] as const), m.pick(['u8', 'i8'] as const)];
  const scale = (v: number): string => m.constant('f32', [], [v]);
  const zero = (t: 'u8' | 'i8'): string => m.constant(t, [], [m.whole(0, 5)]);
  m.pick<() => void>([
    () =>
      m.apply('MatMulInteger', [m.fresh(type, [3, 4]), m.weight([4, 2], wType), zero(type), zero(wType)], {}, exactly),
    () =>
      m.apply(
        'ConvInteger',
        [m.fresh('u8', [1, 2, 5, 5]), m.weight([3, 2, 3, 3], 'u8'), zero('u8'), zero('u8')],
        { pads: [1, 1, 1, 1] },
        exactly,
      ),
    () =>
      m.apply(
        'QLinearMatMul',
        [
          m.fresh('u8', [3, 4]),
          scale(0.5),
          zero('u8'),
          m.weight([4, 2], 'u8'),
          scale(0.25),
          zero('u8'),
          scale(0.5),
          zero('u8'),
        ],
        {},
      ),
    () =>
      m.apply(
        'QLinearConv',
        [
          m.fresh('u8', [1, 2, 5, 5]),
          scale(0.5),
          zero('u8'),
          m.weight([3, 2, 3, 3], 'i8'),
          m.constant('f32', [3], [0.25, 0.5, 0.125]),
          m.constant('i8', [3], [0, 0, 0]),
          scale(4),
          zero('u8'),
          m.weight([3], 'i32'),
        ],
        { pads: [1, 0, 1, 0], strides: [1, 2] },
      ),
    () => m.apply('DynamicQuantizeLinear', [m.value({ exact: true, rank: [1, 4] })], {}, { outputs: 3 }),
  ])();
};

export const layerSteps: readonly Step[] = [
  reduce,
  reduce,
  argReduce,
  softmax,
  hardmax,
  norms,
  norms,
  conv,
  conv,
  convTranspose,
  pool,
  pool,
  globalPool,
  gemm,
  matmul,
  einsum,
  recurrent,
  quantize,
  integerProducts,
];
