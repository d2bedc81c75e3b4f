/** What `netloom explain NLxxxx` shows, and the exit code (UX.md 1.4) that the code ends a run with. */
export interface CodePage {
  readonly title: string;
  /** 1 answer is no, 2 usage, 3 unreadable or invalid input, 4 valid but unsupported, 5 files, 70 bug. */
  readonly exit: 0 | 1 | 2 | 3 | 4 | 5 | 70;
  /** A small wrong example, as the user would have it. */
  readonly wrong: string;
  /** The same made right. */
  readonly right: string;
  readonly why: string;
}
