import { fail } from '../../../src/base/diagnostics.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { OperandInfo } from '../define.ts';

/**
 * The elements of an operand that a shape depends on.
 * @throws NetloomError NL1107 when they are only known at run time
 */
export function valueOf(operand: OperandInfo, what: string): Tensor {
  return (
    operand.value ??
    fail('NL1107', {
      message: `${what} is only known at run time`,
      cause: 'it is computed from the input data, so the sizes of what follows are not known now',
      fix: 'fix the value in the exporter (constant shapes), or simulate with data instead',
    })
  );
}
