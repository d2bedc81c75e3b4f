/** About `count` round steps from 0 to at least `max`. */
export function niceTicks(max: number, count: number): number[] {
  if (!(max > 0)) return [0];
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let i = 0; i * step <= max * 1.0001; i++) ticks.push(i * step);
  return ticks;
}

/** Powers of ten from one end to the other. */
export function decades(low: number, high: number): number[] {
  const found: number[] = [];
  for (let e = Math.ceil(Math.log10(low) - 1e-9); e <= Math.log10(high) + 1e-9; e++) found.push(10 ** e);
  return found;
}

export const powerBelow = (x: number): number => 10 ** Math.floor(Math.log10(x) + 1e-9);
export const powerAbove = (x: number): number => 10 ** Math.ceil(Math.log10(x) - 1e-9);
