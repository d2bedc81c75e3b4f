import { fail } from '../../src/base/diagnostics.ts';

export const rowMajor = (shape: readonly number[]): number[] => {
  const steps = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis]!;
  }
  return steps;
};

export const showShape = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** Whether every size, and every product of the leading ones, is a whole number that a double holds exactly. */
export function isCountable(shape: readonly number[]): boolean {
  let elements = 1;
  return shape.every((size) => Number.isSafeInteger(size) && Number.isSafeInteger((elements *= Math.max(1, size))));
}

/**
 * The axis counted from the front.
 * @throws NetloomError NL1014 when it is outside [-rank, rank)
 */
export function normalAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    fail('NL1014', {
      message: `axis ${axis} does not exist`,
      cause: `the tensor has ${rank} axes, so axes run from ${-rank} to ${rank - 1}`,
      fix: 'correct the axis in the model',
    });
  }
  return axis < 0 ? axis + rank : axis;
}

/** All axes counted from the front, without repeats. */
export function normalAxes(axes: readonly number[], rank: number): number[] {
  const normal = axes.map((a) => normalAxis(a, rank));
  if (new Set(normal).size !== normal.length) {
    fail('NL1014', {
      message: `an axis stands twice in [${axes.join(', ')}]`,
      cause: 'each axis can be named once',
      fix: 'remove the repeated axis',
    });
  }
  return normal;
}

/**
 * The shape of an element-wise result (ONNX multidirectional broadcasting).
 * @throws NetloomError NL1014 when two sizes differ and neither is 1
 */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((size, i) => {
      const axis = rank - shape.length + i;
      if (size === 1 || size === out[axis]) return;
      if (out[axis] !== 1) {
        fail('NL1014', {
          message: `shapes ${shapes.map(showShape).join(' and ')} do not fit together`,
          cause: `along axis ${axis} one has ${out[axis]} and another ${size}; sizes must be equal, or one of them 1`,
          fix: 'correct the shapes in the model, or give the right input shape with --shape',
        });
      }
      out[axis] = size;
    });
  }
  return out;
}

/** Steps with which a tensor of `shape` is read at positions of `target`: 0 along broadcast axes. */
export function broadcastSteps(shape: readonly number[], target: readonly number[]): number[] {
  const own = rowMajor(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : own[axis - lead]!));
}

/**
 * Calls `visit(i, offsets)` for each position of `shape` in row-major order, where offsets[k] is the offset into the
 * k-th operand stepped by `steps[k]`. The offsets array is reused between calls.
 */
export function walk(
  shape: readonly number[],
  steps: readonly (readonly number[])[],
  visit: (i: number, offsets: readonly number[]) => void,
): void {
  const n = shape.reduce((p, d) => p * d, 1);
  const rank = shape.length;
  const position = new Array<number>(rank).fill(0);
  const offsets = new Array<number>(steps.length).fill(0);
  for (let i = 0; i < n; i++) {
    visit(i, offsets);
    for (let axis = rank - 1; axis >= 0; axis--) {
      position[axis]!++;
      for (let k = 0; k < steps.length; k++) offsets[k]! += steps[k]![axis]!;
      if (position[axis]! < shape[axis]!) break;
      for (let k = 0; k < steps.length; k++) offsets[k]! -= steps[k]![axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
}
