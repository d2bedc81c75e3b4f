import { index, work } from '../../../hw-models/work/build.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { i64 } from '../../formats/index.ts';
import { normalAxis } from '../../tensor/shape.ts';
import { sizeOf, tensor } from '../../tensor/tensor.ts';
import { flag, int } from '../attrs.ts';
import { defineOp, type Example, type TypedOpDef } from '../define.ts';
import { operandOf } from './elementwise.ts';
import { eachExtreme, extremeSteps } from './extreme.ts';
import { linesAlong } from './lines.ts';
import { lineNests } from './softmax.ts';

const argAttrs = {
  axis: int('axis that is searched', 0),
  keepdims: flag('keep the searched axis with size 1', true),
  selectLastIndex: flag('of equal elements take the last', false),
};

interface ArgSpec {
  readonly doc: string;
  readonly type: string;
  readonly find: 'max' | 'min';
  readonly examples: readonly Example[];
}

/** Positions of the greatest or least elements along an axis. */
export const argOp = (kind: string, { doc, type, find, examples }: ArgSpec): TypedOpDef<typeof argAttrs> =>
  defineOp(kind, {
    doc,
    onnx: { type },
    operands: ['x'],
    attrs: argAttrs,
    infer: ({ x }, { axis, keepdims }) => {
      const a = normalAxis(axis, x.shape.length);
      if (x.shape[a] === 0 && sizeOf(x.shape.filter((_, i) => i !== a)) > 0) {
        fail('NL1014', {
          message: `${type} has nothing to search`,
          cause: `axis ${a} has size 0`,
          fix: 'correct the model, or give the right input shape with --shape',
        });
      }
      return { format: i64, shape: outShape(x.shape, a, keepdims) };
    },
    evaluate: ({ x }, { axis, keepdims, selectLastIndex }) => {
      const lines = linesAlong(x.shape, axis);
      const data = new BigInt64Array(lines.outer * lines.inner);
      eachExtreme(x, lines, { find, last: selectLastIndex }, (_, line, position) => (data[line] = BigInt(position)));
      return tensor(i64, outShape(x.shape, lines.axis, keepdims), data);
    },
    work: ({ x }, { axis, keepdims, selectLastIndex }, { out }) => {
      const a = normalAxis(axis, x.shape.length);
      const n = lineNests(x.shape, a);
      const position = {
        operand: 'out',
        at: n.loops.flatMap((l, i) => (i === a ? (keepdims ? [index(0)] : []) : [index(l.name)])),
      };
      return work(
        {
          x: operandOf(x),
          extreme: { role: 'scratch', format: x.format, shape: n.lineShape },
          out: operandOf(out[0]!, 'output'),
        },
        ...extremeSteps(n, a, { find, last: selectLastIndex }, position),
      );
    },
    examples,
  });

const outShape = (shape: readonly number[], axis: number, keepdims: boolean): number[] =>
  shape.flatMap((d, i) => (i === axis ? (keepdims ? [1] : []) : [d]));
