import { float, type AttrText } from '../models/onnx-builder.ts';
import type { GraphMaker, Value } from './graph-maker.ts';
import type { Step } from './steps-elementwise.ts';

const exactly = { keepsExact: true } as const;
const anyType = ['f32', 'i64', 'i32', 'bool'] as const;
const any = (m: GraphMaker, least = 1, most = 4): Value => m.value({ types: anyType, rank: [least, most] });
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const axisOf = (m: GraphMaker, rank: number): number => m.whole(-rank, rank - 1);

const reshape: Step = (m) => {
  const x = any(m);
  const n = size(x.shape);
  const target = m.pick([[-1], [1, -1], [n, 1], [0, -1], [x.shape[0]!, -1], [...x.shape, 1], [1, ...x.shape]]);
  m.apply('Reshape', [x, m.wholes(target)], {}, exactly);
};

const transpose: Step = (m) => {
  const x = any(m);
  m.apply('Transpose', [x], m.chance(0.2) ? {} : { perm: m.shuffled(x.shape.map((_, i) => i)) }, exactly);
};

const flatten: Step = (m) => {
  const x = any(m);
  m.apply('Flatten', [x], { axis: m.whole(-x.shape.length, x.shape.length) }, exactly);
};

const squeezes: Step = (m) => {
  const x = any(m, 1, 3);
  const axes = [m.whole(0, x.shape.length)];
  const along = (op: string, y: Value): Value[] =>
    m.opset < 13 ? m.apply(op, [y], { axes }, exactly) : m.apply(op, [y, m.wholes(axes)], {}, exactly);
  const [wide] = along('Unsqueeze', x);
  if (m.chance(0.3)) along('Squeeze', wide!);
  else if (m.chance(0.3)) m.apply('Squeeze', [wide!], {}, exactly);
};

const concat: Step = (m) => {
  const x = any(m);
  const axis = axisOf(m, x.shape.length);
  const at = axis < 0 ? axis + x.shape.length : axis;
  const others = Array.from({ length: m.whole(0, 2) }, () =>
    m.fresh(
      x.type,
      x.shape.map((d, i) => (i === at ? m.whole(1, 3) : d)),
    ),
  );
  m.apply('Concat', m.shuffled([x, ...others]), { axis }, exactly);
};

const split: Step = (m) => {
  const x = any(m);
  const axis = m.whole(0, x.shape.length - 1);
  const n = x.shape[axis]!;
  if (n < 2) return;
  const first = m.whole(1, n - 1);
  if (m.opset < 13) m.apply('Split', [x], { axis, split: [first, n - first] }, { outputs: 2, ...exactly });
  else m.apply('Split', [x, m.wholes([first, n - first])], { axis }, { outputs: 2, ...exactly });
};

const slice: Step = (m) => {
  const x = any(m);
  const axes = m.shuffled(x.shape.map((_, i) => i)).slice(0, m.whole(1, x.shape.length));
  const cuts = axes.map((a) => {
    const d = x.shape[a]!;
    const from = m.whole(0, d - 1);
    return m.chance(0.3)
      ? { start: from, end: -d - 1, step: -m.whole(1, 2) }
      : { start: m.chance(0.5) ? from : from - d, end: m.pick([d, 2 ** 31, from + 1]), step: m.whole(1, 3) };
  });
  m.apply(
    'Slice',
    [
      x,
      m.wholes(cuts.map((c) => c.start)),
      m.wholes(cuts.map((c) => c.end)),
      m.wholes(axes),
      m.wholes(cuts.map((c) => c.step)),
    ],
    {},
    exactly,
  );
};

const indices = (m: GraphMaker, shape: readonly number[], limit: number): string =>
  m.constant(
    'i64',
    shape,
    Array.from({ length: size(shape) }, () => m.whole(-limit, limit - 1)),
  );

const gathers: Step = (m) => {
  const x = any(m);
  const axis = m.whole(0, x.shape.length - 1);
  const d = x.shape[axis]!;
  m.pick<() => void>([
    () => m.apply('Gather', [x, indices(m, m.pick([[], [2], [2, 3]]), d)], { axis }, exactly),
    () =>
      m.apply(
        'GatherElements',
        [
          x,
          indices(
            m,
            x.shape.map((n, i) => (i === axis ? m.whole(1, 3) : n)),
            d,
          ),
        ],
        { axis },
        exactly,
      ),
    () => m.apply('GatherND', [x, indices(m, [m.whole(1, 3), 1], x.shape[0]!)], {}, exactly),
  ])();
};

const scatters: Step = (m) => {
  const x = m.value({ rank: [1, 3] });
  const axis = m.whole(0, x.shape.length - 1);
  const reduction =
    m.opset >= 18
      ? m.pick(['none', 'add', 'mul', 'max', 'min'])
      : m.opset >= 16
        ? m.pick(['none', 'add', 'mul'])
        : undefined;
  const attrs: Record<string, AttrText> = reduction === undefined ? {} : { reduction };
  // Each place once, since the order of writes is open otherwise.
  const places = m.shuffled(Array.from({ length: x.shape[axis]! }, (_, i) => i)).slice(0, 1);
  const shape = x.shape.map((n, i) => (i === axis ? 1 : n));
  if (m.chance(0.5))
    m.apply(
      'ScatterElements',
      [x, m.constant('i64', shape, new Array<number>(size(shape)).fill(places[0]!)), m.fresh('f32', shape)],
      { axis, ...attrs },
    );
  else
    m.apply(
      'ScatterND',
      [x, m.constant('i64', [1, 1], [m.whole(0, x.shape[0]! - 1)]), m.fresh('f32', [1, ...x.shape.slice(1)])],
      attrs,
    );
};

const pad: Step = (m) => {
  const x = m.value({ types: ['f32', 'i64'], rank: [1, 4] });
  const mode = m.pick(['constant', 'constant', 'reflect', 'edge', ...(m.opset >= 19 ? ['wrap'] : [])]);
  const most = (d: number): number => (mode === 'reflect' ? Math.min(2, d - 1) : mode === 'wrap' ? Math.min(2, d) : 2);
  const pads = [...x.shape, ...x.shape].map((d) => m.whole(mode === 'constant' && d > 2 ? -1 : 0, most(d)));
  m.apply(
    'Pad',
    [x, m.wholes(pads), ...(mode === 'constant' && m.chance(0.5) ? [m.constant(x.type, [], [3])] : [])],
    { mode },
    exactly,
  );
};

const repeat: Step = (m) => {
  const x = any(m, 1, 3);
  if (m.chance(0.5)) m.apply('Tile', [x, m.wholes(x.shape.map(() => m.whole(1, 3)))], {}, exactly);
  else
    m.apply(
      'Expand',
      [x, m.wholes([2, ...x.shape.map((d) => (d === 1 ? m.whole(1, 3) : m.pick([d, 1])))].slice(m.whole(0, 1)))],
      {},
      exactly,
    );
};

const spaceDepth: Step = (m) => {
  if (m.chance(0.5))
    m.apply(
      'DepthToSpace',
      [m.fresh('f32', [m.whole(1, 2), 4 * m.whole(1, 3), 2, 3])],
      { blocksize: 2, mode: m.pick(['DCR', 'CRD']) },
      exactly,
    );
  else m.apply('SpaceToDepth', [m.fresh('f32', [1, m.whole(1, 3), 4, 6])], { blocksize: 2 }, exactly);
};

const resize: Step = (m) => {
  const x = m.fresh('f32', [1, m.whole(1, 2), m.whole(2, 6), m.whole(2, 6)]);
  const mode = m.pick(['nearest', 'linear', 'cubic']);
  const coordinate = m.pick(['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel']);
  const attrs: Record<string, AttrText> = { mode, coordinate_transformation_mode: coordinate };
  const roi = m.opset < 13 ? m.constant('f32', [0], []) : '';
  if (mode === 'nearest') attrs.nearest_mode = m.pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']);
  if (mode === 'cubic') attrs.cubic_coeff_a = float(m.pick([-0.75, -0.5]));
  // pytorch_half_pixel: for a result of length 1 ONNX's reference takes position -0.5, its text and ONNX Runtime take 0.
  // align_corners: the reference goes by the length before it is cut to a whole number, ONNX Runtime by that after.
  const mayShrink = coordinate === 'half_pixel' || coordinate === 'asymmetric';
  // Whole factors: coordinates of other ones fall beside a pixel's edge by a rounding, on either side.
  if (m.chance(0.6) || mode === 'nearest')
    m.apply(
      'Resize',
      [x, roi, m.constant('f32', [4], [1, 1, m.pick(mayShrink ? [1, 2, 0.5] : [1, 2]), m.pick([2, 4])])],
      attrs,
    );
  else
    m.apply(
      'Resize',
      [
        x,
        roi,
        m.opset < 13 ? m.constant('f32', [0], []) : '',
        m.wholes([1, x.shape[1]!, m.whole(2, 9), m.whole(2, 9)]),
      ],
      attrs,
    );
};

const topK: Step = (m) => {
  const shape = m.shape(m.whole(1, 3), 6);
  // No two elements alike: the order of equals is each runtime's own.
  const all = m.shuffled(Array.from({ length: size(shape) }, (_, i) => i - 10));
  const x = m.fresh('f32', shape, { type: 'f32', shape, values: all });
  const axis = m.whole(0, shape.length - 1);
  m.apply(
    'TopK',
    [x, m.wholes([m.whole(1, shape[axis]!)])],
    { axis, largest: m.whole(0, 1), sorted: 1 },
    { outputs: 2, ...exactly },
  );
};

const shapes: Step = (m) => {
  const x = any(m);
  m.pick<() => void>([
    () =>
      m.apply(
        'Shape',
        [x],
        m.opset >= 15 && m.chance(0.5) ? { start: m.whole(-2, 1), end: m.whole(1, 4) } : {},
        exactly,
      ),
    () => m.apply('Size', [x], {}, exactly),
    () =>
      m.apply(
        'ConstantOfShape',
        [m.wholes(m.shape(2))],
        { value: { type: 'i64', shape: [1], values: [m.whole(-3, 3)] } },
        exactly,
      ),
    () =>
      m.apply(
        'Range',
        [
          m.constant('i64', [], [m.whole(-3, 3)]),
          m.constant('i64', [], [m.whole(4, 9)]),
          m.constant('i64', [], [m.whole(1, 3)]),
        ],
        {},
        exactly,
      ),
    () => m.apply('EyeLike', [m.fresh('f32', m.shape(2))], { k: m.whole(-2, 2) }, exactly),
  ])();
};

const oneHot: Step = (m) => {
  const shape = m.shape(m.whole(1, 2));
  const depth = m.whole(1, 5);
  const ids = m.fresh('i64', shape, {
    type: 'i64',
    shape,
    values: Array.from({ length: size(shape) }, () => m.whole(-depth, depth - 1)),
  });
  m.apply(
    'OneHot',
    [ids, m.constant('i64', [], [depth]), m.constant('f32', [2], [-1, 2])],
    { axis: m.pick([-1, 0, 1]) },
    exactly,
  );
};

const scans: Step = (m) => {
  const x = m.value({ rank: [1, 4], exact: true });
  m.apply(
    'CumSum',
    [x, m.constant('i64', [], [axisOf(m, x.shape.length)])],
    { exclusive: m.whole(0, 1), reverse: m.whole(0, 1) },
    exactly,
  );
};

const trilu: Step = (m) => {
  if (m.opset < 14) return;
  const x = m.value({ types: ['f32', 'i64'], rank: [2, 4] });
  m.apply('Trilu', [x, m.constant('i64', [], [m.whole(-3, 3)])], { upper: m.whole(0, 1) }, exactly);
};

const reverse: Step = (m) => {
  const [time, batch] = [m.whole(1, 4), m.whole(1, 4)];
  const x = m.fresh('f32', [time, batch, 2]);
  m.apply(
    'ReverseSequence',
    [
      x,
      m.constant(
        'i64',
        [batch],
        Array.from({ length: batch }, () => m.whole(1, time)),
      ),
    ],
    { time_axis: 0, batch_axis: 1 },
    exactly,
  );
};

const gridSample: Step = (m) => {
  if (m.opset < 16) return;
  const x = m.fresh('f32', [1, 2, m.whole(2, 5), m.whole(2, 5)]);
  const grid = m.fresh('f32', [1, 3, 2, 2], m.elements('f32', [1, 3, 2, 2], -11, 11));
  const mode = m.opset >= 20 ? m.pick(['linear', 'cubic']) : m.pick(['bilinear', 'bicubic']);
  // ONNX's reference brings cubic positions inside before it looks at their neighbours; ONNX Runtime brings in neighbours only.
  const padding = m.pick(mode.endsWith('cubic') ? ['zeros', 'reflection'] : ['zeros', 'border', 'reflection']);
  m.apply('GridSample', [x, grid], { mode, padding_mode: padding, align_corners: m.whole(0, 1) });
};

/** Sizes that depend on data, from constants so that shapes are known. */
const counted: Step = (m) => {
  const n = m.whole(2, 6);
  const list = m.constant(
    'f32',
    [n],
    Array.from({ length: n }, () => m.whole(0, 3)),
  );
  m.pick<() => void>([
    () => m.apply('NonZero', [list], {}, exactly),
    () =>
      m.apply(
        'Compress',
        [
          list,
          m.constant(
            'bool',
            [n],
            Array.from({ length: n }, (_, i) => (i === 0 ? 1 : m.whole(0, 1))),
          ),
        ],
        { axis: 0 },
        exactly,
      ),
    () => m.apply('Unique', [list], { sorted: 1 }, { outputs: 4, ...exactly }),
  ])();
};

const dropout: Step = (m) => void m.apply('Dropout', [m.value()], {}, exactly);

export const movementSteps: readonly Step[] = [
  reshape,
  transpose,
  flatten,
  squeezes,
  concat,
  concat,
  split,
  slice,
  slice,
  gathers,
  gathers,
  scatters,
  pad,
  pad,
  repeat,
  spaceDepth,
  resize,
  resize,
  topK,
  shapes,
  oneHot,
  scans,
  trilu,
  reverse,
  gridSample,
  counted,
  dropout,
];
