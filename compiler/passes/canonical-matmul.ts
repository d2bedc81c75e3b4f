import { isFloat } from '../formats/index.ts';
import { rulePass, type NewOp, type Rewrite, type RuleContext } from '../ir/rewrite.ts';
import { absent, type Attrs, type Op, type ValueId } from '../ir/types.ts';
import { transpose } from '../ops/transpose.ts';
import { build, numbers, type Tensor } from '../tensor/tensor.ts';
import { isSettled, perChannel } from './kit/known.ts';

/** Factors and transpositions of a Gemm go into its constants; products of matrices have one form each. */
export const canonicalMatmul = rulePass({
  name: 'canonical-matmul',
  doc: 'A gemm with constant weights has alpha, beta and transB worked into its constants; without a bias it is a matmul; a matmul of matrices followed by a constant row is a gemm.',
  rule(op, context) {
    if (op.kind === 'gemm') return plainGemm(op, context);
    if (op.kind === 'add') return withBias(op, context);
    return undefined;
  },
});

interface GemmAttrs {
  readonly alpha: number;
  readonly beta: number;
  readonly transA: boolean;
  readonly transB: boolean;
}

const gemmAttrs = (attrs: Attrs): GemmAttrs => {
  const {
    alpha = 1,
    beta = 1,
    transA = 0,
    transB = 0,
  } = attrs as { alpha?: number; beta?: number; transA?: number | boolean; transB?: number | boolean };
  return { alpha, beta, transA: Boolean(transA), transB: Boolean(transB) };
};

function plainGemm(op: Op, context: RuleContext): Rewrite | undefined {
  const attrs = gemmAttrs(op.attrs);
  const [a, b, given] = op.inputs as readonly [ValueId, ValueId, ValueId?];
  const c = given === absent || attrs.beta === 0 ? undefined : given;
  let [left, right, bias] = [a, b, c];
  let { alpha, beta, transA, transB } = attrs;
  const weights = context.constOf(b);
  if (weights && isFloat(weights.format) && (transB || alpha !== 1) && context.soleUser(b)) {
    right = context.constant(`${b}/plain`, scaled(transB ? turned(weights) : weights, alpha), [b]);
    [alpha, transB] = [1, false];
  }
  const rows = context.constOf(a);
  if (rows && transA && context.soleUser(a)) {
    left = context.constant(`${a}/plain`, turned(rows), [a]);
    transA = false;
  }
  const row = context.constOf(c);
  if (c && row && beta !== 1 && isFloat(row.format)) {
    bias = context.constant(`${c}/scaled`, scaled(row, beta), [c]);
    beta = 1;
  }
  if (!bias) beta = 1;
  const isPlain = !bias && alpha === 1 && !transA && !transB;
  if (!isPlain && left === a && right === b && bias === given && beta === attrs.beta) return undefined;
  const draft: NewOp = isPlain
    ? { kind: 'matmul', inputs: [left, right], outputs: op.outputs }
    : {
        kind: 'gemm',
        inputs: [left, right, ...(bias ? [bias] : [])],
        outputs: op.outputs,
        attrs: changed(op.attrs, { alpha, beta, transA, transB }),
      };
  return context.replace([op], [draft]);
}

/** The attributes that are not at their defaults, in the form the op had them. */
function changed(old: Attrs, attrs: GemmAttrs): Attrs {
  const { alpha, beta } = attrs;
  const flagLike = (name: 'transA' | 'transB'): Attrs => (attrs[name] ? { [name]: old[name]! } : {});
  return {
    ...(alpha === 1 ? {} : { alpha }),
    ...(beta === 1 ? {} : { beta }),
    ...flagLike('transA'),
    ...flagLike('transB'),
  };
}

const turned = (t: Tensor): Tensor => transpose.evaluate([t], {}, { wanted: [true], bodies: [], run: () => [] })[0]!;

function scaled(t: Tensor, by: number): Tensor {
  if (by === 1) return t;
  const values = numbers(t);
  return build(t.format, t.shape, (i) => values[i]! * by);
}

/** x W + row, for matrices x and W, is one gemm. */
function withBias(op: Op, context: RuleContext): Rewrite | undefined {
  const [a, b] = op.inputs as readonly [ValueId, ValueId];
  for (const [product, row] of [
    [a, b],
    [b, a],
  ] as const) {
    const matmul = context.producer(product);
    const value = context.constOf(row);
    if (matmul?.kind !== 'matmul' || !value || context.soleUser(product) !== op) continue;
    const types = [...matmul.inputs, op.outputs[0]!].map((id) => context.typeOf(id));
    if (!types.every((t) => isSettled(t) && t.shape.length === 2)) continue;
    if (
      !isFloat(types[0]!.format) ||
      !perChannel(value, types[2]!.shape, 1) ||
      context.typeOf(product).shape[0] !== types[2]!.shape[0]
    )
      continue;
    return context.replace([matmul, op], [{ kind: 'gemm', inputs: [...matmul.inputs, row], outputs: op.outputs }]);
  }
  return undefined;
}
