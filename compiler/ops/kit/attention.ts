import { fail } from '../../../src/base/diagnostics.ts';
import type { TensorType } from '../../ir/types.ts';
import { showShape } from '../../tensor/shape.ts';

export interface AttentionAttrs {
  readonly qNumHeads?: number;
  readonly kvNumHeads?: number;
  readonly scale?: number;
  readonly isCausal: boolean;
  readonly softcap: number;
  readonly leftWindowSize: number;
  readonly rightWindowSize: number;
}

export interface AttentionOperands<T extends TensorType> {
  readonly q: T;
  readonly k: T;
  readonly v: T;
  readonly mask?: T | undefined;
  readonly pastKey?: T | undefined;
  readonly pastValue?: T | undefined;
  readonly validLengths?: T | undefined;
}

export interface AttentionSizes {
  readonly batch: number;
  /** Query heads, key/value heads, and query heads per key/value head. */
  readonly heads: number;
  readonly kvHeads: number;
  readonly share: number;
  readonly queries: number;
  /** New keys, keys from the cache, and both together. */
  readonly keys: number;
  readonly past: number;
  readonly total: number;
  /** Width of queries and keys, and of values. */
  readonly width: number;
  readonly valueWidth: number;
  /** True when operands are [batch, sequence, heads * width] instead of [batch, heads, sequence, width]. */
  readonly packed: boolean;
  readonly scale: number;
}

const wrong = (cause: string): never =>
  fail('NL1014', {
    message: 'the operands of an attention do not fit',
    cause,
    fix: 'correct the model, or give the right input shape with --shape',
  });

interface Heads {
  readonly heads: number;
  readonly sequence: number;
  readonly width: number;
}

function headsOf(name: string, t: TensorType, given: number | undefined): Heads {
  const { shape } = t;
  if (shape.length === 4) return { heads: shape[1]!, sequence: shape[2]!, width: shape[3]! };
  if (shape.length !== 3) return wrong(`${name} has shape ${showShape(shape)}; it needs 3 or 4 axes`);
  if (given === undefined || given < 1 || shape[2]! % given !== 0)
    return wrong(
      `${name} has shape ${showShape(shape)}, which does not split into ${given ?? 'an unknown number of'} heads`,
    );
  return { heads: given, sequence: shape[1]!, width: shape[2]! / given };
}

/** @throws NetloomError NL1014 when operands do not fit together */
export function attentionSizes(o: AttentionOperands<TensorType>, attrs: AttentionAttrs): AttentionSizes {
  const [q, k, v] = [
    headsOf('Q', o.q, attrs.qNumHeads),
    headsOf('K', o.k, attrs.kvNumHeads),
    headsOf('V', o.v, attrs.kvNumHeads),
  ];
  const batch = o.q.shape[0]!;
  if (o.k.shape[0] !== batch || o.v.shape[0] !== batch)
    wrong(`the batches of Q, K and V are ${batch}, ${o.k.shape[0]} and ${o.v.shape[0]}`);
  if (k.heads !== v.heads || k.heads < 1 || q.heads % k.heads !== 0)
    wrong(`${q.heads} query heads do not share ${k.heads} key and ${v.heads} value heads evenly`);
  if (q.width !== k.width) wrong(`queries are ${q.width} wide, keys ${k.width}`);
  if (k.sequence !== v.sequence) wrong(`there are ${k.sequence} keys and ${v.sequence} values`);
  if (!o.pastKey !== !o.pastValue) wrong('past keys and past values come together or not at all');
  if (o.pastKey && o.validLengths)
    wrong('nonpad_kv_seqlen is for a cache outside of the operator, past_key for one inside');
  const past = o.pastKey?.shape[2] ?? 0;
  const total = past + k.sequence;
  checkCache('past_key', o.pastKey, [batch, k.heads, past, k.width]);
  checkCache('past_value', o.pastValue, [batch, k.heads, past, v.width]);
  checkCache('nonpad_kv_seqlen', o.validLengths, [batch]);
  if (o.mask) checkMask(o.mask.shape, [batch, q.heads, q.sequence, total]);
  return {
    batch,
    heads: q.heads,
    kvHeads: k.heads,
    share: q.heads / k.heads,
    queries: q.sequence,
    keys: k.sequence,
    past,
    total,
    width: q.width,
    valueWidth: v.width,
    packed: o.q.shape.length === 3,
    scale: attrs.scale ?? 1 / Math.sqrt(q.width),
  };
}

function checkCache(name: string, t: TensorType | undefined, shape: readonly number[]): void {
  if (t && (t.shape.length !== shape.length || t.shape.some((d, i) => d !== shape[i])))
    wrong(`${name} has shape ${showShape(t.shape)}, ${showShape(shape)} is needed`);
}

/** A mask stretches to [batch, heads, queries, keys]; its last axis may be shorter, what is missing is masked. */
function checkMask(mask: readonly number[], full: readonly number[]): void {
  const lead = full.length - mask.length;
  const fits =
    lead >= 0 &&
    mask.every((d, axis) => (axis === mask.length - 1 ? d <= full[3]! : d === 1 || d === full[axis + lead]));
  if (!fits) wrong(`the mask has shape ${showShape(mask)}, which does not stretch to ${showShape(full)}`);
}

/** True when some key may be hidden from some query. */
export const isMasked = (o: AttentionOperands<TensorType>, attrs: AttentionAttrs): boolean =>
  o.mask !== undefined ||
  o.validLengths !== undefined ||
  attrs.isCausal ||
  attrs.leftWindowSize >= 0 ||
  attrs.rightWindowSize >= 0;
