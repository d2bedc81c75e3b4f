import { at, call, nest, work } from '../../../hw-models/work/build.ts';
import type { Access, Loop, Operand, Scalar, Work } from '../../../hw-models/work/types.ts';
import { f32, i32, type Format } from '../../formats/index.ts';
import type { TensorType } from '../../ir/types.ts';
import { numbers, scalarOf, type Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { operandOf } from './elementwise.ts';
import { nameIf, Reads, shifting } from './integer-product.ts';
import { requantised, requantisedOf } from './requantise.ts';

/** Scales and zero points of codes that are averaged, and of the codes of their mean. */
export interface MeanOperands<T> {
  readonly x: T;
  readonly xScale: T;
  readonly xZero?: T | undefined;
  readonly scale: T;
  readonly zero?: T | undefined;
}

/** The factor from a sum of `count` codes to the code of their mean, in f32 steps as runtimes compute it. */
const factorFor = (sx: number, sy: number, count: number): number => Math.fround(sx / Math.fround(sy * count));

/** The code of the mean of `count` elements whose codes, zero point taken off, add up to `sum`. */
export function meanCoder(
  { xScale, scale, zero }: MeanOperands<Tensor>,
  format: Format,
): (sum: number, count: number) => number {
  const [sx, sy, offset] = [scalarOf(xScale), scalarOf(scale), zero ? scalarOf(zero) : 0];
  return (sum, count) => requantised(sum, factorFor(sx, sy, count), offset, format);
}

/** The codes with their zero point taken off. */
export function centredCodes({ x, xZero }: MeanOperands<Tensor>): Float64Array {
  const zero = xZero ? scalarOf(xZero) : 0;
  return Float64Array.from(numbers(x), (v) => v - zero);
}

export interface MeanNest {
  readonly outer: readonly Loop[];
  readonly sums: readonly Loop[];
  readonly x: Access;
  readonly result: (operand: string) => Access;
  /** Elements under each mean: one number, or one for each position of `shape`, read at `at`. */
  readonly counts: {
    readonly data: Float64Array;
    readonly shape: readonly number[];
    readonly at: (operand: string) => Access;
  };
}

/** Sums of codes in integers, then their means as codes. */
export function meanWork(m: MeanOperands<OperandInfo>, n: MeanNest, out: TensorType): Work {
  const single = (name: string, info: TensorType): Access => at(name, ...info.shape.map(() => 0));
  const operands: Record<string, Operand> = {
    x: operandOf(m.x),
    sum: { role: 'scratch', format: i32, shape: out.shape },
    out: operandOf(out, 'output'),
  };
  const use = (name: string, info: OperandInfo, reads: Reads): Scalar => {
    operands[name] = operandOf(info);
    return reads.add(single(name, info));
  };
  const summed = new Reads();
  const code = summed.add(n.x);
  const xZero = shifting(nameIf('xZero', m.xZero));
  const centred = xZero ? call('sub', code, use('xZero', xZero.info, summed)) : code;
  const reads = new Reads();
  const sum = reads.add(n.result('sum'));
  const table = (name: string, data: Float64Array): Scalar | number => {
    if (data.every((v) => v === data[0])) return data[0] ?? 1;
    operands[name] = { role: 'table', format: f32, shape: n.counts.shape, data };
    return reads.add(n.counts.at(name));
  };
  let by: Scalar | number;
  if (m.xScale.value && m.scale.value) {
    const [sx, sy] = [scalarOf(m.xScale.value), scalarOf(m.scale.value)];
    by = table(
      'factor',
      n.counts.data.map((count) => factorFor(sx, sy, count)),
    );
  } else {
    const count = table('count', n.counts.data);
    by = call(
      'tof32',
      call('div', use('xScale', m.xScale, reads), call('tof32', call('mul', use('scale', m.scale, reads), count))),
    );
  }
  const offset = m.zero && use('zero', m.zero, reads);
  return work(
    operands,
    nest({
      loops: [...n.outer, ...n.sums],
      reads: summed.list,
      write: n.result('sum'),
      combine: 'add',
      compute: centred,
    }),
    nest({
      loops: n.outer,
      reads: reads.list,
      write: n.result('out'),
      compute: requantisedOf(sum, by, offset, out.format),
    }),
  );
}
