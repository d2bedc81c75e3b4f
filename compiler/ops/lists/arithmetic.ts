import { add } from '../add.ts';
import type { OpDef } from '../define.ts';
import { relu } from '../relu.ts';

/** Element by element: arithmetic, comparison, logic, bits, conversion and quantisation. */
export const arithmetic: readonly OpDef[] = [add, relu];
