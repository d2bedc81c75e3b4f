import type { CodePage } from './page.ts';

export const scheduleCodes = {
} as const satisfies Record<string, CodePage>;
