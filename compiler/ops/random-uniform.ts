import { distributions, randomFill } from './kit/random-fill.ts';

/** Random numbers of a shape that an attribute gives. */
export const randomUniform = randomFill('random-uniform', 'RandomUniform', distributions.uniform, false, [
  { attrs: { shape: [2, 3], seed: 7 } },
  { attrs: { shape: [], dtype: 11, seed: 0.5 } },
]);
