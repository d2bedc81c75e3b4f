import { at, call, index, loops as loopsOf, macs, nest, read, repeat, value } from '../../../hw-models/work/build.ts';
import type { Operand, Step } from '../../../hw-models/work/types.ts';
import type { TensorType } from '../../ir/types.ts';
import type { OperandInfo } from '../define.ts';
import { operandOf } from './elementwise.ts';
import type { LinearAttentionOperands, LinearAttentionSizes } from './linear-attention.ts';

/** The recurrence as a repeat over time: decay, what the state already says of the key, outer product, read by queries. */
export function linearAttentionNests(
  o: LinearAttentionOperands<OperandInfo>,
  s: LinearAttentionSizes,
  out: readonly TensorType[],
  wantsState: boolean,
): { operands: Record<string, Operand>; steps: Step[] } {
  const given = Object.entries<OperandInfo | undefined>({ ...o }).flatMap(([name, info]) =>
    info ? [[name, operandOf(info)] as const] : [],
  );
  const { format } = o.q;
  const cells = loopsOf({ b: s.batch, g: s.kvHeads, d: s.width, e: s.valueWidth });
  const values = loopsOf({ b: s.batch, g: s.kvHeads, e: s.valueWidth });
  const state = at('state', 'b', 'g', 'd', 'e');
  const change = at('change', 'b', 'g', 'e');
  const key = at('k', 'b', 't', ['g', s.width, 'd', 1]);
  const result = at('out', 'b', 't', ['g', s.share * s.valueWidth, 'r', s.valueWidth, 'e', 1]);
  const readers = loopsOf({ b: s.batch, g: s.kvHeads, r: s.share, e: s.valueWidth });
  const body: Step[] = [];
  if (o.decay) {
    const decay = at('decay', 'b', 't', s.decayPerElement ? ['g', s.width, 'd', 1] : 'g');
    body.push(
      nest({ loops: cells, reads: [state, decay], write: state, compute: call('mul', read(0), call('exp', read(1))) }),
    );
  }
  if (o.beta) {
    const beta = at('beta', 'b', 't', s.betaPerHead ? 'g' : 0);
    body.push(
      macs({ loops: [...values, ...loopsOf({ d: s.width })], reads: [state, key], write: at('known', 'b', 'g', 'e') }),
      nest({
        loops: values,
        reads: [at('v', 'b', 't', ['g', s.valueWidth, 'e', 1]), at('known', 'b', 'g', 'e'), beta],
        write: change,
        compute: call('mul', call('sub', read(0), read(1)), read(2)),
      }),
    );
  } else
    body.push(
      nest({ loops: values, reads: [at('v', 'b', 't', ['g', s.valueWidth, 'e', 1])], write: change, compute: read(0) }),
    );
  body.push(
    macs({ loops: cells, reads: [key, change], write: state, start: 'kept' }),
    macs({
      loops: [...readers, ...loopsOf({ d: s.width })],
      reads: [at('q', 'b', 't', ['g', s.share * s.width, 'r', s.width, 'd', 1]), state],
      write: at('answer', 'b', index(['g', s.share, 'r', 1]), 'e'),
    }),
    nest({
      loops: readers,
      reads: [at('answer', 'b', index(['g', s.share, 'r', 1]), 'e')],
      write: result,
      compute: call('mul', read(0), s.scale),
    }),
  );
  const scratch = (shape: readonly number[]): Operand => operandOf({ format, shape }, 'scratch');
  return {
    operands: {
      ...Object.fromEntries(given),
      state: operandOf(out[1]!, wantsState ? 'output' : 'scratch'),
      change: scratch([s.batch, s.kvHeads, s.valueWidth]),
      ...(o.beta ? { known: scratch([s.batch, s.kvHeads, s.valueWidth]) } : {}),
      answer: scratch([s.batch, s.heads, s.valueWidth]),
      out: operandOf(out[0]!, 'output'),
    },
    steps: [
      nest({
        loops: cells,
        reads: o.pastState ? [at('pastState', 'b', 'g', 'd', 'e')] : [],
        write: state,
        compute: o.pastState ? read(0) : value(0),
      }),
      repeat('t', s.time, body),
    ],
  };
}
