import type { Work } from '../../hw-models/work/types.ts';
import { i64 } from '../formats/index.ts';
import type { TensorType } from '../ir/types.ts';
import { showShape } from '../tensor/shape.ts';
import { fromNumbers, numbers, scalarOf, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { defineOp, type OperandInfo } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit } from './kit/layout.ts';
import { sortSteps } from './kit/order.ts';

interface Sizes {
  readonly batch: number;
  readonly classes: number;
  readonly boxes: number;
}

function sizesOf(boxes: TensorType, scores: TensorType): Sizes {
  const [batch, classes, count] = scores.shape;
  const fits =
    boxes.shape.length === 3 &&
    scores.shape.length === 3 &&
    boxes.shape[0] === batch &&
    boxes.shape[1] === count &&
    boxes.shape[2] === 4;
  if (!fits)
    misfit(
      'boxes and scores do not fit',
      `boxes are ${showShape(boxes.shape)}, scores ${showShape(scores.shape)}; [batch, n, 4] and [batch, classes, n] are needed`,
    );
  return { batch: batch!, classes: classes!, boxes: count! };
}

interface Box {
  readonly y1: number;
  readonly x1: number;
  readonly y2: number;
  readonly x2: number;
  readonly area: number;
}

/** Box `i` with its corners in order; of single-precision boxes areas are single too, as thresholds compare exactly. */
function boxAt(data: ArrayLike<number>, i: number, centred: boolean): Box {
  const [a, b, c, d] = [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!, data[4 * i + 3]!];
  // centred: x, y, width, height; else two opposite corners, each y before x
  const corners = centred
    ? [f(b - f(d / 2)), f(a - f(c / 2)), f(b + f(d / 2)), f(a + f(c / 2))]
    : [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
  const [y1, x1, y2, x2] = corners as [number, number, number, number];
  return { y1, x1, y2, x2, area: f(f(y2 - y1) * f(x2 - x1)) };
}

const f = Math.fround;

/** Intersection over union; 0 for boxes without area. */
function overlap(a: Box, b: Box): number {
  const height = f(Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1));
  const width = f(Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1));
  if (!(height > 0) || !(width > 0) || !(a.area > 0) || !(b.area > 0)) return 0;
  const shared = f(height * width);
  return f(shared / f(f(a.area + b.area) - shared));
}

interface Limits {
  readonly most: number;
  readonly iou: number;
  readonly score: number;
}

function select(
  boxes: readonly Box[],
  scores: ArrayLike<number>,
  start: number,
  { most, iou, score }: Limits,
): number[] {
  const order: number[] = [];
  for (let i = 0; i < boxes.length; i++) if (scores[start + i]! > score) order.push(i);
  order.sort((a, b) => scores[start + b]! - scores[start + a]! || a - b);
  const selected: number[] = [];
  for (const i of order) {
    if (selected.length >= most) break;
    if (selected.every((s) => !(overlap(boxes[i]!, boxes[s]!) > iou))) selected.push(i);
  }
  return selected;
}

const limit = (t: Tensor | undefined, fallback: number): number => (t ? scalarOf(t) : fallback);

/** Keeps the best boxes of each class and drops those that overlap a better one: rows of batch, class and box index. */
export const nonMaxSuppression = defineOp('non-max-suppression', {
  doc: 'The boxes that no better box of their class overlaps too much.',
  onnx: { type: 'NonMaxSuppression', since: 10 },
  operands: ['boxes', 'scores', 'most?', 'iou?', 'score?'],
  attrs: { centerPointBox: flag('boxes are centre x, centre y, width and height; else two opposite corners', false) },
  infer: ({ boxes, scores, most }) => {
    const s = sizesOf(boxes, scores);
    const each = most && !most.value ? s.boxes : Math.min(s.boxes, Math.max(0, limit(most?.value, 0)));
    return each === 0
      ? { format: i64, shape: [0, 3] }
      : { format: i64, shape: [s.batch * s.classes * each, 3], assumed: true };
  },
  evaluate: ({ boxes, scores, most, iou, score }, { centerPointBox }) => {
    const s = sizesOf(boxes, scores);
    const limits = { most: limit(most, 0), iou: limit(iou, 0), score: limit(score, -Infinity) };
    const [corners, values] = [numbers(boxes), numbers(scores)];
    const rows: number[] = [];
    for (let b = 0; b < s.batch && limits.most > 0; b++) {
      const all = Array.from({ length: s.boxes }, (_, i) => boxAt(corners, b * s.boxes + i, centerPointBox));
      for (let c = 0; c < s.classes; c++)
        for (const i of select(all, values, (b * s.classes + c) * s.boxes, limits)) rows.push(b, c, i);
    }
    return fromNumbers(i64, [rows.length / 3, 3], rows);
  },
  work: ({ boxes, scores, score, most, iou }, _, { out }) => {
    const given = { boxes, scores, ...(most ? { most } : {}), ...(iou ? { iou } : {}), ...(score ? { score } : {}) };
    return suppressionWork(given, sizesOf(boxes, scores), out[0]!);
  },
  examples: [
    {
      boxes: 'f32[1,3,4] 0 0 1 1  0 0.1 1 1.1  0 10 1 11',
      scores: 'f32[1,1,3] 0.75 0.9 0.6',
      most: 'i64[1] 3',
      iou: 'f32[1] 0.5',
      score: 'f32[1] 0',
      out: 'i64[2,3] 0 0 1 0 0 2',
    },
    {
      boxes: 'f32[1,2,4] 0.5 0.5 1 1  0.5 10.5 1 1',
      scores: 'f32[1,2,2] 0.5 0.9 0.5 0.1',
      most: 'i64[] 2',
      score: 'f32[] 0.4',
      attrs: { centerPointBox: true },
      out: 'i64[3,3] 0 0 1 0 0 0 0 1 0',
    },
    { boxes: 'f32[1,1,4] 0 0 1 1', scores: 'f32[1,1,1] 1', out: 'i64[0,3]' },
  ],
});

function suppressionWork(given: Readonly<Record<string, OperandInfo>>, s: Sizes, out: TensorType): Work {
  const lists = s.batch * s.classes;
  const results = sizeOf(out.shape) / 3;
  const kept = lists === 0 ? 0 : results / lists;
  // Every box is held against every box kept before it; the first `kept` only against fewer.
  const pairs = lists * Math.max(0, s.boxes * kept - (kept * (kept + 1)) / 2);
  return {
    operands: {
      ...Object.fromEntries(Object.entries(given).map(([name, info]) => [name, operandOf(info)])),
      out: operandOf(out, 'output'),
    },
    steps: [
      {
        kind: 'procedure',
        why: 'scores are sorted, then boxes are compared with all better ones kept so far: at most n x kept overlaps of 7 comparisons, 4 sums, 1 product and 1 division',
        counts: {
          compare: lists * (s.boxes + sortSteps(s.boxes)) + 7 * pairs,
          add: 4 * pairs,
          mul: pairs + s.batch * s.boxes,
          div: pairs,
          move: 3 * results,
        },
        reads: { boxes: lists * s.boxes * 4, scores: lists * s.boxes },
        writes: { out: 3 * results },
      },
    ],
  };
}
