import { px } from '../dom.ts';

/** Outlines of equal area about a centre; `r` is the radius of the circle of that area. */
const outlines: readonly ((x: number, y: number, r: number) => string)[] = [
  (x, y, r) => `M${px(x - r)},${px(y)}a${px(r)},${px(r)} 0 1 1 ${px(2 * r)},0a${px(r)},${px(r)} 0 1 1 ${px(-2 * r)},0z`,
  (x, y, r) => box(x, y, r * 0.886),
  (x, y, r) => triangle(x, y, r * 1.555, -1),
  (x, y, r) =>
    `M${px(x)},${px(y - r * 1.253)}l${px(r * 1.253)},${px(r * 1.253)}l${px(-r * 1.253)},${px(r * 1.253)}l${px(-r * 1.253)},${px(-r * 1.253)}z`,
  (x, y, r) => triangle(x, y, r * 1.555, 1),
  (x, y, r) => cross(x, y, r * 1.18),
];

const box = (x: number, y: number, h: number): string =>
  `M${px(x - h)},${px(y - h)}h${px(2 * h)}v${px(2 * h)}h${px(-2 * h)}z`;

const triangle = (x: number, y: number, s: number, way: number): string =>
  `M${px(x)},${px(y + way * s * 0.77)}L${px(x + s * 0.67 * 1.15)},${px(y - way * s * 0.4)}H${px(x - s * 0.67 * 1.15)}z`;

function cross(x: number, y: number, s: number): string {
  const t = s * 0.42;
  const [a, b] = [px(s - t), px(2 * t)];
  return `M${px(x - t)},${px(y - s)}h${b}v${a}h${a}v${b}h${-a}v${a}h${-b}v${-a}h${-a}v${-b}h${a}z`;
}

export const markerPath = (kind: number, x: number, y: number, r: number): string =>
  outlines[kind % outlines.length]!(x, y, r);
