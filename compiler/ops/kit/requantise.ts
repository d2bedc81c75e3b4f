import { call, nest, work } from '../../../hw-models/work/build.ts';
import type { Access, Operand, Scalar, Work } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { f32, isFloat, roundHalfEven, type Format } from '../../formats/index.ts';
import type { TensorType } from '../../ir/types.ts';
import { broadcastSteps, showShape, walk } from '../../tensor/shape.ts';
import { build, numbers, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { operandOf } from './elementwise.ts';
import {
  isPlain,
  productSteps,
  Reads,
  settledSum,
  sumOperand,
  type IntegerProduct,
  type Named,
} from './integer-product.ts';
import { roundedTo } from './precision.ts';

/** @throws NetloomError NL1014 when a scale or zero point is neither one number nor a list of `count` */
export function oneOrEach(what: string, part: TensorType | undefined, count = 1): void {
  if (!part || sizeOf(part.shape) === 1 || (part.shape.length === 1 && part.shape[0] === count)) return;
  const wanted = count === 1 ? 'it must be one number' : `it must be one number, or one for each of ${count}`;
  fail('NL1014', {
    message: `the ${what} does not fit`,
    cause: `it has shape ${showShape(part.shape)}; ${wanted}`,
    fix: 'correct the model',
  });
}

/** alpha * sx * sw / sy, each step rounded to the format of the scales, as runtimes and the standard's reference do. */
function factor(round: (x: number) => number, alpha: number, sx: number, sw: number, sy: number | undefined): number {
  const product = round((alpha === 1 ? sx : round(alpha * sx)) * sw);
  return sy === undefined ? product : round(product / sy);
}

/** A sum as a code (ties to even, held within the format), or as a float when the format is one. Products are in f32. */
export function requantised(sum: number, by: number, offset: number, format: Format): number {
  const scaled = Math.fround(Math.fround(sum) * by);
  if (isFloat(format)) return scaled + offset;
  return Math.min(format.max, Math.max(format.min, roundHalfEven(scaled) + offset));
}

/** The same as an expression that machines count. */
export function requantisedOf(sum: Scalar, by: Scalar | number, offset: Scalar | undefined, format: Format): Scalar {
  const scaled = call('tof32', call('mul', call('tof32', sum), by));
  const shifted = (x: Scalar): Scalar => (offset ? call('add', x, offset) : x);
  if (isFloat(format)) return shifted(scaled);
  return call('min', call('max', shifted(call('round', scaled)), format.min), format.max);
}

/** Elements that are stretched over a result, under a shape that broadcasts to it. */
export interface Part {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
}

export interface Parts {
  readonly xScale: Part;
  readonly wScale: Part;
  readonly scale?: Part | undefined;
  /** Added to the sums before scaling. */
  readonly bias?: Part | undefined;
  /** The zero point, or what is added to a float result. */
  readonly offset?: Part | undefined;
  readonly alpha?: number;
}

/** Sums brought into a format by scales, bias and zero point. */
export function requantise(
  sums: Float64Array,
  shape: readonly number[],
  format: Format,
  parts: Parts,
  outShape: readonly number[] = shape,
): Tensor {
  const { round } = parts.xScale.tensor.format;
  const list = [parts.xScale, parts.wScale, parts.scale, parts.bias, parts.offset];
  const lists = list.map((p) => p && numbers(p.tensor));
  const steps = list.map((p) => (p ? broadcastSteps(p.shape, shape) : shape.map(() => 0)));
  const alpha = parts.alpha ?? 1;
  walk(shape, steps, (i, offsets) => {
    const part = (k: number): number | undefined => lists[k]?.[offsets[k]!];
    const by = factor(round, alpha, part(0)!, part(1)!, part(2));
    sums[i] = requantised(sums[i]! + (part(3) ?? 0), by, part(4) ?? 0, format);
  });
  return build(format, outShape, (i) => sums[i]!);
}

export interface RequantiseWork {
  readonly xScale: Named;
  readonly wScale: Named;
  readonly scale?: Named | undefined;
  readonly bias?: { readonly operand: Named; readonly at: Access } | undefined;
  readonly offset?: { readonly operand: Named; readonly at: Access } | undefined;
  readonly alpha?: number;
}

/** The factor of a sum: a constant or a table of them where the scales are known, else an expression over the scales. */
function factorScalar(
  p: IntegerProduct,
  q: RequantiseWork,
  operands: Record<string, Operand>,
  reads: Reads,
): Scalar | number {
  const { xScale, wScale, scale, alpha = 1 } = q;
  const { format } = xScale.info;
  const known = (info: OperandInfo | undefined): number | undefined =>
    info?.value && sizeOf(info.shape) === 1 ? numbers(info.value)[0] : undefined;
  const [sx, sy] = [known(xScale.info), known(scale?.info)];
  if (sx !== undefined && wScale.info.value && (!scale || sy !== undefined)) {
    const data = Float64Array.from(numbers(wScale.info.value), (sw) => factor(format.round, alpha, sx, sw, sy));
    if (data.length === 1) return data[0]!;
    operands.factor = { role: 'table', format: f32, shape: wScale.info.shape, data };
    return reads.add(p.wPart('factor', wScale.info));
  }
  for (const part of [xScale, wScale, scale]) if (part) operands[part.name] = operandOf(part.info);
  const first = reads.add(p.xPart(xScale.name, xScale.info));
  const product = roundedTo(
    format,
    call(
      'mul',
      alpha === 1 ? first : roundedTo(format, call('mul', first, alpha)),
      reads.add(p.wPart(wScale.name, wScale.info)),
    ),
  );
  return scale ? roundedTo(format, call('div', product, reads.add(p.xPart(scale.name, scale.info)))) : product;
}

/** An integer product, and its sums brought into the format of the result. */
export function requantisedWork(p: IntegerProduct, q: RequantiseWork, out: TensorType): Work {
  const { operands, steps } = productSteps(p, 'sum');
  const reads = new Reads();
  let sum = settledSum(p, 'sum', reads);
  if (q.bias) {
    operands[q.bias.operand.name] = operandOf(q.bias.operand.info);
    sum = call('add', sum, reads.add(q.bias.at));
  }
  const by = factorScalar(p, q, operands, reads);
  if (q.offset) operands[q.offset.operand.name] = operandOf(q.offset.operand.info);
  const offset = q.offset && reads.add(q.offset.at);
  return work(
    { ...operands, sum: sumOperand(p), out: operandOf(out, 'output') },
    ...steps,
    nest({
      loops: p.outer,
      reads: reads.list,
      write: p.result('out'),
      compute: requantisedOf(sum, by, offset, out.format),
    }),
  );
}

/** An integer product whose settled sums are the result. */
export function integerWork(p: IntegerProduct, out: TensorType): Work {
  if (isPlain(p)) {
    const { operands, steps } = productSteps(p, 'out');
    return work({ ...operands, out: operandOf(out, 'output') }, ...steps);
  }
  const { operands, steps } = productSteps(p, 'sum');
  const reads = new Reads();
  const sum = settledSum(p, 'sum', reads);
  return work(
    { ...operands, sum: sumOperand(p), out: operandOf(out, 'output') },
    ...steps,
    nest({ loops: p.outer, reads: reads.list, write: p.result('out'), compute: sum }),
  );
}
