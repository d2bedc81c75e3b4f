import type { NodeReader } from '../../onnx/node-reader.ts';
import type { TensorType } from '../../ir/types.ts';
import { broadcast, showShape } from '../../tensor/shape.ts';
import { scalarOf, sizeOf } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';
import { valueOf } from './known.ts';
import { misfit } from './layout.ts';

/** Domains in which Brevitas, QONNX and FINN write their operators; some exporters leave the domain empty. */
export const qonnxDomains = [
  '',
  'onnx.brevitas',
  'qonnx.custom_op.general',
  'finn.custom_op.general',
  'finn.custom_op.fpgadataflow',
  'qonnx.custom_op.channels_last',
];

/** Least and greatest code of `bits` bits. `narrow` gives up the one code that has no opposite. */
export function codeRange(bits: number, signed: boolean, narrow: boolean): { low: number; high: number } {
  const span = 2 ** (signed ? bits - 1 : bits);
  if (signed) return { low: -span + (narrow ? 1 : 0), high: span - 1 };
  return { low: 0, high: span - (narrow ? 2 : 1) };
}

/**
 * The bit width that an operand gives.
 * @throws NetloomError NL1014 when it is not one number of at least 1; NL1107 when it is only known at run time
 */
export function bitWidth(operand: OperandInfo): number {
  const bits = sizeOf(operand.shape) === 1 ? scalarOf(valueOf(operand, 'a bit width')) : NaN;
  return bits >= 1
    ? bits
    : misfit('a bit width must be one number of at least 1', `it has shape ${showShape(operand.shape)} and is ${bits}`);
}

/** @throws NetloomError NL1014 when an operand does not stretch to the shape of x */
export function mustStretch(x: TensorType, ...parts: readonly (TensorType | undefined)[]): void {
  for (const part of parts) {
    if (!part || showShape(broadcast(x.shape, part.shape)) === showShape(x.shape)) continue;
    misfit(
      'a scale or zero point of a quantisation does not fit',
      `it has shape ${showShape(part.shape)}, the tensor ${showShape(x.shape)}`,
    );
  }
}

export const flagAttribute = ({ attributes }: NodeReader, name: string, fallback: boolean): boolean =>
  (attributes.int(name) ?? (fallback ? 1 : 0)) !== 0;
