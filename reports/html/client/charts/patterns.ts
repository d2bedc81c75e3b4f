import { shape } from '../dom.ts';

let made = 0;

/**
 * Fine lines over every second colour, so that neighbours in a stack differ without colour too. Returns the definitions
 * and what to fill the overlay of a series with.
 */
export function hatches(): { readonly defs: SVGDefsElement; readonly overlay: (series: number) => string | undefined } {
  const id = `hatch-${++made}`;
  const angles = [45, -45, 90];
  const defs = shape(
    'defs',
    {},
    ...angles.map((angle, i) =>
      shape(
        'pattern',
        { id: `${id}-${i}`, width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: `rotate(${angle})` },
        shape('path', { d: 'M0,0V5', class: 'hatch' }),
      ),
    ),
  );
  return { defs, overlay: (series) => (series % 2 === 1 ? `url(#${id}-${(series - 1) / 2})` : undefined) };
}
