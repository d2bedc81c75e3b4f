import { Type, type TUnsafe } from '@sinclair/typebox';
import { unitsOf, type Dimension } from '../../src/base/units.ts';

/**
 * Fields of machine files. A number stands there by itself ("34 GB/s", 256) or with where it comes from
 * ({ "value": "34 GB/s", "source": "...", "note": "..." }). After reading, it is a plain number in the base unit.
 */
export interface FieldHints {
  readonly dimension: Dimension | 'count';
  readonly low: number;
  readonly high: number;
  /** True for things that are counted one by one. */
  readonly integer?: true;
}

/** The key under which a field's schema keeps its dimension and range, in the base unit. */
export const fieldKey = 'x-netloom';

/** Most characters of a source or a note. */
export const longestText = 2000;

const text = { type: 'string', maxLength: longestText } as const;

const field = (doc: string, bare: object, hints: FieldHints): TUnsafe<number> =>
  Type.Unsafe<number>({
    description: doc,
    anyOf: [
      bare,
      {
        type: 'object',
        properties: { value: bare, source: { ...text, minLength: 1 }, note: text },
        required: ['value', 'source'],
        additionalProperties: false,
      },
    ],
    [fieldKey]: hints,
  });

/** What `parseQuantity` accepts, for the published schema: JSON Schema can hold the form and the unit, not the range. */
const quantityPattern = (dimension: Dimension): string =>
  `^[0-9]{1,15}(\\.[0-9]{1,15})?(e[+-]?[0-9]{1,3})? ?(${unitsOf(dimension).join('|')})$`;

/** A number with a unit, such as "34 GB/s"; low and high are in the base unit of the dimension. */
export const measured = (dimension: Dimension, doc: string, low: number, high: number): TUnsafe<number> =>
  field(
    `${doc}; in ${unitsOf(dimension).slice(0, 8).join(', ')}`,
    { type: 'string', maxLength: 40, minLength: 1, pattern: quantityPattern(dimension) },
    { dimension, low, high },
  );

/** A whole number of things. */
export const whole = (doc: string, low = 1, high = 2 ** 40): TUnsafe<number> =>
  field(doc, { type: 'integer', minimum: low, maximum: high }, { dimension: 'count', low, high, integer: true });

/** A number without a unit. */
export const plain = (doc: string, low: number, high: number): TUnsafe<number> =>
  field(doc, { type: 'number', minimum: low, maximum: high }, { dimension: 'count', low, high });

/** A share between 0 and 1. */
export const share = (doc: string): TUnsafe<number> => plain(doc, 0, 1);

export const name = (doc: string): ReturnType<typeof Type.String> =>
  Type.String({ description: doc, minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._ -]*$' });

export const prose = (doc: string): ReturnType<typeof Type.String> =>
  Type.String({ description: doc, maxLength: 2000 });

export const words = <const W extends readonly string[]>(doc: string, list: W): TUnsafe<W[number]> =>
  Type.Unsafe<W[number]>({ description: doc, type: 'string', enum: [...list] });
