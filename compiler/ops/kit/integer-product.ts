import { call, nest, read } from '../../../hw-models/work/build.ts';
import type { Access, Loop, Operand, Scalar, Step } from '../../../hw-models/work/types.ts';
import { i32, isFloat } from '../../formats/index.ts';
import type { TensorType } from '../../ir/types.ts';
import { numbers, type Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { operandOf } from './elementwise.ts';

/** An operand of a product as the op names it. */
export interface Named {
  readonly name: string;
  readonly info: OperandInfo;
}

/** Numbers that many positions of a result share. */
export interface Vector {
  readonly loops: readonly Loop[];
  readonly shape: readonly number[];
  readonly at: (operand: string) => Access;
}

/**
 * Sums of products of codes that stand for (code - zero point). The products are of the codes themselves, as integer
 * machines make them, and what the zero points add is taken off afterwards:
 *
 *   sum (x - zx)(w - zw) = sum x w - zx * sum w - zw * sum (x - zx)
 *
 * Sums over constant weights are worked out beforehand and cost nothing (Jacob et al. 2018, arXiv:1712.05877).
 */
export interface IntegerProduct {
  readonly x: Named;
  readonly w: Named;
  readonly xZero: Named | undefined;
  readonly wZero: Named | undefined;
  /** Loops of the result, and those summed over. */
  readonly outer: readonly Loop[];
  readonly sums: readonly Loop[];
  readonly xAt: Access;
  readonly wAt: Access;
  /** The x of the products, where padding must read as the zero point, and what makes it; `xAt` when absent. */
  readonly padded?: {
    readonly at: Access;
    readonly operands: Readonly<Record<string, Operand>>;
    readonly steps: readonly Step[];
  };
  readonly shape: readonly number[];
  readonly result: (operand: string) => Access;
  /** Sums over x, one for all columns; and over w, one for all rows. */
  readonly rows: Vector;
  readonly columns: Vector;
  readonly columnSums: (w: Tensor) => Float64Array;
  /** Where zero points and scales of x and of w stand. */
  readonly xPart: (name: string, info: TensorType) => Access;
  readonly wPart: (name: string, info: TensorType) => Access;
}

/** The zero point, unless it is known to be 0. */
export function shifting(zero: Named | undefined): Named | undefined {
  const known = zero?.info.value;
  return known && Array.from(numbers(known)).every((z) => z === 0) ? undefined : zero;
}

/** Accesses of a nest that are numbered as they are added. */
export class Reads {
  readonly list: Access[] = [];

  add(access: Access): Scalar {
    return read(this.list.push(access) - 1);
  }
}

/** True when no zero point has to be settled: the products are the result. */
export const isPlain = (p: IntegerProduct): boolean => !shifting(p.xZero) && !shifting(p.wZero);

/** The sums of products into the operand `target`, and what `settledSum` needs beside them. */
export function productSteps(p: IntegerProduct, target: string): { operands: Record<string, Operand>; steps: Step[] } {
  const format = isFloat(p.x.info.format) ? p.x.info.format : i32;
  const operands: Record<string, Operand> = {
    [p.x.name]: operandOf(p.x.info),
    [p.w.name]: operandOf(p.w.info),
    ...p.padded?.operands,
  };
  const steps: Step[] = [
    ...(p.padded?.steps ?? []),
    nest({
      loops: [...p.outer, ...p.sums],
      reads: [p.padded?.at ?? p.xAt, p.wAt],
      write: p.result(target),
      combine: 'add',
      compute: call('mul', read(0), read(1)),
    }),
  ];
  const [xZero, wZero] = [shifting(p.xZero), shifting(p.wZero)];
  for (const zero of [xZero, wZero]) if (zero) operands[zero.name] = operandOf(zero.info);
  if (xZero) {
    const { value } = p.w.info;
    operands.columnSum = {
      role: value ? 'table' : 'scratch',
      format,
      shape: p.columns.shape,
      ...(value ? { data: p.columnSums(value) } : {}),
    };
    if (!value)
      steps.push(
        nest({
          loops: [...p.columns.loops, ...p.sums],
          reads: [p.wAt],
          write: p.columns.at('columnSum'),
          combine: 'add',
          compute: read(0),
        }),
      );
  }
  if (wZero) {
    operands.rowSum = { role: 'scratch', format, shape: p.rows.shape };
    const reads = new Reads();
    const x = reads.add(p.xAt);
    const centred = xZero ? call('sub', x, reads.add(p.xPart(xZero.name, xZero.info))) : x;
    steps.push(
      nest({
        loops: [...p.rows.loops, ...p.sums],
        reads: reads.list,
        write: p.rows.at('rowSum'),
        combine: 'add',
        compute: centred,
      }),
    );
  }
  return { operands, steps };
}

/** The sum over (x - zx)(w - zw) at a position of the result, from what `productSteps` leaves in `target`. */
export function settledSum(p: IntegerProduct, target: string, reads: Reads): Scalar {
  let sum = reads.add(p.result(target));
  const [xZero, wZero] = [shifting(p.xZero), shifting(p.wZero)];
  if (xZero)
    sum = call(
      'sub',
      sum,
      call('mul', reads.add(p.xPart(xZero.name, xZero.info)), reads.add(p.columns.at('columnSum'))),
    );
  if (wZero)
    sum = call('sub', sum, call('mul', reads.add(p.wPart(wZero.name, wZero.info)), reads.add(p.rows.at('rowSum'))));
  return sum;
}

/** The scratch operand of sums. */
export const sumOperand = (p: IntegerProduct): Operand => ({
  role: 'scratch',
  format: isFloat(p.x.info.format) ? p.x.info.format : i32,
  shape: p.shape,
});

export const nameIf = (name: string, info: OperandInfo | undefined): Named | undefined => info && { name, info };
