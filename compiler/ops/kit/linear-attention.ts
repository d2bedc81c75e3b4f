import { fail } from '../../../src/base/diagnostics.ts';
import type { TensorType } from '../../ir/types.ts';
import { showShape } from '../../tensor/shape.ts';

export interface LinearAttentionOperands<T extends TensorType> {
  readonly q: T;
  readonly k: T;
  readonly v: T;
  readonly pastState?: T | undefined;
  readonly decay?: T | undefined;
  readonly beta?: T | undefined;
}

export interface LinearAttentionSizes {
  readonly batch: number;
  readonly time: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** Query heads per key/value head. */
  readonly share: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly decayPerElement: boolean;
  readonly betaPerHead: boolean;
  readonly scale: number;
}

/** @throws NetloomError NL1014 when operands do not fit together, NL1013 when the rule needs one that is not there */
export function linearAttentionSizes(
  o: LinearAttentionOperands<TensorType>,
  attrs: { qNumHeads: number; kvNumHeads: number; scale: number; updateRule: string },
): LinearAttentionSizes {
  const wrong = (cause: string): never =>
    fail('NL1014', {
      message: 'the operands of a linear attention do not fit',
      cause,
      fix: 'correct the model, or give the right input shape with --shape',
    });
  const { qNumHeads: heads, kvNumHeads: kvHeads, updateRule } = attrs;
  if (kvHeads < 1 || heads < kvHeads || heads % kvHeads !== 0)
    wrong(`${heads} query heads do not share ${kvHeads} key heads evenly`);
  for (const [name, t] of Object.entries({ query: o.q, key: o.k, value: o.v }))
    if (t.shape.length !== 3) wrong(`${name} has shape ${showShape(t.shape)}; it needs batch, time and heads * width`);
  const [batch, time, total] = o.q.shape as [number, number, number];
  const [width, valueWidth] = [total / heads, o.v.shape[2]! / kvHeads];
  const expected: [string, TensorType | undefined, readonly (readonly number[])[]][] = [
    ['query', o.q, [[batch, time, heads * Math.floor(width)]]],
    ['key', o.k, [[batch, time, kvHeads * width]]],
    ['value', o.v, [[batch, time, kvHeads * Math.floor(valueWidth)]]],
    ['past_state', o.pastState, [[batch, kvHeads, width, valueWidth]]],
    [
      'decay',
      o.decay,
      [
        [batch, time, kvHeads],
        [batch, time, kvHeads * width],
      ],
    ],
    [
      'beta',
      o.beta,
      [
        [batch, time, kvHeads],
        [batch, time, 1],
      ],
    ],
  ];
  for (const [name, t, shapes] of expected) {
    if (t && !shapes.some((shape) => showShape(shape) === showShape(t.shape)))
      wrong(`${name} has shape ${showShape(t.shape)}, ${shapes.map(showShape).join(' or ')} is needed`);
  }
  checkRule(updateRule, 'decay', o.decay, updateRule.startsWith('gated'));
  checkRule(updateRule, 'beta', o.beta, updateRule.endsWith('delta'));
  return {
    batch,
    time,
    heads,
    kvHeads,
    share: heads / kvHeads,
    width,
    valueWidth,
    decayPerElement: o.decay !== undefined && o.decay.shape[2] !== kvHeads,
    betaPerHead: o.beta !== undefined && o.beta.shape[2] === kvHeads,
    scale: attrs.scale === 0 ? 1 / Math.sqrt(width) : attrs.scale,
  };
}

function checkRule(rule: string, name: string, operand: TensorType | undefined, isNeeded: boolean): void {
  if ((operand !== undefined) === isNeeded) return;
  fail('NL1013', {
    message: `${name} and the update rule do not go together`,
    cause: `the rule "${rule}" ${isNeeded ? 'needs' : 'does not take'} ${name}`,
    fix: 'correct the node in the model',
  });
}
