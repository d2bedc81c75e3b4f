import { light, type Palette } from '../../palette.ts';
import { element } from '../dom.ts';

const named = ['page', 'raised', 'text', 'muted', 'grid', 'accent', 'marked'] as const;

/** What a canvas is drawn with; style sheets do not reach into one. */
export interface Ink extends Pick<Palette, (typeof named)[number] | 'series'> {
  readonly font: string;
}

/** Colours and font as the style sheet has them now: theme, forced colours and all. */
export function inkOf(place: HTMLElement): Ink {
  const probe = element('span', { class: 'probe' });
  place.append(probe);
  const style = getComputedStyle(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return style.color;
  };
  const found = Object.fromEntries(named.map((name) => [name, colour(name)])) as Pick<Ink, (typeof named)[number]>;
  const ink = { ...found, series: light.series.map((_, i) => colour(`s${i + 1}`)), font: style.fontFamily };
  probe.remove();
  return ink;
}

/** Black on white. Before printing starts, styles are still those of the screen. */
export const inkForPaper = (place: HTMLElement): Ink => ({
  ...light,
  text: '#000000',
  muted: '#000000',
  font: getComputedStyle(place).fontFamily,
});
