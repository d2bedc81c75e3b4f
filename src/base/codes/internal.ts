import type { CodePage } from './page.ts';

export const internalCodes = {
  NL9001: {
    title: 'a fault in netloom',
    exit: 70,
    wrong: '(any input)',
    right: '(the same, with a fixed netloom)',
    why: 'An invariant of netloom does not hold. This is our mistake, not yours; please report it with the reproducer.',
  },
} as const satisfies Record<string, CodePage>;
