import { at, axisLoops, call, index, nest, padded, read, work } from '../../../hw-models/work/build.ts';
import type { Index, ScalarOp } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { is64 } from '../../formats/index.ts';
import { normalAxis } from '../../tensor/shape.ts';
import { numbers, scalarOf, sizeOf, tensor, type Tensor } from '../../tensor/tensor.ts';
import { flag } from '../attrs.ts';
import { defineOp, type Example, type TypedOpDef } from '../define.ts';
import { buildWrapped, operandOf } from './elementwise.ts';
import { valueOf } from './known.ts';
import { eachLine, linesAlong } from './lines.ts';

const cumulativeAttrs = {
  exclusive: flag('leave the element itself out', false),
  reverse: flag('run from the end of the axis', false),
};

interface CumulativeSpec {
  readonly doc: string;
  readonly type: string;
  readonly op: ScalarOp;
  readonly start: 0 | 1;
  readonly take: (sum: number, x: number) => number;
  readonly big: (sum: bigint, x: bigint) => bigint;
  readonly examples: readonly Example[];
}

/** Running totals along an axis. */
export const cumulativeOp = (kind: string, spec: CumulativeSpec): TypedOpDef<typeof cumulativeAttrs> =>
  defineOp(kind, {
    doc: spec.doc,
    onnx: { type: spec.type },
    operands: ['x', 'axis'],
    attrs: cumulativeAttrs,
    infer: ({ x, axis }) => {
      if (sizeOf(axis.shape) !== 1)
        fail('NL1014', {
          message: `${spec.type} takes one axis`,
          cause: `the axis operand has ${sizeOf(axis.shape)} elements`,
          fix: 'correct the model',
        });
      if (axis.value) normalAxis(scalarOf(axis.value), x.shape.length);
      return { format: x.format, shape: x.shape };
    },
    evaluate: ({ x, axis }, attrs) => {
      if (is64(x.format) || (x.format.kind === 'int' && x.format.bits === 32))
        return runBig(x, scalarOf(axis), attrs, spec);
      const values = numbers(x);
      const out = new Float64Array(values.length);
      run<number>(
        x.shape,
        scalarOf(axis),
        attrs,
        spec.start,
        (i, sum) => spec.take(sum, values[i]!),
        (i, sum) => (out[i] = sum),
      );
      return buildWrapped(x.format, x.shape, (i) => out[i]!);
    },
    work: ({ x, axis }, { exclusive, reverse }, { out }) => {
      const a = normalAxis(scalarOf(valueOf(axis, 'the axis')), x.shape.length);
      const loops = axisLoops('i', x.shape);
      const size = x.shape[a]!;
      // The loop runs 0, 1, ... along the direction of the sum; `behind` counts elements back.
      const on = (behind: number): Index[] =>
        loops.map((l, i) =>
          i !== a ? index(l.name) : reverse ? index([l.name, -1, size - 1 + behind]) : index([l.name, 1, -behind]),
        );
      return work(
        { x: operandOf(x), axis: operandOf(axis), out: operandOf(out[0]!, 'output') },
        nest({
          loops,
          reads: [
            padded({ operand: 'out', at: on(1) }, spec.start),
            padded(at('x', ...on(exclusive ? 1 : 0)), spec.start),
          ],
          write: { operand: 'out', at: on(0) },
          compute: call(spec.op, read(0), read(1)),
          sequential: [loops[a]!.name],
        }),
      );
    },
    examples: spec.examples,
  });

interface CumulativeAttrs {
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

function run<T>(
  shape: readonly number[],
  axis: number,
  { exclusive, reverse }: CumulativeAttrs,
  start: T,
  take: (i: number, sum: T) => T,
  put: (i: number, sum: T) => void,
): void {
  const lines = linesAlong(shape, axis);
  eachLine(lines, (first) => {
    let sum = start;
    for (let k = 0; k < lines.length; k++) {
      const i = first + (reverse ? lines.length - 1 - k : k) * lines.inner;
      if (exclusive) put(i, sum);
      sum = take(i, sum);
      if (!exclusive) put(i, sum);
    }
  });
}

function runBig(x: Tensor, axis: number, attrs: CumulativeAttrs, spec: CumulativeSpec): Tensor {
  const wide = is64(x.format);
  const data = x.data.slice() as BigInt64Array | Int32Array;
  // Only the low 64 bits are ever kept, so the running total is cut to them.
  const take = (i: number, sum: bigint): bigint => BigInt.asIntN(64, spec.big(sum, BigInt(x.data[i]!)));
  run(
    x.shape,
    axis,
    attrs,
    BigInt(spec.start),
    take,
    (i, sum) => (data[i] = wide ? sum : Number(BigInt.asIntN(32, sum))),
  );
  return tensor(x.format, x.shape, data);
}
