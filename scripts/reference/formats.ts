import { formats } from '../../compiler/formats/index.ts';
import { precisionNames } from '../../compiler/schedule/precision.ts';
import { code, codes, page, table } from './markdown.ts';

const kinds: Readonly<Record<string, string>> = { float: 'floating point', int: 'integer', bool: 'truth value' };
const number = (x: number): string =>
  Number.isInteger(x) && Math.abs(x) < 1e6 ? String(x) : x.toPrecision(6).replace(/\.?0+(e|$)/, '$1');

export const formatsPage = (): string =>
  page(
    'Number formats',
    'the format registry',
    'Formats as they print in graphs, tables and JSON. Beside these, `i1` to `i64` and `u1` to `u64` are integers of any width, such as accumulators. Floats are rounded to nearest, ties to even; integers saturate, except in a Cast, which keeps the low bits as ONNX says.',
    table(
      ['Format', 'Bits', 'Kind', 'ONNX data type', 'Least', 'Greatest', 'Held as'],
      formats.map((f) => [
        code(f.name),
        String(f.bits),
        kinds[f.kind] ?? f.kind,
        f.onnx === undefined ? '-' : String(f.onnx),
        number(f.min),
        number(f.max),
        f.storage,
      ]),
    ),
    `## Precisions\n\n\`--precision\` takes ${codes(precisionNames)}, or \`wNaM\`: N bits of weights and M bits of activations.`,
  );
