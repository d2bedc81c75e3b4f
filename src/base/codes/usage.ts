import type { CodePage } from './page.ts';

export const usageCodes = {
} as const satisfies Record<string, CodePage>;
