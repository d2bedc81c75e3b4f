import type { CodePage } from './page.ts';

export const fileCodes = {
} as const satisfies Record<string, CodePage>;
