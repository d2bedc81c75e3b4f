import type { OpDef } from './define.ts';
import { arithmetic } from './lists/arithmetic.ts';
import { fusion } from './lists/fusion.ts';
import { layout } from './lists/layout.ts';
import { linear } from './lists/linear.ts';
import { networks } from './lists/networks.ts';
import { signals } from './lists/signals.ts';

/** Every op that ships with netloom, by theme; each list names its files. */
export const builtinOps: readonly OpDef[] = [...arithmetic, ...linear, ...networks, ...layout, ...signals, ...fusion];
