import { distributions, randomFill } from './kit/random-fill.ts';

/** Random numbers in the shape of the operand, whose elements do not matter. */
export const randomNormalLike = randomFill('random-normal-like', 'RandomNormalLike', distributions.normal, true, [
  { x: 'f16[2,3] ~1', attrs: { seed: 7 } },
  { x: 'i64[0] ', attrs: { dtype: 1 } },
]);
