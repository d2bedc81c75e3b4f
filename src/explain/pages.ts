import { Type } from '@sinclair/typebox';
import { envelope } from '../../compiler/run/schema.ts';

const strict = { additionalProperties: false } as const;

/** What `explain` says of a message. */
const CodePageData = Type.Object(
  {
    code: Type.String(),
    title: Type.String(),
    exit: Type.Integer(),
    wrong: Type.String(),
    right: Type.String(),
    why: Type.String(),
  },
  strict,
);

/** What it says of a term of the glossary. */
const TermData = Type.Object(
  {
    term: Type.String(),
    sentence: Type.String(),
    formula: Type.Optional(Type.String()),
    unit: Type.Optional(Type.String()),
    where: Type.String(),
    see: Type.Optional(Type.Array(Type.String())),
  },
  strict,
);

const AdviceData = Type.Object({ subject: Type.String(), text: Type.String() }, strict);

/** What there is to explain. */
const ListData = Type.Object(
  {
    terms: Type.Array(Type.String()),
    codes: Type.Array(Type.Object({ code: Type.String(), title: Type.String(), exit: Type.Integer() }, strict)),
    advice: Type.Array(Type.String()),
  },
  strict,
);

/** `netloom explain --json` for anything but a layer. */
export const PageDocument = envelope('netloom/page@1', Type.Union([CodePageData, TermData, AdviceData, ListData]));
