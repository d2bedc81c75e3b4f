import type { Section } from '../view.ts';
import { advice } from './advice.ts';
import { bounds } from './bounds.ts';
import { device } from './device.ts';
import { energy } from './energy.ts';
import { graph } from './graph.ts';
import { layers } from './layers.ts';
import { memory } from './memory.ts';
import { method } from './method.ts';
import { roofline } from './roofline.ts';
import { verdict } from './verdict.ts';

/** In the order of reading. */
export const sections: readonly Section[] = [
  verdict,
  advice,
  bounds,
  roofline,
  layers,
  energy,
  memory,
  device,
  graph,
  method,
];
