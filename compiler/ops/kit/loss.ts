import { at, axisLoops, call, index, nest, padded, read } from '../../../hw-models/work/build.ts';
import type { Access, Index, Operand, Step } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import type { TensorType } from '../../ir/types.ts';
import { showShape } from '../../tensor/shape.ts';
import { build, numbers, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { choice, optionalInt } from '../attrs.ts';
import { operandOf } from './elementwise.ts';

export const lossAttrs = {
  reduction: choice('what becomes of the losses of the samples', ['none', 'sum', 'mean'], 'mean'),
  ignoreIndex: optionalInt('samples with this class do not count'),
};

export interface LossAttrs {
  readonly reduction: string;
  readonly ignoreIndex?: number;
}

/**
 * Type of the loss of x [n, classes, d...] against classes [n, d...].
 * @throws NetloomError NL1014 when shapes do not fit
 */
export function lossType(
  x: TensorType,
  target: TensorType,
  weight: TensorType | undefined,
  { reduction }: LossAttrs,
): TensorType {
  const samples = [x.shape[0]!, ...x.shape.slice(2)];
  if (x.shape.length < 2 || showShape(samples) !== showShape(target.shape)) {
    fail('NL1014', {
      message: 'the classes do not fit the scores',
      cause: `scores have shape ${showShape(x.shape)}, classes ${showShape(target.shape)}`,
      fix: 'correct the model',
    });
  }
  if (weight && showShape(weight.shape) !== showShape([x.shape[1]!])) {
    fail('NL1014', {
      message: 'the class weights do not fit',
      cause: `they have shape ${showShape(weight.shape)} for ${x.shape[1]} classes`,
      fix: 'correct the model',
    });
  }
  return { format: x.format, shape: reduction === 'none' ? samples : [] };
}

/** The loss from logarithms of probabilities, in the type of x. */
export function lossOf(
  x: Tensor,
  logs: ArrayLike<number>,
  target: Tensor,
  weight: Tensor | undefined,
  { reduction, ignoreIndex }: LossAttrs,
): Tensor {
  const [classes, pixels] = [x.shape[1]!, sizeOf(x.shape.slice(2))];
  const [labels, weights] = [numbers(target), weight && numbers(weight)];
  const losses = new Float64Array(labels.length);
  let [sum, total] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label === ignoreIndex) continue;
    if (label < 0 || label >= classes)
      fail('NL1014', {
        message: 'a class does not exist',
        cause: `sample ${i} has class ${label} of ${classes}`,
        fix: 'correct the data',
      });
    const w = weights ? weights[label]! : 1;
    losses[i] = -logs[(Math.floor(i / pixels) * classes + label) * pixels + (i % pixels)]! * w;
    sum += losses[i]!;
    total += w;
  }
  if (reduction === 'none') return build(x.format, target.shape, (i) => losses[i]!);
  return build(x.format, [], () => (reduction === 'sum' ? sum : sum / total));
}

/** Nests of the loss from the operand `logs`, and the scratch that they need. */
export function lossNests(
  logs: string,
  x: TensorType,
  target: TensorType,
  weight: TensorType | undefined,
  { reduction, ignoreIndex }: LossAttrs,
): { operands: Record<string, Operand>; steps: Step[] } {
  const samples = axisLoops('s', target.shape);
  const here = samples.map((l) => index(l.name));
  const label: Index = { offset: 0, terms: [{ read: 'target', at: here, by: 1 }] };
  const [first, ...rest] = here as [Index, ...Index[]];
  // An ignored class may lie outside of the table: 0 is read there, and not used.
  const score = padded({ operand: logs, at: [first, label, ...rest] }, 0);
  const factor = weight ? padded({ operand: 'weight', at: [label] }, 0) : undefined;
  const own = (operand: string): Access => ({ operand, at: here });
  const counted = (value: Parameters<typeof call>[1], targetRead: number) =>
    ignoreIndex === undefined ? value : call('select', call('eq', read(targetRead), ignoreIndex), 0, value);
  const scalar = (e: Parameters<typeof call>[1]) => (typeof e === 'number' ? { value: e } : e);
  const single = call('neg', read(0));
  const loss = nest({
    loops: samples,
    write: own(reduction === 'none' ? 'out' : 'losses'),
    reads: [score, own('target'), ...(factor ? [factor] : [])],
    compute: scalar(counted(factor ? call('mul', single, read(2)) : single, 1)),
  });
  if (reduction === 'none') return { operands: {}, steps: [loss] };
  const scratch = (shape: readonly number[]): Operand => operandOf({ format: x.format, shape }, 'scratch');
  const total = (operand: string): Access => at(operand);
  const sum = nest({
    loops: samples,
    reads: [own('losses')],
    write: total(reduction === 'sum' ? 'out' : 'lossSum'),
    combine: 'add',
    compute: read(0),
  });
  if (reduction === 'sum') return { operands: { losses: scratch(target.shape) }, steps: [loss, sum] };
  return {
    operands: { losses: scratch(target.shape), lossSum: scratch([]), total: scratch([]) },
    steps: [
      loss,
      sum,
      nest({
        loops: samples,
        reads: [own('target'), ...(factor ? [factor] : [])],
        write: total('total'),
        combine: 'add',
        compute: scalar(counted(factor ? read(1) : 1, 0)),
      }),
      nest({
        loops: [],
        reads: [total('lossSum'), total('total')],
        write: total('out'),
        compute: call('div', read(0), read(1)),
      }),
    ],
  };
}
