import {
  at,
  call,
  index,
  loops as loopsOf,
  loopValue,
  macs,
  nest,
  padded,
  read,
} from '../../../hw-models/work/build.ts';
import type { Access, Index, Operand, Scalar, Step } from '../../../hw-models/work/types.ts';
import { bool } from '../../formats/index.ts';
import type { TensorType } from '../../ir/types.ts';
import type { OperandInfo } from '../define.ts';
import { isMasked, type AttentionAttrs, type AttentionOperands, type AttentionSizes } from './attention.ts';
import type { Stage } from './attention-run.ts';
import { exponentialSteps, softmaxScratch, type LineNests } from './softmax.ts';
import { operandOf } from './elementwise.ts';

export interface AttentionPlan {
  readonly operands: AttentionOperands<OperandInfo>;
  readonly attrs: AttentionAttrs;
  readonly sizes: AttentionSizes;
  readonly out: readonly TensorType[];
  readonly wanted: readonly boolean[];
  /** The stage that the fourth output shows. */
  readonly shown: Stage;
}

export interface AttentionNests {
  readonly operands: Record<string, Operand>;
  readonly steps: readonly Step[];
}

/** Loops `g` over key/value heads and `r` over the query heads that share one. */
const headOf = (s: AttentionSizes): Index => index(['g', s.share, 'r', 1]);

/** Two batched matrix products with the softmax between them; caches are written first. */
export function attentionNests(plan: AttentionPlan): AttentionNests {
  const { operands: o, sizes: s, out, wanted } = plan;
  const rows = loopsOf({ b: s.batch, g: s.kvHeads, r: s.share, l: s.queries });
  const all = [...rows, ...loopsOf({ t: s.total })];
  const shape = [s.batch, s.heads, s.queries, s.total];
  const { format } = o.q;
  const keys = cacheSteps(plan, 'k', 'pastKey', 'presentKey', s.width, wanted[1] ?? false);
  const values = cacheSteps(plan, 'v', 'pastValue', 'presentValue', s.valueWidth, wanted[2] ?? false);
  const full = (operand: string): Access => at(operand, 'b', headOf(s), 'l', 't');
  const lines: LineNests = {
    loops: all,
    rest: rows,
    all: full,
    perLine: (operand) => at(operand, 'b', headOf(s), 'l', 0),
    lineShape: [...shape.slice(0, 3), 1],
  };
  const query = s.packed
    ? at('q', 'b', 'l', ['g', s.share * s.width, 'r', s.width, 'd', 1])
    : at('q', 'b', headOf(s), 'l', 'd');
  const result = s.packed
    ? at('out', 'b', 'l', ['g', s.share * s.valueWidth, 'r', s.valueWidth, 'd', 1])
    : at('out', 'b', headOf(s), 'l', 'd');
  const given = Object.entries<OperandInfo | undefined>({ ...o }).flatMap(([name, info]) =>
    info ? [[name, operandOf(info)] as const] : [],
  );
  return {
    operands: {
      ...Object.fromEntries(given),
      ...keys.operands,
      ...values.operands,
      product: { role: 'scratch', format, shape },
      logits: { role: 'scratch', format, shape },
      ...softmaxScratch(lines, shape, format),
      weights: { role: 'scratch', format, shape },
      ...(wanted[3] ? { scores: operandOf(out[3]!, 'output') } : {}),
      out: operandOf(out[0]!, 'output'),
    },
    steps: [
      ...keys.steps,
      ...values.steps,
      macs({
        loops: [...all, ...loopsOf({ d: s.width })],
        reads: [query, keys.source('t', s.width)],
        write: full('product'),
      }),
      ...scoreSteps(plan, all, full),
      ...weightSteps(plan, lines),
      ...(wanted[3] && plan.shown === 'weights'
        ? [nest({ loops: all, reads: [full('weights')], write: full('scores'), compute: read(0) })]
        : []),
      macs({
        loops: [...rows, ...loopsOf({ d: s.valueWidth, t: s.total })],
        reads: [full('weights'), values.source('t', s.valueWidth)],
        write: result,
      }),
    ],
  };
}

interface Cache {
  readonly operands: Record<string, Operand>;
  readonly steps: readonly Step[];
  /** Reads element `d` of key or value `t`. */
  readonly source: (t: string, width: number) => Access;
}

/** Copies past and new elements together where there is a past or the result is wanted; else reads them in place. */
function cacheSteps(
  { operands: o, sizes: s, out }: AttentionPlan,
  fresh: 'k' | 'v',
  past: 'pastKey' | 'pastValue',
  present: 'presentKey' | 'presentValue',
  width: number,
  isWanted: boolean,
): Cache {
  const own = (t: string): Access => (s.packed ? at(fresh, 'b', t, ['g', width, 'd', 1]) : at(fresh, 'b', 'g', t, 'd'));
  if (!isWanted && !o[past]) return { operands: {}, steps: [], source: own };
  const copy = (sequence: number, from: Access, offset: number): Step =>
    nest({
      loops: loopsOf({ b: s.batch, g: s.kvHeads, t: sequence, d: width }),
      reads: [from],
      write: at(present, 'b', 'g', ['t', 1, offset], 'd'),
      compute: read(0),
    });
  return {
    operands: { [present]: operandOf(out[present === 'presentKey' ? 1 : 2]!, isWanted ? 'output' : 'scratch') },
    steps: [...(o[past] ? [copy(s.past, at(past, 'b', 'g', 't', 'd'), 0)] : []), copy(s.keys, own('t'), s.past)],
    source: (t) => at(present, 'b', 'g', t, 'd'),
  };
}

/** Scale, soft cap and mask, element by element. */
function scoreSteps(plan: AttentionPlan, loops: ReturnType<typeof loopsOf>, full: (operand: string) => Access): Step[] {
  const { attrs, sizes: s, wanted, shown } = plan;
  const scaled = call('mul', read(0), s.scale);
  const capped =
    attrs.softcap > 0 ? call('mul', call('tanh', call('div', scaled, attrs.softcap)), attrs.softcap) : scaled;
  const reads: Access[] = [full('product')];
  const logits = maskedScore(plan, reads, capped);
  const show = (compute: Scalar): Step => nest({ loops, reads, write: full('scores'), compute });
  const shownScore = shown === 'product' ? scaled : shown === 'capped' ? capped : logits;
  return [
    ...(wanted[3] && shown !== 'weights' ? [show(shownScore)] : []),
    nest({ loops, reads, write: full('logits'), compute: logits }),
  ];
}

/** The score with the mask added, or -Infinity where the key is hidden; adds what it reads to `reads`. */
function maskedScore({ operands: o, attrs, sizes: s }: AttentionPlan, reads: Access[], score: Scalar): Scalar {
  const take = (access: Access): Scalar => read(reads.push(access) - 1);
  const valid = o.validLengths && take(at('validLengths', 'b'));
  const offset = valid ? call('sub', valid, s.queries) : s.past;
  const place = call('add', loopValue('l'), offset);
  const key = loopValue('t');
  const allowed: Scalar[] = [];
  if (valid) allowed.push(call('lt', key, valid));
  if (attrs.isCausal) allowed.push(call('le', key, place));
  if (attrs.leftWindowSize >= 0) allowed.push(call('ge', key, call('sub', place, attrs.leftWindowSize)));
  if (attrs.rightWindowSize >= 0) allowed.push(call('le', key, call('add', place, attrs.rightWindowSize)));
  let sum = score;
  if (o.mask) {
    const isTruth = o.mask.format === bool;
    const mask = take(padded(maskAccess(o.mask.shape, s), isTruth ? 0 : -Infinity));
    if (isTruth) allowed.push(mask);
    else sum = call('add', sum, mask);
  }
  if (allowed.length === 0) return sum;
  return call(
    'select',
    allowed.reduce((a, b) => call('and', a, b)),
    sum,
    -Infinity,
  );
}

function maskAccess(shape: readonly number[], s: AttentionSizes): Access {
  const full = [index('b'), headOf(s), index('l'), index('t')];
  const lead = full.length - shape.length;
  return {
    operand: 'mask',
    at: shape.map((d, axis) => (d === 1 && (axis < shape.length - 1 || s.total === 1) ? index(0) : full[axis + lead]!)),
  };
}

/** The softmax; where whole rows may be hidden, such rows get weights of 0. */
function weightSteps({ operands, attrs }: AttentionPlan, lines: LineNests): Step[] {
  const masked = isMasked(operands, attrs);
  const safeMax = (max: Scalar): Scalar => call('select', call('eq', max, -Infinity), 0, max);
  const exps = masked
    ? exponentialSteps(lines, 'logits', (x, max) => call('exp', call('sub', x, safeMax(max))))
    : exponentialSteps(lines, 'logits');
  const sum = masked ? call('select', call('eq', read(1), 0), 1, read(1)) : read(1);
  return [
    ...exps,
    nest({
      loops: lines.loops,
      reads: [lines.all('exps'), lines.perLine('sum')],
      write: lines.all('weights'),
      compute: call('div', read(0), sum),
    }),
  ];
}
