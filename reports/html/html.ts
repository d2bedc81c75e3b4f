import { forHtml } from '../../src/base/text.ts';

/** Markup that is safe to join into a document. Only `markup` makes it, so every plain string in it has been escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a `markup` template; nothing is written for false, null and undefined. */
export type Piece = Html | string | number | false | null | undefined | readonly Piece[];

const written = (piece: Piece): string => {
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'string') return forHtml(piece);
  if (typeof piece === 'number') return String(piece);
  return piece ? piece.map(written).join('') : '';
};

const withoutIndents = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The parts of a template as they go into the file: indents are for those who read the source. */
function partsOf(template: TemplateStringsArray): readonly string[] {
  const known = withoutIndents.get(template);
  if (known) return known;
  const parts = template.map((part) => part.replace(/\n\s+/g, '\n'));
  withoutIndents.set(template, parts);
  return parts;
}

/** Joins markup with values; strings from anywhere are escaped for text and for quoted attributes. */
export const markup = (template: TemplateStringsArray, ...values: readonly Piece[]): Html =>
  new Html(partsOf(template).reduce((text, part, i) => text + written(values[i - 1]) + part));

/** Whole percent as a class that sets the width: the policy of the page forbids style attributes. */
export const widthClass = (share: number): string => `w${Math.round(Math.min(1, Math.max(0, share)) * 100)}`;
