import { at, call, loopValue, loops, nest, work } from '../../../hw-models/work/build.ts';
import type { Scalar } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { formatOfCode, isFloat, isInt, type Format } from '../../formats/index.ts';
import { build, scalarOf, type Tensor } from '../../tensor/tensor.ts';
import { flag, int } from '../attrs.ts';
import { defineOp, type Example, type TypedOpDef } from '../define.ts';
import { operandOf } from './elementwise.ts';
import { valueOf } from './known.ts';

const windowAttrs = {
  outputDatatype: int('ONNX type code of the result', 1),
  periodic: flag('one period of a repeating window; else symmetric, with equal ends', true),
};

/** @throws NetloomError NL1009 when the code names no number format */
export function numberFormatOf(code: number, attribute: string): Format {
  const format = formatOfCode(code);
  if (format && (isFloat(format) || isInt(format))) return format;
  return fail('NL1009', {
    message: `attribute "${attribute}" is ${code}`,
    cause: 'it must be the ONNX type code of a number format',
    fix: 'correct the node in the model',
  });
}

/** @throws NetloomError NL1014 when it is no single whole number of at least `least` */
export function countIn(t: Tensor, what: string, least = 0): number {
  const n = t.data.length === 1 ? scalarOf(t) : NaN;
  if (Number.isSafeInteger(n) && n >= least) return n;
  return fail('NL1014', {
    message: `${what} must be a whole number of at least ${least}`,
    cause: t.data.length === 1 ? `it is ${n}` : `it has ${t.data.length} elements`,
    fix: 'correct the model',
  });
}

interface WindowSpec {
  readonly type: string;
  readonly doc: string;
  /** Window: terms[0] - terms[1] cos(2 pi i / N) + terms[2] cos(4 pi i / N). */
  readonly terms: readonly [number, number, number];
  readonly examples: readonly Example[];
}

/** A window of cosines, as the function bodies of the standard have it: N is the size, or one less when symmetric. */
export const windowFunctionOp = (
  kind: string,
  { type, doc, terms, examples }: WindowSpec,
): TypedOpDef<typeof windowAttrs> =>
  defineOp(kind, {
    doc,
    onnx: { type, since: 17 },
    operands: ['size'],
    attrs: windowAttrs,
    infer: ({ size }, { outputDatatype }) => ({
      format: numberFormatOf(outputDatatype, 'output_datatype'),
      shape: [countIn(valueOf(size, 'the size of a window'), 'the size of a window')],
    }),
    evaluate: ({ size }, { outputDatatype, periodic }) => {
      const n = countIn(size, 'the size of a window');
      const step = (2 * Math.PI) / (periodic ? n : n - 1);
      const [a, b, c] = terms;
      const format = numberFormatOf(outputDatatype, 'output_datatype');
      const valueAt = (i: number): number => a - b * Math.cos(i * step) + (c === 0 ? 0 : c * Math.cos(2 * i * step));
      return build(format, [n], isInt(format) ? (i) => format.cast(valueAt(i)) : valueAt);
    },
    work: (_, { periodic }, { out }) => {
      const n = out[0]!.shape[0]!;
      const angle = call('mul', loopValue('i'), (2 * Math.PI) / (periodic ? n : n - 1));
      const [a, b, c] = terms;
      const first: Scalar = call('sub', a, call('mul', b, call('cos', angle)));
      const compute = c === 0 ? first : call('add', first, call('mul', c, call('cos', call('mul', 2, angle))));
      return work(
        { out: operandOf(out[0]!, 'output') },
        nest({ loops: loops({ i: n }), write: at('out', 'i'), compute }),
      );
    },
    examples,
  });
