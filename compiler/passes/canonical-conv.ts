import { rulePass, type Rewrite, type RuleContext } from '../ir/rewrite.ts';
import { absent, type Attrs, type Op, type ValueId } from '../ir/types.ts';
import { pad, padsByAxis, type AxisPads } from '../ops/pad.ts';
import { isSettled, splatOf, wholesOf } from './kit/known.ts';

/** What an op over windows makes of padding: what stands outside its input, and when it can take over more of it. */
interface Windowed {
  /** The value that its own padding stands for. */
  readonly outside: (context: RuleContext, op: Op) => number;
  readonly takesOver: (attrs: Attrs, own: readonly number[]) => Attrs | undefined;
}

const nothing = (): Attrs => ({});
const hasNone = (own: readonly number[]): boolean => own.every((p) => p === 0);

const windowed: Readonly<Record<string, Windowed>> = {
  conv: { outside: () => 0, takesOver: nothing },
  // With explicit zeros every position counted; that stays so only when the op's own padding counts too.
  'average-pool': {
    outside: () => 0,
    takesOver: (attrs, own) =>
      attrs.ceilMode
        ? undefined
        : attrs.countIncludePad || hasNone(own)
          ? { countIncludePad: typeof attrs.countIncludePad === 'number' ? 1 : true }
          : undefined,
  },
  'max-pool': {
    outside: ({ typeOf }, op) =>
      typeOf(op.inputs[0]!).format.kind === 'float' ? -Infinity : typeOf(op.inputs[0]!).format.min,
    takesOver: (attrs) => (attrs.ceilMode ? undefined : {}),
  },
};

/** A padding that stands before an op with padding of its own becomes part of it. */
export const canonicalConv = rulePass({
  name: 'canonical-conv',
  doc: 'A Pad with zeros becomes part of the convolution or average pooling after it (a Pad with the lowest value of a max pooling).',
  rule(op, context) {
    const form = windowed[op.kind];
    const padding = context.producer(op.inputs[0]);
    if (!form || !padding || !pad.is(padding) || op.outputs.length !== 1) return;
    return mergedPadding(op, padding, form, context);
  },
});

function mergedPadding(op: Op, padding: Op, form: Windowed, context: RuleContext): Rewrite | undefined {
  const [padded] = padding.outputs as readonly [ValueId];
  const [x, pads, value, axes] = padding.inputs as readonly [ValueId, ValueId, ValueId?, ValueId?];
  const { shape } = context.typeOf(x);
  const known = wholesOf(context, pads);
  const fill = value && value !== absent ? splatOf(context.constOf(value)) : 0;
  const axesKnown = axes && axes !== absent ? wholesOf(context, axes) : shape.map((_, i) => i);
  if (
    !known ||
    !axesKnown ||
    fill === undefined ||
    !isSettled(context.typeOf(padded)) ||
    pad.attrsOf(padding).mode !== 'constant'
  )
    return undefined;
  if (fill !== form.outside(context, op)) return undefined;
  const byAxis = padsByAxis(shape.length, known, axesKnown);
  const [batch, channels, ...spatial] = byAxis as [AxisPads, AxisPads, ...AxisPads[]];
  if (![batch, channels].every((p) => p.begin === 0 && p.end === 0) || spatial.some((p) => p.begin < 0 || p.end < 0))
    return undefined;
  const given = op.attrs.pads as readonly number[] | undefined;
  const own = given?.length ? given : new Array<number>(2 * spatial.length).fill(0);
  const extra = form.takesOver(op.attrs, own);
  if (!extra) return undefined;
  const added = [...spatial.map((p) => p.begin), ...spatial.map((p) => p.end)];
  const attrs = { ...op.attrs, ...extra, pads: own.map((p, i) => p + added[i]!) };
  const consumed = context.soleUser(padded) === op ? [padding, op] : [op];
  return context.replace(consumed, [{ kind: op.kind, inputs: [x, ...op.inputs.slice(1)], outputs: op.outputs, attrs }]);
}
