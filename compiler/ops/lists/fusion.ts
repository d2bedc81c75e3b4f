import type { OpDef } from '../define.ts';
import { fused } from '../fused.ts';

/** Ops that passes make and no ONNX operator becomes. */
export const fusion: readonly OpDef[] = [fused];
