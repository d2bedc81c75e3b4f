import { add } from './add.ts';
import { constant } from './const.ts';
import { conv } from './conv.ts';
import type { OpDef } from './define.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { shape } from './shape.ts';

/** Every op that ships with netloom. */
export const builtinOps: readonly OpDef[] = [add, constant, conv, relu, reshape, shape];
