import { fail } from '../../../src/base/diagnostics.ts';
import { bf16, f16, f32, f64, formatOfCode, type Format } from '../../formats/index.ts';

/**
 * The element type that an ONNX type code names for an inner computation.
 * @throws NetloomError NL1009 when it is no float
 */
export function floatOfCode(code: number, attribute: string): Format {
  const format = formatOfCode(code);
  if (format && [f32, f64, f16, bf16].includes(format)) return format;
  return fail('NL1009', {
    message: `attribute "${attribute}" is ${code}`,
    cause: 'it can be 1 (f32), 10 (f16), 11 (f64) or 16 (bf16)',
    fix: 'correct the node in the model',
  });
}
