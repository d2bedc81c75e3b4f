import type { CodePage } from './page.ts';

export const loweringCodes = {
} as const satisfies Record<string, CodePage>;
