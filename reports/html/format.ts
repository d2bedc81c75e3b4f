import type { Quantity } from '../../src/base/quantity.ts';
import { show } from '../../src/base/units.ts';

const nbsp = '\u00a0';

/** "1.2 us" as "1.20 µs": three digits throughout, so that columns line up, and a space that never breaks. */
function aligned(text: string): string {
  const [number = '', unit = ''] = text.split(' ');
  const isScaled = unit !== '' && unit !== 'B' && /^[0-9.]+$/.test(number);
  const digits = isScaled ? Number(number).toPrecision(3) : number;
  return `${digits.includes('e') ? number : digits}${nbsp}${unit.replace(/^u/, 'µ')}`.trim();
}

/** Numbers as people read them in the report, with their unit. */
export const fmt = {
  seconds: (x: number): string => (x === 0 ? '0' : aligned(show.seconds(x))),
  joules: (x: number): string => (x === 0 ? '0' : aligned(show.joules(x))),
  bytes: (x: number): string => (x === 0 ? '0' : aligned(show.bytes(x))),
  rate: (x: number, unit: string): string => aligned(show.rate(x, unit)),
  count: (x: number): string => (x === 0 ? '0' : show.count(x).replace(/ /g, '')),
  whole: (x: number): string => show.whole(Math.round(x)),
  percent: (x: number | null): string => {
    if (x === null) return '–';
    if (x > 0 && x < 0.0005) return `<0.1${nbsp}%`;
    return `${x >= 0.9995 ? '100' : (x * 100).toFixed(1)}${nbsp}%`;
  },
  /** Text with ASCII units, as the terminal needs them. */
  prose: (text: string): string => text.replace(/(\d) u(?=[sJ]\b)/g, '$1\u00a0µ'),
  /** A mark of an axis: no zeros that say nothing. */
  tick: (text: string): string => text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, ''),
  times: (ratio: number): string => `${show.plain(ratio, 2)}×`,
  plain: (x: number): string => (x >= 1000 ? show.whole(Math.round(x)) : show.plain(x, 3)),
};

/** "0.9 – 1.3 ms" */
export const rangeOf = (q: Quantity, unit: (x: number) => string): string =>
  q.low === q.high ? 'no range is known' : `${unit(q.low)} – ${unit(q.high)}`;
