import { shorten } from '../../../../src/base/text.ts';
import { fmt } from '../../format.ts';
import { px, shape } from '../dom.ts';
import { decades, type LogScale } from './scale.ts';

/** The highest rate of some precisions, in MACs a second. */
export interface Roof {
  readonly name: string;
  readonly rate: number;
  readonly isUsed: boolean;
}

/** The frame of the drawing, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Decades both ways, and what they count. */
export function drawAxes(svg: SVGSVGElement, x: LogScale, y: LogScale, box: Box): void {
  const xTicks = decades(x.low, x.high);
  const every = Math.ceil(xTicks.length / Math.max(2, (box.right - box.left) / 70));
  xTicks.forEach((t, i) => {
    svg.append(shape('path', { d: `M${px(x(t))},${box.top}V${box.bottom}`, class: 'grid' }));
    if (i % every === 0)
      svg.append(shape('text', { x: px(x(t)), y: box.bottom + 16, class: 'tick' }, t < 1 ? String(t) : fmt.count(t)));
  });
  for (const t of decades(y.low, y.high)) {
    svg.append(
      shape('path', { d: `M${box.left},${px(y(t))}H${box.right}`, class: 'grid' }),
      shape('text', { x: box.left - 8, y: px(y(t) + 4), class: 'tick end' }, fmt.count(t)),
    );
  }
  svg.append(shape('path', { d: `M${box.left},${box.top}V${box.bottom}H${box.right}`, class: 'axis' }));
  svg.append(
    shape('text', { x: (box.left + box.right) / 2, y: box.bottom + 34, class: 'axis-name' }, 'Intensity, MAC per byte'),
  );
  svg.append(
    shape(
      'text',
      { transform: `translate(14 ${(box.top + box.bottom) / 2}) rotate(-90)`, class: 'axis-name' },
      'Attained, MAC/s',
    ),
  );
}

/** A memory's roof, up to the ridge, with its name along the line. */
export function drawSlope(
  to: SVGElement,
  name: string,
  bandwidth: number,
  peak: number,
  x: LogScale,
  y: LogScale,
  isMain: boolean,
): void {
  const ridge = peak / bandwidth;
  if (ridge < x.low) return;
  const end = Math.min(ridge, x.high);
  const [x0, y0, x1, y1] = [x(x.low), y(x.low * bandwidth), x(end), y(end * bandwidth)];
  to.append(shape('path', { d: `M${px(x0)},${px(y0)}L${px(x1)},${px(y1)}`, class: isMain ? 'roof' : 'roof minor' }));
  // The name lies along the part of the line that is inside the frame.
  const start = Math.max(x.low, y.low / bandwidth);
  if (start >= end || x(end) - x(start) < 120) return;
  const at = Math.sqrt(start * end);
  const angle = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
  to.append(
    shape(
      'text',
      {
        transform: `translate(${px(x(at))} ${px(y(at * bandwidth))}) rotate(${px(angle)})`,
        y: -6,
        class: isMain ? 'roof-name' : 'roof-name minor',
      },
      `${shorten(name, 24)} ${fmt.rate(bandwidth, 'B/s')}`,
    ),
  );
}

/** A line for each rate, from the slope of the memory to the right end. */
export function drawPeaks(to: SVGElement, roofs: readonly Roof[], bandwidth: number, x: LogScale, y: LogScale): void {
  const labelled: number[] = [];
  const right = x(x.high);
  for (const roof of [...roofs.filter((r) => r.isUsed), ...roofs.filter((r) => !r.isUsed)]) {
    const from = Math.max(x.low, roof.rate / bandwidth);
    if (from > x.high || roof.rate < y.low || roof.rate > y.high) continue;
    const at = y(roof.rate);
    to.append(
      shape('path', { d: `M${px(x(from))},${px(at)}H${px(right)}`, class: roof.isUsed ? 'roof' : 'roof minor' }),
    );
    // Used roofs come first; a label that would lie on another, or on the frame, is left to the data.
    if (at - y(y.high) < 18 || labelled.some((other) => Math.abs(at - other) < 16)) continue;
    labelled.push(at);
    to.append(
      shape(
        'text',
        { x: right - 6, y: px(at - 6), class: roof.isUsed ? 'roof-name end' : 'roof-name end minor' },
        `${roof.name} ${fmt.rate(roof.rate, 'MAC/s')}`,
      ),
    );
  }
}

/** Where slope and main roof meet, with its intensity. */
export function drawRidge(svg: SVGSVGElement, ridge: number, main: Roof, x: LogScale, y: LogScale): void {
  if (ridge < x.low || ridge > x.high) return;
  const [cx, cy] = [x(ridge), y(main.rate)];
  svg.append(
    shape('path', { d: `M${px(cx)},${px(cy)}V${px(y(y.low))}`, class: 'ridge' }),
    shape('circle', { cx: px(cx), cy: px(cy), r: 3.5, class: 'ridge-dot' }),
    shape('text', { x: px(cx - 7), y: px(y(y.low) - 9), class: 'roof-name end' }, `ridge ${fmt.plain(ridge)} MAC/B`),
  );
}
