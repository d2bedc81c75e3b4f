import { shorten } from '../../../../src/base/text.ts';
import { px, shape } from '../dom.ts';

export interface LegendItem {
  readonly name: string;
  /** The mark in a box of 12 by 12. */
  readonly mark: SVGElement;
}

const letter = 6.4;

/** Marks with names, in as many lines as they need; part of the drawing, so that an exported one explains itself. */
export function legend(
  items: readonly LegendItem[],
  left: number,
  top: number,
  width: number,
): { readonly group: SVGGElement; readonly height: number } {
  const group = shape('g', { class: 'legend' });
  let [x, y] = [0, 0];
  for (const { name, mark } of items) {
    const text = shorten(name, 42);
    const wide = 18 + text.length * letter + 14;
    if (x > 0 && x + wide > width) [x, y] = [0, y + 18];
    group.append(
      shape(
        'g',
        { transform: `translate(${px(left + x)} ${px(top + y)})` },
        mark,
        shape('text', { x: 17, y: 10 }, text),
      ),
    );
    x += wide;
  }
  return { group, height: items.length > 0 ? y + 18 : 0 };
}
