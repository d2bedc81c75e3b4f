import { fail } from '../../../src/base/diagnostics.ts';
import type { Format } from '../../formats/index.ts';
import type { TensorType } from '../../ir/types.ts';

/** Families of element types that an operand may have. Bits narrower than a byte count as integers. */
export type Accepts = 'float' | 'int' | 'bool' | 'number' | 'value' | 'any';

const words: Record<Accepts, string> = {
  float: 'floating-point numbers',
  int: 'integers',
  bool: 'truth values (bool)',
  number: 'numbers',
  value: 'numbers or truth values',
  any: 'anything',
};

const isNumber = (f: Format): boolean => f.kind !== 'bool' && f.kind !== 'text' && f.kind !== 'complex';

export function accepts(format: Format, wanted: Accepts): boolean {
  switch (wanted) {
    case 'any':
      return true;
    case 'value':
      return isNumber(format) || format.kind === 'bool';
    case 'number':
      return isNumber(format);
    default:
      return format.kind === wanted;
  }
}

/** @throws NetloomError NL1015 when an operand is not of the wanted family */
export function mustBe(op: string, wanted: Accepts, ...operands: readonly (TensorType | undefined)[]): void {
  for (const operand of operands) {
    if (!operand || accepts(operand.format, wanted)) continue;
    fail('NL1015', {
      message: `${op} is not defined for ${operand.format.name}`,
      cause: `it takes ${words[wanted]}`,
      fix: 'put a Cast before it, or export the model with another element type',
    });
  }
}

/** @throws NetloomError NL1015 when operands differ in element type */
export function sameFormats(op: string, ...operands: readonly (TensorType | undefined)[]): void {
  const [first, ...others] = operands.filter((o) => o !== undefined);
  const other = others.find((o) => o.format.name !== first!.format.name);
  if (!first || !other) return;
  fail('NL1015', {
    message: `${op} needs operands of one element type`,
    cause: `they are ${first.format.name} and ${other.format.name}`,
    fix: 'put a Cast before one of them',
  });
}
