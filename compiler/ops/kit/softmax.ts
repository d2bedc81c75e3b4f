import { at, axisLoops, call, index, nest, read } from '../../../hw-models/work/build.ts';
import type { Access, Operand, Scalar, Step } from '../../../hw-models/work/types.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import type { NodeReader, ReadNode } from '../../onnx/node-reader.ts';
import { fail } from '../../../src/base/diagnostics.ts';
import { normalAxis } from '../../tensor/shape.ts';

/** Nests over lines of a tensor: the loops, and accesses to the whole and to one value per line. */
export interface LineNests {
  readonly loops: ReturnType<typeof axisLoops>;
  /** The loops without the one along the line. */
  readonly rest: ReturnType<typeof axisLoops>;
  readonly all: (operand: string) => Access;
  readonly perLine: (operand: string) => Access;
  /** Shape of one value per line: the axis has size 1. */
  readonly lineShape: readonly number[];
}

export function lineNests(shape: readonly number[], axis: number): LineNests {
  const loops = axisLoops('i', shape);
  return {
    loops,
    rest: loops.filter((_, i) => i !== axis),
    all: (operand) => at(operand, ...loops.map((l) => l.name)),
    perLine: (operand) => ({ operand, at: loops.map((l, i) => (i === axis ? index(0) : index(l.name))) }),
    lineShape: shape.map((d, i) => (i === axis ? 1 : d)),
  };
}

/** Greatest value, exponentials and their sum per line: what softmax and log-softmax share. */
export function exponentialSteps(
  n: LineNests,
  source: string,
  shifted: (x: Scalar, max: Scalar) => Scalar = (x, max) => call('exp', call('sub', x, max)),
): Step[] {
  return [
    nest({ loops: n.loops, reads: [n.all(source)], write: n.perLine('max'), combine: 'max', compute: read(0) }),
    nest({
      loops: n.loops,
      reads: [n.all(source), n.perLine('max')],
      write: n.all('exps'),
      compute: shifted(read(0), read(1)),
    }),
    nest({ loops: n.loops, reads: [n.all('exps')], write: n.perLine('sum'), combine: 'add', compute: read(0) }),
  ];
}

/** The softmax of `source` into `target`, as four nests. Scratch operands `max`, `exps` and `sum` are the caller's. */
export const softmaxSteps = (n: LineNests, source: string, target: string): Step[] => [
  ...exponentialSteps(n, source),
  nest({
    loops: n.loops,
    reads: [n.all('exps'), n.perLine('sum')],
    write: n.all(target),
    compute: call('div', read(0), read(1)),
  }),
];

export const softmaxScratch = (
  n: LineNests,
  shape: readonly number[],
  format: Operand['format'],
): Record<string, Operand> => ({
  max: { role: 'scratch', format, shape: n.lineShape },
  exps: { role: 'scratch', format, shape },
  sum: { role: 'scratch', format, shape: n.lineShape },
});

/**
 * Before opset 13 the axes from `axis` on (1 when absent) were taken as one line. Where more than one of them is not 1,
 * the tensor is flattened before and restored after.
 */
export function readSoftmax(kind: string): (node: NodeReader) => ReadNode {
  return (node) => {
    const given = node.attributes.int('axis');
    // Models of the Deeploy dialect say opset 10, leave the axis out and mean the last one (their own data shows it).
    if (node.version >= 13 || (node.isDeeploy && given === undefined)) return { attrs: { axis: given ?? -1 } };
    const x = node.info(node.inputs[0]!);
    if (x.unknown) {
      fail('NL1107', {
        message: `the shape under ${node.type} is only known at run time`,
        cause: `before opset 13 ${node.type} flattens its input, which needs the number of axes`,
        fix: 'convert the model to opset 13 or newer, or fix its shapes',
      });
    }
    const rank = x.shape.length;
    const first = given === rank ? rank : normalAxis(given ?? Math.min(1, rank), Math.max(rank, 1));
    const long = x.shape.flatMap((d, axis) => (axis >= first && d !== 1 ? [axis] : []));
    if (rank > 0 && first < rank && long.length <= 1) return { attrs: { axis: long[0] ?? rank - 1 } };
    const flat = [sizeOf(x.shape.slice(0, first)), sizeOf(x.shape.slice(first))];
    const rows = node.emit(
      kind,
      [node.emit('reshape', [node.inputs[0]!, node.wholes(flat, 'flat')], { allowZero: true })],
      { axis: 1 },
    );
    return { kind: 'reshape', inputs: [rows, node.wholes(x.shape, 'shape')], attrs: { allowZero: true } };
  };
}
