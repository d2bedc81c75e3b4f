import { fail } from '../../../src/base/diagnostics.ts';
import { formatOfCode, type Format } from '../../formats/index.ts';
import type { NodeReader } from '../../onnx/node-reader.ts';

/**
 * The format that an attribute names by its ONNX type code; undefined when it is absent or 0.
 * @throws NetloomError NL1102 for element types netloom does not compute with
 */
export function formatOfType({ attributes }: NodeReader, name: string): Format | undefined {
  const code = attributes.int(name);
  if (!code) return undefined;
  return (
    formatOfCode(code) ??
    fail('NL1102', {
      message: `attribute "${name}" names element type #${code}`,
      cause: 'netloom has no format for it',
      fix: 'export the model with another element type',
    })
  );
}
