import { at, axisLoops, call, index, macs, nest, read, work } from '../../../hw-models/work/build.ts';
import type { Index, Operand, Scalar, Step, Work } from '../../../hw-models/work/types.ts';
import type { TensorType } from '../../ir/types.ts';
import { f32 } from '../../formats/index.ts';
import { numbers, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { walk } from '../../tensor/shape.ts';
import type { OperandInfo } from '../define.ts';
import { operandOf } from './elementwise.ts';
import type { AxisTaps } from './resize-taps.ts';

/** Axes that need work, the one that shrinks most first: later passes then have less to do. */
const passesOf = (taps: readonly AxisTaps[]): number[] =>
  taps
    .flatMap((t, axis) => (t.isIdentity ? [] : [axis]))
    .sort((a, b) => taps[a]!.out / taps[a]!.size - taps[b]!.out / taps[b]!.size);

const isOutside = (t: AxisTaps, o: number): boolean => t.start[o]! < 0;

/** Interpolates along one axis after the other, in doubles. */
export function interpolated(x: Tensor, taps: readonly AxisTaps[], extrapolation: number): Float64Array {
  let values: Float64Array = Float64Array.from(numbers(x));
  const shape = [...x.shape];
  for (const axis of passesOf(taps)) {
    values = pass(values, sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1)), taps[axis]!);
    shape[axis] = taps[axis]!.out;
  }
  if (taps.some((t) => t.start.includes(-1))) {
    const position = shape.map(() => 0);
    walk(shape, [], (i) => {
      if (position.some((o, axis) => isOutside(taps[axis]!, o))) values[i] = extrapolation;
      for (let axis = shape.length - 1; axis >= 0 && ++position[axis]! === shape[axis]!; axis--) position[axis] = 0;
    });
  }
  return values;
}

function pass(
  values: Float64Array,
  outer: number,
  inner: number,
  { size, out, taps, start, weights }: AxisTaps,
): Float64Array {
  const result = new Float64Array(outer * out * inner);
  for (let a = 0; a < outer; a++) {
    for (let o = 0; o < out; o++) {
      const target = (a * out + o) * inner;
      for (let t = 0; t < taps; t++) {
        const w = weights[o * taps + t]!;
        if (w === 0) continue;
        const from = (a * size + start[o]! + t) * inner;
        for (let i = 0; i < inner; i++) result[target + i]! += w * values[from + i]!;
      }
    }
  }
  return result;
}

/** The same as one sum of products per axis, with the weights in tables. */
export function interpolationWork(
  x: OperandInfo,
  out: TensorType,
  taps: readonly AxisTaps[],
  extrapolation: number,
): Work {
  const operands: Record<string, Operand> = { x: operandOf(x), out: operandOf(out, 'output') };
  const steps: Step[] = [];
  const shape = [...x.shape];
  const crops = taps.some((t) => t.start.includes(-1));
  const passes = passesOf(taps);
  let source = 'x';
  passes.forEach((axis, i) => {
    const t = taps[axis]!;
    shape[axis] = t.out;
    const target = i === passes.length - 1 && !crops ? 'out' : `pass${i}`;
    if (target !== 'out') operands[target] = operandOf({ format: x.format, shape: [...shape] }, 'scratch');
    operands[`weights${axis}`] = { role: 'table', format: f32, shape: [t.out, t.taps], data: t.weights };
    const loops = axisLoops('o', shape);
    const names = loops.map((l) => l.name);
    const window: Index = {
      offset: 0,
      terms: [
        { loop: names[axis]!, table: t.start.map((p) => Math.max(0, p)) },
        { loop: 't', by: 1 },
      ],
    };
    steps.push(
      macs({
        loops: [...loops, { name: 't', size: t.taps }],
        reads: [
          at(source, ...names.map((n, a) => (a === axis ? window : index(n)))),
          at(`weights${axis}`, names[axis]!, 't'),
        ],
        write: at(target, ...names),
      }),
    );
    source = target;
  });
  if (source !== 'out') steps.push(finish(source, out, taps, extrapolation, operands));
  return work(operands, ...steps);
}

/** Copies, with the extrapolation value outside the roi of any axis. */
function finish(
  source: string,
  out: TensorType,
  taps: readonly AxisTaps[],
  extrapolation: number,
  operands: Record<string, Operand>,
): Step {
  const loops = axisLoops('o', out.shape);
  const names = loops.map((l) => l.name);
  const cropped = taps.flatMap((t, axis) => (t.start.includes(-1) ? [axis] : []));
  for (const axis of cropped) {
    const { start, out: n } = taps[axis]!;
    operands[`inside${axis}`] = {
      role: 'table',
      format: f32,
      shape: [n],
      data: Float64Array.from(start, (p) => (p < 0 ? 0 : 1)),
    };
  }
  const reads = [at(source, ...names), ...cropped.map((axis) => at(`inside${axis}`, names[axis]!))];
  const inside = cropped.map((_, i): Scalar => read(i + 1));
  const compute =
    inside.length === 0
      ? read(0)
      : call(
          'select',
          inside.reduce((a, b) => call('and', a, b)),
          read(0),
          extrapolation,
        );
  return nest({ loops, reads, write: at('out', ...names), compute });
}
