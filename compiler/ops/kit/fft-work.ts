import { at, call, loops, macs, nest, read, type IndexForm } from '../../../hw-models/work/build.ts';
import type { Access, Loop, Operand, Step } from '../../../hw-models/work/types.ts';
import { f64, type Format } from '../../formats/index.ts';
import { halfOf, type Chirp, type FftPlan, type Stage } from './fft.ts';

/** Where `fftSteps` puts its tables and scratch, and the loops over lines that every nest runs in. */
export interface FftNests {
  readonly operands: Record<string, Operand>;
  readonly format: Format;
  /** Loops over lines; operands have these axes first, then position, then real and imaginary part. */
  readonly lines: readonly Loop[];
}

/** The nests of a plan on scratch operand `source`; answers the name of the scratch operand that holds the result. */
export function fftSteps(plan: FftPlan, source: string, nests: FftNests, steps: Step[]): string {
  if (plan.chirp) return chirpSteps(plan.n, plan.chirp, source, nests, steps);
  let from = source;
  for (const [i, stage] of plan.stages.entries()) {
    const to = scratch(nests, `${source}_${i}`, plan.n);
    const nestsOf = stage.radix === 2 ? evenStage : oddStage;
    steps.push(...nestsOf(stage, from, to, `${source}_${i}`, plan.n, nests));
    from = to;
  }
  return from;
}

export function scratch({ operands, format, lines }: FftNests, name: string, n: number): string {
  operands[name] = { role: 'scratch', format, shape: [...lines.map((l) => l.size), n, 2] };
  return name;
}

function table({ operands }: FftNests, name: string, shape: readonly number[], data: Float64Array): string {
  operands[name] = { role: 'table', format: f64, shape, data };
  return name;
}

const on = (operand: string, lines: readonly Loop[], ...rest: readonly IndexForm[]): Access =>
  at(operand, ...lines.map((l) => l.name), ...rest);

/** Two points at a time: their sum, and their difference turned. */
function evenStage(
  { rest, stride, turns }: Stage,
  from: string,
  to: string,
  name: string,
  n: number,
  nests: FftNests,
): Step[] {
  const over = [...nests.lines, ...loops({ p: rest, q: stride })];
  const all = [...over, { name: 'c', size: 2 }];
  const [a, b] = [0, 1].map((j) => on(from, nests.lines, ['q', 1, 'p', stride, j * stride * rest], 'c')) as [
    Access,
    Access,
  ];
  const result = (k: number, part: IndexForm): Access =>
    on(to, nests.lines, ['q', 1, 'p', stride * 2, k * stride], part);
  const sum = nest({ loops: all, reads: [a, b], write: result(0, 'c'), compute: call('add', read(0), read(1)) });
  const turned = rest > 1 ? scratch(nests, `difference_${name}`, n / 2) : undefined;
  const difference = (part: IndexForm): Access =>
    turned ? on(turned, nests.lines, ['q', 1, 'p', stride], part) : result(1, part);
  const steps = [
    sum,
    nest({ loops: all, reads: [a, b], write: difference('c'), compute: call('sub', read(0), read(1)) }),
  ];
  if (!turned) return steps;
  table(nests, `turns_${name}`, [rest, 2, 2], turns);
  return [
    ...steps,
    ...complexProduct(
      over,
      difference,
      (part) => at(`turns_${name}`, 'p', 1, part),
      (part) => result(1, part),
    ),
  ];
}

/** Sums and differences of opposite elements, products with cosines and sines, and the turn. */
function oddStage(
  { radix, rest, stride, turns, roots }: Stage,
  from: string,
  to: string,
  name: string,
  n: number,
  nests: FftNests,
): Step[] {
  const half = halfOf(radix);
  const { lines, operands, format } = nests;
  const own = (part: string): string => {
    operands[`${part}_${name}`] = { role: 'scratch', format, shape: [...lines.map((l) => l.size), half, n / radix, 2] };
    return `${part}_${name}`;
  };
  const [sums, differences, along, across] = [own('sums'), own('differences'), own('along'), own('across')];
  const over = (sizes: Readonly<Record<string, number>>): Loop[] => [
    ...lines,
    ...loops({ p: rest, q: stride, ...sizes }),
  ];
  const x = (...offset: (string | number)[]): Access => on(from, lines, ['q', 1, 'p', stride, ...offset], 'c');
  const [low, high] = [x('j', stride * rest, stride * rest), x('j', -stride * rest, (radix - 1) * stride * rest)];
  const place = (operand: string, row: IndexForm, part: IndexForm = 'c'): Access =>
    on(operand, lines, row, ['q', 1, 'p', stride], part);
  const target = rest > 1 ? scratch(nests, `straight_${name}`, n) : to;
  const result = (operand: string, k: readonly (string | number)[], part: IndexForm): Access =>
    on(operand, lines, ['q', 1, 'p', stride * radix, ...k], part);
  const pairs = over({ j: half, c: 2 });
  for (const [part, kept] of [
    ['cosines', 0],
    ['sines', 1],
  ] as const) {
    table(
      nests,
      `${part}_${name}`,
      [half, half],
      roots.filter((_, i) => i % 2 === kept),
    );
  }
  const forth = (k: readonly (string | number)[], part: 0 | 1, op: 'add' | 'sub'): Step =>
    nest({
      loops: over({ k: half }),
      reads: [place(along, 'k', part), place(across, 'k', 1 - part)],
      write: result(target, k, part),
      compute: call(op, read(0), read(1)),
    });
  const [up, down] = [
    ['k', stride, stride],
    ['k', -stride, (radix - 1) * stride],
  ] as const;
  const steps: Step[] = [
    nest({ loops: pairs, reads: [low, high], write: place(sums, 'j'), compute: call('add', read(0), read(1)) }),
    nest({ loops: pairs, reads: [low, high], write: place(differences, 'j'), compute: call('sub', read(0), read(1)) }),
    nest({ loops: over({ c: 2 }), reads: [x()], write: result(target, [], 'c'), compute: read(0) }),
    nest({
      loops: pairs,
      reads: [place(sums, 'j')],
      write: result(target, [], 'c'),
      combine: 'add',
      start: 'kept',
      compute: read(0),
    }),
    nest({ loops: over({ k: half, c: 2 }), reads: [x()], write: place(along, 'k'), compute: read(0) }),
    macs({
      loops: over({ k: half, c: 2, j: half }),
      reads: [place(sums, 'j'), at(`cosines_${name}`, 'k', 'j')],
      write: place(along, 'k'),
      start: 'kept',
    }),
    macs({
      loops: over({ k: half, c: 2, j: half }),
      reads: [place(differences, 'j'), at(`sines_${name}`, 'k', 'j')],
      write: place(across, 'k'),
    }),
    ...[forth(up, 0, 'sub'), forth(up, 1, 'add'), forth(down, 0, 'add'), forth(down, 1, 'sub')],
  ];
  if (rest === 1) return steps;
  table(nests, `turns_${name}`, [rest, radix, 2], turns);
  const turn = (part: number): Access => at(`turns_${name}`, 'p', 'k', part);
  const each =
    (operand: string) =>
    (part: number): Access =>
      result(operand, ['k', stride], part);
  return [...steps, ...complexProduct(over({ k: radix }), each(target), turn, each(to))];
}

/** Real part, then imaginary part. */
function complexProduct(
  over: readonly Loop[],
  a: (part: number) => Access,
  b: (part: number) => Access,
  out: (part: number) => Access,
): Step[] {
  const reads = [a(0), b(0), a(1), b(1)];
  const product = (i: number, j: number) => call('mul', read(i), read(j));
  return [
    nest({ loops: over, reads, write: out(0), compute: call('sub', product(0, 1), product(2, 3)) }),
    nest({ loops: over, reads, write: out(1), compute: call('add', product(0, 3), product(2, 1)) }),
  ];
}

function chirpSteps(
  n: number,
  { m, forward, backward, factors, kernel }: Chirp,
  source: string,
  nests: FftNests,
  steps: Step[],
): string {
  const { lines } = nests;
  const chirp = table(nests, `chirp_${source}`, [n, 2], factors);
  const spectrum = table(nests, `kernel_${source}`, [m, 2], kernel);
  const padded = scratch(nests, `${source}_padded`, m);
  // What lies beyond the n products stays zero.
  steps.push(
    nest({ loops: [...lines, ...loops({ t: m, c: 2 })], write: on(padded, lines, 't', 'c'), compute: { value: 0 } }),
  );
  const times = (from: string, by: string, to: string, size: number): void => {
    const over = [...lines, ...loops({ t: size })];
    steps.push(
      ...complexProduct(
        over,
        (part) => on(from, lines, 't', part),
        (part) => at(by, 't', part),
        (part) => on(to, lines, 't', part),
      ),
    );
  };
  times(source, chirp, padded, n);
  const transformed = fftSteps(forward, padded, nests, steps);
  const filtered = scratch(nests, `${source}_filtered`, m);
  times(transformed, spectrum, filtered, m);
  const back = fftSteps(backward, filtered, nests, steps);
  const result = scratch(nests, `${source}_chirped`, n);
  times(back, chirp, result, n);
  return result;
}
