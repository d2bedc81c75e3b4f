/**
 * Colours of the report. `series` are for marks on `page`: at least 3:1 against it, and at least 0.15 apart in OKLab under
 * normal, protan, deutan and tritan sight. `ramp` is one hue of monotone lightness, each step with a text colour of
 * at least 4.5:1 on it. tests/suites/html-report.test.ts works all of these figures out again.
 */
export interface Palette {
  readonly page: string;
  readonly raised: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly grid: string;
  readonly accent: string;
  readonly marked: string;
  readonly good: string;
  readonly bad: string;
  readonly series: readonly string[];
  readonly ramp: readonly string[];
  readonly onRamp: readonly string[];
}

export const light: Palette = {
  page: '#FFFFFF',
  raised: '#F6F7F9',
  text: '#1A1D21',
  muted: '#59626D',
  line: '#D5DAE0',
  grid: '#E6E9ED',
  accent: '#2F4FA8',
  marked: '#FFF1C9',
  good: '#1C6B3A',
  bad: '#A8281E',
  series: ['#2F2E72', '#671F00', '#9D4C00', '#586486', '#CF7D59', '#9786DC'],
  ramp: ['#EEF1FA', '#CFD7EE', '#A9B6DF', '#5F6EAE', '#47529A', '#2A2F6E'],
  onRamp: ['#1A1D21', '#1A1D21', '#1A1D21', '#FFFFFF', '#FFFFFF', '#FFFFFF'],
};

export const dark: Palette = {
  page: '#14171A',
  raised: '#1D2125',
  text: '#E9ECEF',
  muted: '#A3ACB6',
  line: '#3A4149',
  grid: '#2A3037',
  accent: '#8FB4FF',
  marked: '#4A3F16',
  good: '#7FD6A0',
  bad: '#FF9A8E',
  series: ['#92580C', '#47669A', '#D0910B', '#50AABF', '#6FECF7', '#F6DA5D'],
  ramp: ['#232B3D', '#30405E', '#3F5787', '#7E9ED6', '#A9C3EE', '#DCE8FC'],
  onRamp: ['#E9ECEF', '#E9ECEF', '#FFFFFF', '#14171A', '#14171A', '#14171A'],
};

export const seriesCount = light.series.length;

function variables(p: Palette): string {
  const { series, ramp, onRamp, ...named } = p;
  const all = [
    ...Object.entries(named),
    ...series.map((c, i) => [`s${i + 1}`, c]),
    ...ramp.map((c, i) => [`q${i + 1}`, c]),
    ...onRamp.map((c, i) => [`on-q${i + 1}`, c]),
  ];
  return all.map(([name, value]) => `--${name}:${value}`).join(';');
}

/** Columns of a table that can be hidden. */
const mostColumns = 16;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

/** Variables and classes that the style sheet and the drawings take their colours and widths from. */
export function paletteCss(): string {
  return [
    `:root{color-scheme:light;${variables(light)}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${variables(dark)}}}`,
    `:root[data-theme=dark]{color-scheme:dark;${variables(dark)}}`,
    `@media print{:root:root,:root[data-theme]:root{color-scheme:light;${variables(light)}}}`,
    ...numbers(seriesCount).map((i) => `.s${i}{fill:var(--s${i});background-color:var(--s${i})}`),
    ...numbers(light.ramp.length).map(
      (i) => `.q${i}{fill:var(--q${i});background-color:var(--q${i})}.on-q${i}{fill:var(--on-q${i})}`,
    ),
    ...[0, ...numbers(100)].map((i) => `.w${i}{width:${i}%}`),
    ...numbers(mostColumns).map((i) => `.no${i} tr>:nth-child(${i}){display:none}`),
  ].join('\n');
}
