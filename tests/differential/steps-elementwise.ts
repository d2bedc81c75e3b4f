import { float, type ElementType } from '../models/onnx-builder.ts';
import type { GraphMaker, Value } from './graph-maker.ts';

/** One random step: adds a node or two to the graph. */
export type Step = (m: GraphMaker) => void;

const exactly = { keepsExact: true } as const;
const floats: readonly ElementType[] = ['f32', 'f64'];
const wholeTypes: readonly ElementType[] = ['i32', 'i64'];

const smooth = [
  'Abs',
  'Neg',
  'Relu',
  'Sigmoid',
  'Tanh',
  'Softplus',
  'Softsign',
  'Erf',
  'Sin',
  'Cos',
  'Atan',
  'Identity',
  'HardSwish',
  'Mish',
] as const;
const exactOnes = new Set<string>(['Abs', 'Neg', 'Relu', 'Identity']);
/** First opset of steps that are younger than the oldest opset drawn. */
const since: Readonly<Record<string, number>> = {
  HardSwish: 14,
  Mish: 18,
  Celu: 12,
  GreaterOrEqual: 12,
  LessOrEqual: 12,
};
const known = <T extends string>(m: GraphMaker, ops: readonly T[]): T[] =>
  ops.filter((op) => (since[op] ?? 0) <= m.opset);

const unary: Step = (m) => {
  const op = m.pick(known(m, smooth));
  m.apply(op, [m.value()], {}, { keepsExact: exactOnes.has(op) });
};

const parametric: Step = (m) => {
  const x = m.value();
  const a = float(m.pick([0.01, 0.2, 0.5, 1, 1.5]));
  m.pick<() => void>([
    () => m.apply('LeakyRelu', [x], { alpha: a }),
    () => m.apply('Elu', [x], { alpha: a }),
    () => m.opset >= 12 && m.apply('Celu', [x], { alpha: a }),
    () => m.apply('Selu', [x], {}),
    () => m.apply('HardSigmoid', [x], { alpha: a, beta: float(0.3) }),
    () => m.apply('ThresholdedRelu', [m.value({ exact: true })], { alpha: a }, exactly),
    () => m.opset >= 20 && m.apply('Gelu', [x], { approximate: m.pick(['none', 'tanh']) }),
    () => m.apply('Shrink', [m.value({ exact: true })], { lambd: float(0.75), bias: float(0.25) }),
  ])();
};

/** Roundings and signs: only of values on which all agree. */
const steps: Step = (m) =>
  void m.apply(m.pick(['Floor', 'Ceil', 'Round', 'Sign']), [m.value({ exact: true })], {}, exactly);

/** Functions that take only some numbers: brought into their domain first. */
const domains: Step = (m) => {
  const [bounded] = m.apply('Clip', [m.value(), m.constant('f32', [], [-0.9]), m.constant('f32', [], [0.9])]);
  const [above] = m.apply('Add', [bounded!, m.constant('f32', [], [1.5])]);
  const op = m.pick([
    'Log',
    'Sqrt',
    'Reciprocal',
    'Exp',
    'Asin',
    'Acos',
    'Atanh',
    'Sinh',
    'Cosh',
    'Asinh',
    'Acosh',
    'Tan',
  ]);
  m.apply(op, [
    ['Log', 'Sqrt', 'Reciprocal'].includes(op)
      ? above!
      : op === 'Acosh'
        ? m.apply('Add', [above!, m.constant('f32', [], [1])])[0]!
        : bounded!,
  ]);
};

const other = (m: GraphMaker, x: Value): Value => m.fresh(x.type, m.broadcastable(x.shape));

const binary: Step = (m) => {
  const x = m.value({ types: m.chance(0.75) ? ['f32'] : ['f64', 'i32', 'i64'] });
  const op = m.pick(['Add', 'Sub', 'Mul', ...(m.opset >= 12 || x.type.startsWith('f') ? ['Max', 'Min'] : [])]);
  const y = other(m, x);
  m.apply(op, m.chance(0.5) ? [x, y] : [y, x], {}, { keepsExact: op !== 'Mul' });
};

const divide: Step = (m) => {
  const x = m.value({ types: ['f32', 'i32', 'i64'], exact: true });
  const shape = m.broadcastable(x.shape);
  const y = m.fresh(x.type, shape, m.elements(x.type, shape, 1, 20));
  const op = m.pick(['Div', 'Mod', 'Pow']);
  if (op === 'Pow') m.apply('Pow', [m.apply('Abs', [x])[0]!, m.constant('f32', [], [m.pick([0, 1, 2, 3, 0.5])])]);
  else if (op === 'Mod') m.apply('Mod', [x, y], { fmod: x.type === 'f32' ? 1 : m.whole(0, 1) }, exactly);
  else m.apply('Div', [x, y], {}, { keepsExact: x.type !== 'f32' });
};

const compare: Step = (m) => {
  const x = m.value({ types: ['f32', 'i32', 'i64'], exact: true });
  m.apply(
    m.pick(known(m, ['Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual'])),
    [x, other(m, x)],
    {},
    exactly,
  );
};

const logic: Step = (m) => {
  const x = m.value({ types: ['bool'] });
  if (m.chance(0.3)) m.apply('Not', [x], {}, exactly);
  else m.apply(m.pick(['And', 'Or', 'Xor']), [x, other(m, x)], {}, exactly);
};

const bits: Step = (m) => {
  const shape = m.shape(m.whole(1, 3));
  if (m.chance(0.4))
    m.apply(
      'BitShift',
      [m.fresh('u8', shape), m.fresh('u8', shape, m.elements('u8', shape, 0, 7))],
      { direction: m.pick(['LEFT', 'RIGHT']) },
      exactly,
    );
  else if (m.opset >= 18)
    m.apply(
      m.pick(['BitwiseAnd', 'BitwiseOr', 'BitwiseXor']),
      [m.fresh('i32', shape), m.fresh('i32', m.broadcastable(shape))],
      {},
      exactly,
    );
};

const where: Step = (m) => {
  const x = m.value({ types: ['f32', 'i64'] });
  m.apply('Where', [m.fresh('bool', m.broadcastable(x.shape)), x, other(m, x)], {}, exactly);
};

const clip: Step = (m) => {
  const x = m.value({ types: m.opset >= 12 ? ['f32', 'f64', 'i32', 'i64'] : ['f32'] });
  const bound = (v: number): string => (m.chance(0.2) ? '' : m.constant(x.type, [], [v]));
  m.apply('Clip', [x, bound(-1), bound(2)], {}, exactly);
};

const cast: Step = (m) => {
  const codes = { f32: 1, u8: 2, i8: 3, i32: 6, i64: 7, bool: 9, f64: 11 } as const;
  const x = m.value({
    types: [...(m.opset >= 12 ? [...floats, ...wholeTypes] : ['f32' as const]), 'bool', 'u8', 'i8'],
    exact: true,
  });
  // A float outside of an integer type converts as the hardware likes.
  const [small] =
    x.type === 'bool' || x.type === 'u8' || x.type === 'i8'
      ? [x]
      : m.apply('Clip', [x, m.constant(x.type, [], [0]), m.constant(x.type, [], [100])], {}, exactly);
  m.apply('Cast', [small!], { to: codes[m.pick(Object.keys(codes) as (keyof typeof codes)[])] }, exactly);
};

const variadic: Step = (m) => {
  const x = m.value();
  m.apply(m.pick(['Sum', 'Mean', 'Max', 'Min']), [x, other(m, x), other(m, x)].slice(0, m.whole(1, 3)));
};

const prelu: Step = (m) => {
  const x = m.value();
  m.apply('PRelu', [x, m.weight(m.broadcastable(x.shape))]);
};

export const elementwiseSteps: readonly Step[] = [
  unary,
  unary,
  parametric,
  parametric,
  steps,
  domains,
  binary,
  binary,
  divide,
  compare,
  logic,
  bits,
  where,
  clip,
  cast,
  variadic,
  prelu,
];
