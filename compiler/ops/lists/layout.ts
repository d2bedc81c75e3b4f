import { constant } from '../const.ts';
import type { OpDef } from '../define.ts';
import { reshape } from '../reshape.ts';
import { shape } from '../shape.ts';

/** Ops that move, select and order elements. */
export const layout: readonly OpDef[] = [constant, reshape, shape];
