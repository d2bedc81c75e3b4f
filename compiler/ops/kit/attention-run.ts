import { bool, type Format } from '../../formats/index.ts';
import { broadcastSteps } from '../../tensor/shape.ts';
import { build, numbers, type Tensor } from '../../tensor/tensor.ts';
import type { AttentionAttrs, AttentionOperands, AttentionSizes } from './attention.ts';

/** What an attention computes on its way, row by row of [batch, heads, queries, keys]. */
export type Stage = 'product' | 'capped' | 'masked' | 'weights';

/** Elements as [batch, heads, sequence, width], whichever layout they come in. */
function unpacked(t: Tensor, packed: boolean, heads: number, sequence: number, width: number): ArrayLike<number> {
  const values = numbers(t);
  if (!packed) return values;
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const [d, h] = [i % width, Math.floor(i / width) % heads];
    const row = Math.floor(i / (width * heads));
    const [s, b] = [row % sequence, Math.floor(row / sequence)];
    out[((b * heads + h) * sequence + s) * width + d] = values[i]!;
  }
  return out;
}

/** The cache followed by the new elements, as [batch, kv heads, past + keys, width]. */
export function presentOf(past: Tensor | undefined, fresh: Tensor, s: AttentionSizes, width: number): Tensor {
  const next = unpacked(fresh, s.packed, s.kvHeads, s.keys, width);
  const before = past && numbers(past);
  return build(fresh.format, [s.batch, s.kvHeads, s.total, width], (i) => {
    const d = i % width;
    const t = Math.floor(i / width) % s.total;
    const line = Math.floor(i / (width * s.total));
    return t < s.past ? before![(line * s.past + t) * width + d]! : next[(line * s.keys + t - s.past) * width + d]!;
  });
}

/** What is added to the score of key `t` for a query: 0, an element of the mask, or -Infinity where the key is hidden. */
function biasOf(
  o: AttentionOperands<Tensor>,
  attrs: AttentionAttrs,
  s: AttentionSizes,
): (b: number, h: number, l: number, t: number) => number {
  const mask = o.mask && numbers(o.mask);
  const keys = o.mask?.shape[o.mask.shape.length - 1] ?? s.total;
  const steps = o.mask ? broadcastSteps(o.mask.shape, [s.batch, s.heads, s.queries, keys]) : [0, 0, 0, 0];
  const truth = o.mask?.format === bool;
  const valid = o.validLengths && numbers(o.validLengths);
  const { leftWindowSize: left, rightWindowSize: right, isCausal } = attrs;
  return (b, h, l, t) => {
    const place = l + (valid ? valid[b]! - s.queries : s.past);
    if (valid && t >= valid[b]!) return -Infinity;
    if ((isCausal && t > place) || (left >= 0 && t < place - left) || (right >= 0 && t > place + right))
      return -Infinity;
    if (!mask) return 0;
    if (t >= keys) return -Infinity;
    const m = mask[b * steps[0]! + h * steps[1]! + l * steps[2]! + (keys === 1 ? 0 : t)]!;
    return truth ? (m ? 0 : -Infinity) : m;
  };
}

export interface AttentionRun {
  /** Element type of the softmax. */
  readonly precision: Format;
  /** Sees a row of a stage with the offset of its first element. */
  readonly observe?: (stage: Stage, offset: number, row: Float64Array) => void;
}

/**
 * The result of an attention, in the layout of Q. Steps round to the element type where the operator's definition
 * as a function has a tensor: scaled factors, scores, masked scores, weights.
 */
export function runAttention(
  o: AttentionOperands<Tensor>,
  attrs: AttentionAttrs,
  s: AttentionSizes,
  keys: Tensor,
  values: Tensor,
  { precision, observe }: AttentionRun,
): Float64Array {
  const { round } = o.q.format;
  const root = round(Math.sqrt(s.scale));
  const scaled = (x: ArrayLike<number>): Float64Array => Float64Array.from(x, (v) => round(v * root));
  const q = scaled(unpacked(o.q, s.packed, s.heads, s.queries, s.width));
  const k = scaled(numbers(keys));
  const v = numbers(values);
  const bias = biasOf(o, attrs, s);
  const out = new Float64Array(s.batch * s.heads * s.queries * s.valueWidth);
  const row = new Float64Array(s.total);
  for (let b = 0; b < s.batch; b++) {
    for (let h = 0; h < s.heads; h++) {
      const kv = b * s.kvHeads + Math.floor(h / s.share);
      for (let l = 0; l < s.queries; l++) {
        const line = (b * s.heads + h) * s.queries + l;
        const show = (stage: Stage): void => observe?.(stage, line * s.total, row);
        for (let t = 0; t < s.total; t++) {
          let sum = 0;
          for (let d = 0; d < s.width; d++) sum += q[line * s.width + d]! * k[(kv * s.total + t) * s.width + d]!;
          row[t] = round(sum);
        }
        show('product');
        if (attrs.softcap > 0)
          for (let t = 0; t < s.total; t++)
            row[t] = round(round(Math.tanh(round(row[t]! / attrs.softcap))) * attrs.softcap);
        show('capped');
        let visible = false;
        for (let t = 0; t < s.total; t++) {
          const extra = bias(b, h, l, t);
          visible ||= extra !== -Infinity;
          row[t] = extra === -Infinity ? -Infinity : round(row[t]! + extra);
        }
        show('masked');
        softmaxRow(row, precision.round);
        // A query that sees no key gets nothing, not NaN.
        for (let t = 0; t < s.total; t++) row[t] = visible ? round(row[t]!) : 0;
        show('weights');
        const first = (s.packed ? (b * s.queries + l) * s.heads + h : line) * s.valueWidth;
        for (let e = 0; e < s.valueWidth; e++) {
          let sum = 0;
          for (let t = 0; t < s.total; t++) sum += row[t]! * v[(kv * s.total + t) * s.valueWidth + e]!;
          out[first + e] = sum;
        }
      }
    }
  }
  return out;
}

function softmaxRow(row: Float64Array, round: (x: number) => number): void {
  let max = -Infinity;
  for (let t = 0; t < row.length; t++) {
    row[t] = round(row[t]!);
    if (row[t]! > max || Number.isNaN(row[t]!)) max = row[t]!;
  }
  let sum = 0;
  for (let t = 0; t < row.length; t++) sum += row[t] = round(Math.exp(round(row[t]! - (max === -Infinity ? 0 : max))));
  sum = round(sum);
  for (let t = 0; t < row.length; t++) row[t] = sum === 0 ? 0 : round(row[t]! / sum);
}
