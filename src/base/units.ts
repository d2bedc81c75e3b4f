/** Units as types: cycles cannot be added to joules, and a number without a unit is not a time. */
export type Cycles = number & { readonly __unit: 'cycles' };
export type Seconds = number & { readonly __unit: 's' };
export type Hertz = number & { readonly __unit: 'Hz' };
export type Joules = number & { readonly __unit: 'J' };
export type Watts = number & { readonly __unit: 'W' };
export type Bytes = number & { readonly __unit: 'B' };
export type BytesPerSecond = number & { readonly __unit: 'B/s' };

export const cycles = (n: number): Cycles => n as Cycles;
export const seconds = (n: number): Seconds => n as Seconds;
export const joules = (n: number): Joules => n as Joules;
export const bytes = (n: number): Bytes => n as Bytes;

/** Time that `count` cycles take at `clock`. */
export const duration = (count: Cycles, clock: Hertz): Seconds => seconds(count / clock);

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);

const si = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };
const iec = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
const small = { '': 1, m: 1e-3, u: 1e-6, n: 1e-9, p: 1e-12, f: 1e-15 };

const withPrefixes = (unit: string, prefixes: Record<string, number>, scale = 1): [string, number][] =>
  Object.entries(prefixes).map(([prefix, factor]) => [`${prefix}${unit}`, factor * scale]);

/** What each dimension may be written in, and its factor to the SI base unit named in the comment. */
const dimensions = {
  /** Hz */
  frequency: new Map([...withPrefixes('Hz', si)]),
  /** bytes; kB, MB ... are powers of ten, KiB, MiB ... powers of two */
  size: new Map([...withPrefixes('B', si), ...withPrefixes('B', iec), ...withPrefixes('b', iec, 1 / 8), ['b', 1 / 8]]),
  /** bytes/s */
  bandwidth: new Map([...withPrefixes('B/s', si), ...withPrefixes('B/s', iec), ...withPrefixes('b/s', si, 1 / 8)]),
  /** bytes per clock cycle */
  width: new Map([
    ['B/cycle', 1],
    ['b/cycle', 1 / 8],
    ['KiB/cycle', 1024],
  ]),
  /** s */
  time: new Map([...withPrefixes('s', small)]),
  /** J for one operation or access */
  energy: new Map([...withPrefixes('J', small)]),
  /** J per byte */
  energyPerByte: new Map([...withPrefixes('J/B', small), ...withPrefixes('J/b', small, 8)]),
  /** W */
  power: new Map([...withPrefixes('W', { ...small, ...si })]),
  /** mm^2 */
  area: new Map([
    ['mm2', 1],
    ['um2', 1e-6],
  ]),
  /** nm */
  length: new Map([['nm', 1]]),
  /** V */
  voltage: new Map([
    ['V', 1],
    ['mV', 1e-3],
  ]),
  /** operations/s; one MAC is two operations */
  rate: new Map([...withPrefixes('OP/s', si), ...withPrefixes('FLOP/s', si), ...withPrefixes('MAC/s', si, 2)]),
  /** a fraction */
  ratio: new Map([
    ['%', 0.01],
    ['x', 1],
  ]),
} satisfies Record<string, Map<string, number>>;

export type Dimension = keyof typeof dimensions;

export const unitsOf = (dimension: Dimension): string[] => [...dimensions[dimension].keys()];

const literal = /^([0-9]{1,15}(?:\.[0-9]{1,15})?(?:e[+-]?[0-9]{1,3})?) ?([A-Za-z0-9/%]{1,12})$/;

/** Reads "34 GB/s" as a number in the dimension's base unit, or undefined when number or unit do not fit. */
export function parseQuantity(text: string, dimension: Dimension): number | undefined {
  const match = literal.exec(text);
  const factor = match && dimensions[dimension].get(match[2]!);
  const value = match && factor ? Number(match[1]) * factor : undefined;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

const significant = (x: number, digits: number): string => {
  if (x === 0) return '0';
  const shown = x.toPrecision(digits);
  return shown.includes('e') ? String(Number(shown)) : shown.includes('.') ? shown.replace(/\.?0+$/, '') : shown;
};

function scaledTo(x: number, steps: readonly (readonly [number, string])[], unit: string, digits: number): string {
  if (!Number.isFinite(x)) return `? ${unit}`;
  if (x === 0) return `0 ${unit}`;
  if (x === 0) return `0 ${unit}`;
  const size = Math.abs(x);
  // A value that rounds up to the next step is shown in that step: 999.9 KiB, never 1000 KiB.
  const step = steps.find(([factor]) => Number((size / factor).toPrecision(digits)) >= 1) ?? steps.at(-1)!;
  return `${significant(x / step[0], digits)} ${step[1]}${unit}`;
}

const largeSteps = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
] as const;
const smallSteps = [
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'u'],
  [1e-9, 'n'],
  [1e-12, 'p'],
  [1e-15, 'f'],
] as const;
const memorySteps = [
  [2 ** 40, 'Ti'],
  [2 ** 30, 'Gi'],
  [2 ** 20, 'Mi'],
  [2 ** 10, 'Ki'],
  [1, ''],
] as const;

/** SI for rates and counts (1.2 M), IEC for memory (1.2 MiB), ASCII `u` for micro. */
export const show = {
  seconds: (x: number, digits = 3): string => scaledTo(x, smallSteps, 's', digits),
  joules: (x: number, digits = 3): string => scaledTo(x, smallSteps, 'J', digits),
  watts: (x: number, digits = 3): string => scaledTo(x, [...largeSteps.slice(0, 5), ...smallSteps], 'W', digits),
  bytes: (x: number, digits = 3): string => scaledTo(x, memorySteps, 'B', digits),
  rate: (x: number, unit: string, digits = 3): string => scaledTo(x, largeSteps, unit, digits),
  count: (x: number, digits = 3): string => scaledTo(x, largeSteps, '', digits).replace(/ (?=\D|$)/, ''),
  /** With thousands separators, always in full. */
  whole: (x: number): string => String(x).replace(/\B(?=(\d{3})+(?!\d))/g, ','),
  percent: (x: number, digits = 3): string => (Number.isFinite(x) ? `${significant(x * 100, digits)} %` : '? %'),
  plain: significant,
};
