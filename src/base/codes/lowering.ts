import type { CodePage } from './page.ts';

export const loweringCodes = {
  NL3101: {
    title: 'no such precision',
    exit: 2,
    wrong: '--precision int9x',
    right: '--precision int8',
    why: 'Precisions are fp32, fp16, bf16, fp8, int16, int8, int4, ternary, binary, wNaM (bits of weights and activations), or native: as the model has it.',
  },
} as const satisfies Record<string, CodePage>;
