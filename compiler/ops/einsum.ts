import { at, call, nest, read, work } from '../../hw-models/work/build.ts';
import type { Access, Loop, Nest, Operand } from '../../hw-models/work/types.ts';
import { rowMajor, walk } from '../tensor/shape.ts';
import { isBig, numbers, sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { str } from './attrs.ts';
import { defineOp } from './define.ts';
import { planEinsum, type EinsumPlan, type Factor, type ProductStep } from './kit/contraction.ts';
import { buildWrapped, operandOf, sameFormats } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';

const sizesIn = (plan: EinsumPlan, labels: readonly string[]): number[] => labels.map((l) => plan.sizes.get(l)!);

const summedIn = ({ factors, result }: ProductStep): string[] =>
  [...new Set(factors.flatMap((f) => f.labels))].filter((l) => !result.labels.includes(l));

/** Values that a step works on, by the name of the factor; shapes may say 1 where a label is stretched. */
type Values = Map<
  string,
  { readonly shape: readonly number[]; readonly data: ArrayLike<number> | BigInt64Array | BigUint64Array }
>;

/** Steps along each label: those of all the factor's axes that bear it together, and 0 for axes of size 1. */
function stepsAlong(labels: readonly string[], factor: Factor, shape: readonly number[]): number[] {
  const own = rowMajor(shape);
  return labels.map((label) =>
    factor.labels.reduce((sum, l, axis) => (l === label && shape[axis] !== 1 ? sum + own[axis]! : sum), 0),
  );
}

function offsetsOf(shape: readonly number[], steps: readonly number[]): Int32Array {
  const offsets = new Int32Array(sizeOf(shape));
  walk(shape, [steps], (i, [offset]) => (offsets[i] = offset!));
  return offsets;
}

/** Runs one product: each element of the result is a sum over the positions of the labels summed away. */
function runStep(plan: EinsumPlan, step: ProductStep, values: Values, exact: boolean): void {
  const shape = sizesIn(plan, step.result.labels);
  const summed = summedIn(step);
  const [first, second] = step.factors.map((factor) => {
    const { shape: own, data } = values.get(factor.name)!;
    const sums = offsetsOf(sizesIn(plan, summed), stepsAlong(summed, factor, own));
    return { data, sums, steps: stepsAlong(step.result.labels, factor, own) };
  });
  const steps = [first!.steps, second?.steps ?? shape.map(() => 0)];
  const n = first!.sums.length;
  if (exact) {
    const [a, b] = [first!.data as BigInt64Array, second?.data as BigInt64Array | undefined];
    const out = a instanceof BigUint64Array ? new BigUint64Array(sizeOf(shape)) : new BigInt64Array(sizeOf(shape));
    walk(shape, steps, (i, [p, q]) => {
      let sum = 0n;
      for (let k = 0; k < n; k++) sum += a[p! + first!.sums[k]!]! * (b ? b[q! + second!.sums[k]!]! : 1n);
      out[i] = sum;
    });
    values.set(step.result.name, { shape, data: out });
    return;
  }
  const [a, b] = [first!.data as ArrayLike<number>, second?.data as ArrayLike<number> | undefined];
  const [aSums, bSums] = [first!.sums, second?.sums ?? first!.sums];
  const out = new Float64Array(sizeOf(shape));
  walk(shape, steps, (i, [p, q]) => {
    let sum = 0;
    if (b) for (let k = 0; k < n; k++) sum += a[p! + aSums[k]!]! * b[q! + bSums[k]!]!;
    else for (let k = 0; k < n; k++) sum += a[p! + aSums[k]!]!;
    out[i] = sum;
  });
  values.set(step.result.name, { shape, data: out });
}

function evaluateEinsum(xs: readonly Tensor[], equation: string): Tensor {
  const plan = planEinsum(
    equation,
    xs.map((x) => x.shape),
  );
  const exact = isBig(xs[0]!);
  const values: Values = new Map(
    xs.map((x, i) => [`xs${i}`, { shape: x.shape, data: exact ? (x.data as BigInt64Array) : numbers(x) }]),
  );
  for (const step of plan.steps) runStep(plan, step, values, exact);
  const { shape, data } = values.get('out')!;
  if (exact) return tensor(xs[0]!.format, shape, data as BigInt64Array);
  const results = data as Float64Array;
  return buildWrapped(xs[0]!.format, shape, (i) => results[i]!);
}

/** A step as a nest: a MAC for each point where two factors are summed, a product or a copy where nothing is. */
function nestOf(plan: EinsumPlan, step: ProductStep, shapes: ReadonlyMap<string, readonly number[]>): Nest {
  const summed = summedIn(step);
  const loops: Loop[] = [...step.result.labels, ...summed].map((name) => ({ name, size: plan.sizes.get(name)! }));
  const access = ({ name, labels }: Factor): Access =>
    at(name, ...labels.map((l, axis) => (shapes.get(name)![axis] === 1 ? 0 : l)));
  return nest({
    loops,
    reads: step.factors.map(access),
    write: at(step.result.name, ...step.result.labels),
    compute: step.factors.length === 2 ? call('mul', read(0), read(1)) : read(0),
    combine: summed.length > 0 ? 'add' : 'set',
  });
}

/** Sums of products over labelled axes (Einstein's convention). */
export const einsum = defineOp('einsum', {
  doc: 'Sums of products of tensors, as an equation over axis labels says.',
  onnx: { type: 'Einsum', since: 12 },
  operands: ['xs...'],
  attrs: { equation: str('labels of each operand, and after "->" of the result') },
  infer: ({ xs }, { equation }) => {
    const first = xs[0] ?? misfit('Einsum has no operands', 'at least one is needed');
    for (const x of xs) sameFormats('einsum', first, x);
    const plan = planEinsum(
      equation,
      xs.map((x) => x.shape),
    );
    return { format: first.format, shape: sizesIn(plan, plan.output) };
  },
  evaluate: ({ xs }, { equation }) => evaluateEinsum(xs, equation),
  work: ({ xs }, { equation }, { out }) => {
    const plan = planEinsum(
      equation,
      xs.map((x) => x.shape),
    );
    const operands: Record<string, Operand> = Object.fromEntries(xs.map((x, i) => [`xs${i}`, operandOf(x)]));
    for (const { result } of plan.steps)
      operands[result.name] = operandOf(
        { format: out[0]!.format, shape: sizesIn(plan, result.labels) },
        result.name === 'out' ? 'output' : 'scratch',
      );
    const shapes = new Map(Object.entries(operands).map(([name, o]) => [name, o.shape]));
    return work(operands, ...plan.steps.map((step) => nestOf(plan, step, shapes)));
  },
  examples: [
    { xs: ['f32[2,2] 1 2 3 4', 'f32[2,2] 5 6 7 8'], attrs: { equation: 'ij,jk->ik' }, out: 'f32[2,2] 19 22 43 50' },
    { xs: ['f32[2,3] 1 2 3 4 5 6'], attrs: { equation: 'ij->ji' }, out: 'f32[3,2] 1 4 2 5 3 6' },
    { xs: ['i64[3,3] 1 2 3 4 5 6 7 8 9'], attrs: { equation: 'ii->i' }, out: 'i64[3] 1 5 9' },
    { xs: ['f32[2,2] 1 2 3 4'], attrs: { equation: ' ii ' }, out: 'f32[] 5' },
    { xs: ['f32[2,3] 1 2 3 4 5 6', 'f32[3] 1 1 2'], attrs: { equation: '...i, ...i' }, out: 'f32[2] 9 21' },
    { xs: ['f32[2,1,3,4] ~1', 'f32[5,4,2] ~2'], attrs: { equation: 'b...ij,...jk->...bik' } },
    { xs: ['f32[2,3,4] ~1', 'f32[4,5] ~2', 'f32[5,3,6] ~3'], attrs: { equation: 'abc,cd,dbe' } },
    { xs: ['f32[2,3] ~1', 'f32[] 3', 'f32[4] ~2'], attrs: { equation: 'ij,,k->i' } },
    { xs: ['i8[3] 100 2 -3', 'i8[2] 2 1'], attrs: { equation: 'i,j->ji' }, out: 'i8[2,3] -56 4 -6 100 2 -3' },
  ],
});
