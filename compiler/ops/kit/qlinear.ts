import { at, axisLoops, call, nest, read, work } from '../../../hw-models/work/build.ts';
import type { Access, Scalar, Work } from '../../../hw-models/work/types.ts';
import { roundHalfEven } from '../../formats/index.ts';
import type { TensorType } from '../../ir/types.ts';
import { showShape } from '../../tensor/shape.ts';
import { scalarOf, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { mustBe, sameFormats } from './accepts.ts';
import { broadcastAccess, combined, operandOf } from './elementwise.ts';
import { misfit } from './layout.ts';

/** Quantised numbers of one tensor: codes, and the scale and zero point that say what they stand for. */
export interface Codes<T> {
  readonly codes: T;
  readonly scale: T;
  readonly zero?: T | undefined;
}

/** How the result is quantised. */
export interface Quantiser<T> {
  readonly scale: T;
  readonly zero?: T | undefined;
  /**
   * The zero point is added before rounding, which tells where half-way cases end when it is odd: so do the kernels of
   * two operands in ONNX Runtime; those of one operand look codes up that were rounded first.
   */
  readonly shiftsFirst?: boolean;
}

/** @throws NetloomError NL1014, NL1015: operands of an op of ONNX Runtime on quantised numbers do not fit */
export function checkQuantised(op: string, inputs: readonly Codes<OperandInfo>[], out: Quantiser<OperandInfo>): void {
  const codes = inputs.map((input) => input.codes);
  mustBe(op, 'int', ...codes);
  sameFormats(op, ...codes, ...inputs.map((input) => input.zero), out.zero);
  for (const part of [...inputs, out].flatMap(({ scale, zero }) => (zero ? [scale, zero] : [scale]))) {
    if (sizeOf(part.shape) === 1) continue;
    misfit(`a scale or zero point of ${op} must be one number`, `it has shape ${showShape(part.shape)}`);
  }
}

/**
 * Codes of f(x, ...) for the numbers x that codes stand for. Steps are in 32 bits, the last one rounds half to even,
 * as in the portable kernels of ONNX Runtime; its vector kernels order the steps differently on each kind of
 * processor, and can be one code off.
 */
export function evaluateQuantised(
  shape: readonly number[],
  inputs: readonly Codes<Tensor>[],
  out: Quantiser<Tensor>,
  f: (x: readonly number[]) => number,
): Tensor {
  const { format } = inputs[0]!.codes;
  const scales = inputs.map((input) => scalarOf(input.scale));
  const zeros = inputs.map((input) => (input.zero ? scalarOf(input.zero) : 0));
  const [step, offset] = [scalarOf(out.scale), out.zero ? scalarOf(out.zero) : 0];
  const x = new Array<number>(inputs.length).fill(0);
  const codes = inputs.map((input) => input.codes);
  return combined(format, shape, codes, (given) => {
    for (let k = 0; k < x.length; k++) x[k] = Math.fround((given[k]! - zeros[k]!) * scales[k]!);
    const real = Math.fround(Math.fround(f(x)) / step);
    const code = out.shiftsFirst ? roundHalfEven(Math.fround(real + offset)) : roundHalfEven(real) + offset;
    return Math.min(format.max, Math.max(format.min, code));
  });
}

/** The same as a nest; operands carry the names of the op's operands. */
export function quantisedWork(
  inputs: readonly Codes<readonly [name: string, info: OperandInfo]>[],
  out: Quantiser<readonly [name: string, info: OperandInfo]>,
  result: TensorType,
  f: (x: readonly Scalar[]) => Scalar,
): Work {
  const loops = axisLoops('i', result.shape);
  const reads: Access[] = [];
  const named: Record<string, OperandInfo> = {};
  const take = ([name, info]: readonly [string, OperandInfo], access: Access): Scalar => {
    named[name] = info;
    return read(reads.push(access) - 1);
  };
  const single = (part: readonly [string, OperandInfo]): Scalar =>
    take(part, at(part[0], ...part[1].shape.map(() => 0)));
  const x = inputs.map(({ codes, scale, zero }) => {
    const code = take(codes, broadcastAccess(codes[0], codes[1].shape, loops, result.shape));
    return call('tof32', call('mul', zero ? call('sub', code, single(zero)) : code, single(scale)));
  });
  const real = call('tof32', call('div', call('tof32', f(x)), single(out.scale)));
  const shifted = (e: Scalar): Scalar => (out.zero ? call('add', e, single(out.zero)) : e);
  const code = out.shiftsFirst ? call('round', call('tof32', shifted(real))) : shifted(call('round', real));
  return work(
    {
      ...Object.fromEntries(Object.entries(named).map(([name, info]) => [name, operandOf(info)])),
      out: operandOf(result, 'output'),
    },
    nest({
      loops,
      reads,
      write: at('out', ...loops.map((l) => l.name)),
      compute: call('min', call('max', code, result.format.min), result.format.max),
    }),
  );
}
